"""Inverted lists over the vectors of a large index, through faiss: a query looks into the nearest lists alone.

The lists hold each vector in one byte a number, and give candidates; those are scored again with the index's own
vectors, so that a score is the exact one. How much is found is measured when the lists are made
(:mod:`antiphon.search.indexes.recall`). Tracks come and go without training anew, until the index has doubled.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import math
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from antiphon.search.indexes.nearest import Allowed, Float32

LOG = logging.getLogger(__name__)
EXACT_BYTES = 256 << 20
"""Bytes of vectors up to which an index is exact: one pass over as many takes about 30 ms on one core."""
LEAST_CANDIDATES, CANDIDATES = 100, 10
"""Candidates of a query: at least so many, and so many for each answer."""
SAMPLES = 40
"""Vectors of each list that the lists are trained on."""
GROWTH = 2
"""By how much an index may grow before its lists are trained anew."""
BLOCK = 1 << 15
SEED = 1234
Places = NDArray[np.int64]


def has_faiss() -> bool:
    """Whether the extra ``search`` is installed."""
    return importlib.util.find_spec("faiss") is not None


def _faiss() -> Any:
    """The package; loading it takes 0.1 s, so it is loaded where it is used."""
    return importlib.import_module("faiss")


def lists_for(n: int) -> int:
    """How many lists n vectors are dealt out to: the power of two nearest to twice the root of n."""
    return 1 << round(math.log2(max(1.0, 2 * math.sqrt(n))))


def made_lists(vectors: Float32) -> Any:
    """A faiss index of vectors, whose ids are their places.

    Parameters
    ----------
    vectors : (n, d), may be memory-mapped.
    """
    faiss = _faiss()
    n, d = vectors.shape
    count = lists_for(n)
    lists = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(d), d, count, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    lists.cp.seed = SEED
    lists.cp.min_points_per_centroid = 1
    sample = np.sort(np.random.default_rng(SEED).permutation(n)[: SAMPLES * count])
    lists.train(np.ascontiguousarray(vectors[sample]))
    _add(lists, vectors, np.arange(n))
    return lists


def updated_lists(path: Path, vectors: Float32, before: Places) -> Any | None:
    """The lists of an earlier index, brought up to date; None where they cannot be, or were trained on too few.

    Parameters
    ----------
    path : of the earlier lists.
    vectors : (n, d) of the new index.
    before : (n,) each vector's place in the earlier index, −1 for those that it has not.
    """
    faiss = _faiss()
    try:
        lists = faiss.read_index(str(path))
    except RuntimeError:
        return None
    n_before, n = lists.ntotal, len(before)
    if lists.d != vectors.shape[1] or lists_for(n) >= GROWTH * lists.nlist or before.max(initial=-1) >= n_before:
        return None
    place_now = np.full(n_before, -1, np.int64)
    place_now[before[before >= 0]] = np.flatnonzero(before >= 0)
    lists.remove_ids(faiss.IDSelectorBatch(np.flatnonzero(place_now < 0)))
    for number in range(lists.nlist):
        size = lists.invlists.list_size(number)
        if size:
            ids = faiss.rev_swig_ptr(lists.invlists.get_ids(number), size)
            ids[:] = place_now[ids]
    _add(lists, vectors, np.flatnonzero(before < 0))
    return lists


def _add(lists: Any, vectors: Float32, places: Places) -> None:
    for start in range(0, len(places), BLOCK):
        some = places[start : start + BLOCK]
        lists.add_with_ids(np.ascontiguousarray(vectors[some]), some)


def write_lists(stream: BinaryIO, lists: Any) -> None:
    """As faiss writes an index."""
    faiss = _faiss()
    faiss.write_index(lists, faiss.PyCallbackIOWriter(stream.write, 1 << 20))


class Lists:
    """Inverted lists on disk, memory-mapped: a query reads the lists that it looks into.

    Parameters
    ----------
    path : of the file.
    probes : lists that a query looks into.
    """

    def __init__(self, path: Path, probes: int) -> None:
        self._path = path
        self._probes = probes

    @cached_property
    def _opened(self) -> Any | None:
        faiss = _faiss()
        try:
            return faiss.read_index(str(self._path), faiss.IO_FLAG_MMAP)
        except RuntimeError as error:
            first = str(error).splitlines()[0]
            LOG.warning("%s is damaged, answers take longer (%s): antiphon index --anew", self._path, first)
            return None

    def candidates(self, query: Float32, k: int, allowed: Allowed | None = None) -> Places:
        """Places of vectors that may be the k nearest, in no order: none where the file is damaged.

        Under a filter more lists are looked into, as many as it takes to meet as many vectors.
        """
        faiss, lists = _faiss(), self._opened
        if lists is None:
            return np.empty(0, np.int64)
        share = 1.0 if allowed is None else max(float(allowed.mean()), 1 / lists.ntotal)
        probes = min(lists.nlist, math.ceil(self._probes / share))
        parameters = faiss.IVFSearchParameters(nprobe=probes)
        if allowed is not None:
            bits = np.packbits(allowed, bitorder="little")
            parameters.sel = faiss.IDSelectorBitmap(len(allowed), faiss.swig_ptr(bits))
        count = min(lists.ntotal, max(LEAST_CANDIDATES, CANDIDATES * k))
        _, found = lists.search(np.ascontiguousarray(query[None], np.float32), count, params=parameters)
        places: Places = found[0][found[0] >= 0]
        return places
