"""What the search index is compared with: each engine builds from vectors on disk, and is asked for ten tracks.

A folder holds ``vectors.npy`` ((n, 256) float32, unit length) and ``asked.npz`` (queries, and a column to filter by).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from antiphon.search.filters.evaluate import TrackFilter

D, K, FILTERED = 256, 10, 20
ROWS = 5000
"""Rows that go in at once, where an engine takes some at a time."""
SHARES = (0.5, 0.05, 0.001)
"""Of tracks that a filter allows, each asked with FILTERED queries."""
Ask = Callable[[np.ndarray, float | None], np.ndarray]
"""(query, share of the tracks that a filter allows) → places of ten tracks."""
Told = Callable[[str], None]
"""Takes in how far a build has come: what is said of one that is stopped."""


class Antiphon:
    """The index as ``antiphon index`` writes it, exact or with lists."""

    def __init__(self, folder: Path, place: Path, *, lists: bool) -> None:
        self.folder, self.place, self.lists = folder, place, lists

    def build(self, told: Told) -> None:
        import pyarrow as pa

        from antiphon.library.files import write_parquet
        from antiphon.library.tracks import TRACK_COLUMNS, save_tables
        from antiphon.search.indexes.approximate import Lists, made_lists, write_lists
        from antiphon.search.indexes.exact import COLUMNS, FORMAT, ROW, SOURCES
        from antiphon.search.indexes.nearest import best_of
        from antiphon.search.indexes.recall import measure_probes

        target = self.place / "index"
        target.mkdir()
        shutil.copy(self.folder / "vectors.npy", target / "vectors-0.npy")
        vectors = np.load(target / "vectors-0.npy", mmap_mode="r")
        n = len(vectors)
        names = pa.array([f"track {row}" for row in range(n)])
        captions = pa.table({name: pa.array([], pa.string()) for name in ("caption_id", "track_id", "text", "kind")})
        save_tables(self.place, pa.table(dict.fromkeys(TRACK_COLUMNS, names)), captions, {})
        share = pa.array(np.load(self.folder / "asked.npz")["column"])
        write_parquet(self.place / "metadata.parquet", pa.table({"track_id": names, "share": share}))
        told("the library's tables are written")
        table = pa.table(dict.fromkeys(COLUMNS, names) | {ROW: pa.array(np.arange(n))})
        with pa.ipc.new_file(str(target / "tracks-0.arrow"), table.schema) as writer:
            writer.write_table(table)
        np.save(target / "hashes-0.npy", np.zeros(n, np.uint64))
        about: dict[str, Any] = {
            "format": FORMAT, "vectors": "vectors-0.npy", "tracks": "tracks-0.arrow", "hashes": "hashes-0.npy",
            "shape": [n, D], "changes": {}, "made_from": dict.fromkeys(SOURCES, ""),
        }  # fmt: skip
        if self.lists:
            made, path = made_lists(vectors), target / "lists-0.faiss"
            told("the lists are made")
            with path.open("wb") as stream:
                write_lists(stream, made)
            queries = np.load(self.folder / "asked.npz")["queries"][::-1]

            def answers(query: np.ndarray, probes: int) -> np.ndarray:
                return best_of(vectors, query, K, np.sort(Lists(path, probes).candidates(query, K))).places

            found = measure_probes(vectors, queries[:40], answers, made.nlist)
            probes = made.nlist if found is None else found.probes
            about["approximate"] = {"file": path.name, "bytes": path.stat().st_size, "probes": probes}
        (target / "index.json").write_text(json.dumps(about))

    def open(self) -> Ask:
        from antiphon.search.indexes.exact import open_index

        index = open_index(self.place)
        tracks = cache(_filter_of)

        def ask(query: np.ndarray, share: float | None) -> np.ndarray:
            allowed = None if share is None else tracks(self.place).allowed(f"share < {share}")[index.rows]
            found = index.nearest(query, K, allowed=allowed)
            index.described(found.places.tolist())
            return found.places

        return ask


def _filter_of(root: Path) -> TrackFilter:
    from antiphon.library.tracks import Library
    from antiphon.search.filters.evaluate import TrackFilter

    return TrackFilter(Library(root))


class Faiss:
    """faiss alone: no names beside the vectors, and the whole index in memory."""

    def __init__(self, folder: Path, place: Path, *, kind: str) -> None:
        self.folder, self.place, self.kind = folder, place, kind

    def build(self, told: Told) -> None:
        import faiss

        vectors = np.load(self.folder / "vectors.npy")
        index = faiss.index_factory(D, self.kind, faiss.METRIC_INNER_PRODUCT)
        index.train(vectors)
        told("trained")
        for start in range(0, len(vectors), ROWS):
            index.add(vectors[start : start + ROWS])
            told(f"{min(start + ROWS, len(vectors)):,} of {len(vectors):,} vectors added")
        faiss.write_index(index, str(self.place / "index.faiss"))

    def open(self) -> Ask:
        import faiss

        index, column = faiss.read_index(str(self.place / "index.faiss")), np.load(self.folder / "asked.npz")["column"]

        def ask(query: np.ndarray, share: float | None) -> np.ndarray:
            options: dict[str, Any] = (
                {} if share is None else {"sel": faiss.IDSelectorBatch(np.flatnonzero(column < share))}
            )
            if self.kind.startswith("IVF"):
                options["nprobe"] = 32
            kinds = {"I": faiss.IVFSearchParameters, "H": faiss.SearchParametersHNSW, "F": faiss.SearchParameters}
            if self.kind.startswith("HNSW"):
                options["efSearch"] = 128
            return index.search(query[None], K, params=kinds[self.kind[0]](**options))[1][0]

        return ask


class Lance:
    """LanceDB, embedded: exact, or with its own default index."""

    def __init__(self, folder: Path, place: Path, *, indexed: bool) -> None:
        self.folder, self.place, self.indexed = folder, place, indexed

    def build(self, told: Told) -> None:
        import lancedb
        import pyarrow as pa

        vectors, column = np.load(self.folder / "vectors.npy"), np.load(self.folder / "asked.npz")["column"]
        lists = pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), D)
        table = pa.table({"id": np.arange(len(vectors)), "share": column, "vector": lists})
        made = lancedb.connect(str(self.place)).create_table("tracks", table)
        told("the table is written")
        if self.indexed:
            made.create_index(metric="dot", vector_column_name="vector", index_type="IVF_HNSW_SQ")

    def open(self) -> Ask:
        import lancedb

        table = lancedb.connect(str(self.place)).open_table("tracks")

        def ask(query: np.ndarray, share: float | None) -> np.ndarray:
            search = table.search(query).distance_type("dot").select(["id"]).limit(K)
            if self.indexed:
                search = search.nprobes(20).refine_factor(10)
            if share is not None:
                search = search.where(f"share < {share}", prefilter=True)
            return search.to_arrow()["id"].to_numpy()

        return ask


class MilvusLite:
    """Milvus Lite through pymilvus, its default index."""

    def __init__(self, folder: Path, place: Path) -> None:
        self.folder, self.place = folder, place

    def build(self, told: Told) -> None:
        from pymilvus import DataType, MilvusClient

        client = MilvusClient(str(self.place / "tracks.db"))
        schema = client.create_schema(auto_id=False)
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("share", DataType.DOUBLE)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=D)
        params = client.prepare_index_params()
        params.add_index("vector", index_type="AUTOINDEX", metric_type="IP")
        client.create_collection("tracks", schema=schema, index_params=params)
        vectors, column = (
            np.load(self.folder / "vectors.npy", mmap_mode="r"),
            np.load(self.folder / "asked.npz")["column"],
        )
        for start in range(0, len(vectors), ROWS):
            rows = enumerate(zip(column[start : start + ROWS], vectors[start : start + ROWS], strict=True), start)
            client.insert("tracks", [{"id": at, "share": float(s), "vector": v.tolist()} for at, (s, v) in rows])
            told(f"{min(start + ROWS, len(vectors)):,} of {len(vectors):,} rows inserted")
        client.flush("tracks")
        client.close()

    def open(self) -> Ask:
        from pymilvus import MilvusClient

        client = MilvusClient(str(self.place / "tracks.db"))
        client.load_collection("tracks")

        def ask(query: np.ndarray, share: float | None) -> np.ndarray:
            where = "" if share is None else f"share < {share}"
            return np.array([hit["id"] for hit in client.search("tracks", [query.tolist()], limit=K, filter=where)[0]])

        return ask


ENGINES: dict[str, Callable[[Path, Path], Any]] = {
    "antiphon exact": lambda f, p: Antiphon(f, p, lists=False),
    "antiphon lists": lambda f, p: Antiphon(f, p, lists=True),
    "faiss Flat": lambda f, p: Faiss(f, p, kind="Flat"),
    "faiss IVF1024,SQ8": lambda f, p: Faiss(f, p, kind="IVF1024,SQ8"),
    "faiss HNSW32": lambda f, p: Faiss(f, p, kind="HNSW32"),
    "lancedb exact": lambda f, p: Lance(f, p, indexed=False),
    "lancedb IVF_HNSW_SQ": lambda f, p: Lance(f, p, indexed=True),
    "milvus-lite": MilvusLite,
}
NEEDS = {"faiss": "faiss-cpu", "lancedb": "lancedb", "milvus-lite": "milvus-lite", "antiphon": "antiphon"}
