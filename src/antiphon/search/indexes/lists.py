"""Whether an index gets inverted lists, and what is said of them: how good they are, or why there are none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from antiphon.library.files import write_atomically
from antiphon.library.tracks import Library
from antiphon.search.indexes.approximate import Lists, has_faiss, made_lists, updated_lists, write_lists
from antiphon.search.indexes.exact import open_vectors
from antiphon.search.indexes.nearest import Float32, best_of
from antiphon.search.indexes.projection import Projection
from antiphon.search.indexes.recall import K, Measured, Places, Queries, measure_probes, queries_of

STILL_GOOD = 0.96
"""Recall of lists that were brought up to date below which new ones are trained."""
NOT_INSTALLED = "faiss is not installed: pip install 'antiphon[search]', then antiphon index"


def with_lists(
    folder: Path, about: dict[str, Any], library: Library, projection: Projection, exact_bytes: int
) -> dict[str, Any]:
    """Write the lists of an index whose vectors are written already, if they are more than ``exact_bytes``.

    Returns
    -------
    ``approximate`` (file, bytes, lists, probes, recall@10, and on how many queries of which kind), or for a large index
    without lists ``exact_because``, a sentence; neither for one that is small enough to be exact.
    """
    vectors = open_vectors(folder, about)
    if vectors.nbytes <= exact_bytes:
        return {}
    if not has_faiss():
        return {"exact_because": NOT_INSTALLED}
    path = folder / about["vectors"].replace("vectors-", "lists-").replace(".npy", ".faiss")
    queries = queries_of(library, projection.bundle, vectors)
    lists = _updated(folder, vectors, projection)
    found = None if lists is None else _written(path, lists, vectors, queries)
    if lists is None or found is None or found.recall < STILL_GOOD:
        lists = made_lists(vectors)
        found = _written(path, lists, vectors, queries)
    if found is None:
        path.unlink()
        return {"exact_because": "inverted lists find too little of the exact answer here"}
    said = {"lists": lists.nlist, "probes": found.probes, "recall@10": round(found.recall, 4)}
    asked = {"queries": len(queries.vectors) - len(queries.vectors) // 2, "asked": queries.asked}
    return {"approximate": {"file": path.name, "bytes": path.stat().st_size, **said, **asked}}


def _updated(folder: Path, vectors: Float32, projection: Projection) -> Any | None:
    """The lists of the index before, brought up to date, if it has some that can be."""
    earlier = projection.earlier
    said = None if earlier is None else earlier.index.about.get("approximate")
    return None if said is None else updated_lists(folder / said["file"], vectors, projection.before)


def _written(path: Path, lists: Any, vectors: Float32, queries: Queries) -> Measured | None:
    """Write lists, and find out how good they are as they are read."""
    write_atomically(path, lambda stream: write_lists(stream, lists))

    def answers(query: Float32, probes: int) -> Places:
        return best_of(vectors, query, K, np.sort(opened(probes).candidates(query, K))).places

    by_probes: dict[int, Lists] = {}

    def opened(probes: int) -> Lists:
        return by_probes.setdefault(probes, Lists(path, probes))

    return measure_probes(vectors, queries.vectors, answers, lists.nlist)
