"""Which texts are identical, without keeping a second copy of a million of them: by a hash of 128 bits."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antiphon.texts import normalised_text

HASH_BYTES = 16


@dataclass(frozen=True, kw_only=True)
class DistinctTexts:
    """Texts, numbered from 0 in the order in which they first stand; identical ones have one number.

    Parameters
    ----------
    number : (n,) of each text.
    first : (m,) where the text of each number stands first, ascending.
    """

    number: NDArray[np.int64]
    first: NDArray[np.int64]

    @property
    def counts(self) -> NDArray[np.int64]:
        """(m,) how many texts have each number."""
        return np.bincount(self.number, minlength=len(self.first))


def distinct_texts(texts: Sequence[str]) -> DistinctTexts:
    """Number texts; two are identical where :func:`~antiphon.texts.normalised_text` makes them so."""
    high, low = _hashes(texts)
    order = np.lexsort((low, high))
    high, low = high[order], low[order]
    starts = np.ones(len(order), bool)
    starts[1:] = (high[1:] != high[:-1]) | (low[1:] != low[:-1])
    first = order[starts]  # sorting is stable: the first of each is the one that stands first
    by_place = np.argsort(first)
    rank = np.empty(len(first), np.int64)
    rank[by_place] = np.arange(len(first))
    number = np.empty(len(order), np.int64)
    number[order] = rank[np.cumsum(starts) - 1]
    return DistinctTexts(number=number, first=first[by_place])


def _hashes(texts: Sequence[str]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Two halves of each text's hash."""
    digests = bytearray()
    for text in texts:
        key = normalised_text(text).encode("utf-8", "surrogatepass")
        digests += hashlib.blake2b(key, digest_size=HASH_BYTES).digest()
    halves = np.frombuffer(bytes(digests), np.uint64).reshape(-1, 2)
    return halves[:, 0], halves[:, 1]
