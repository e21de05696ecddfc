"""All pairs of sentences that are alike, by sparse matrix products.

Candidates share a run of two to four content words that at most 64 different sentences have, or two such single words.
Two sentences that share nothing rarer are made of stock phrases. The time is about linear in the number of sentences
for that reason. Words are numbers of four bytes and runs are sorted a block at a time: a million sentences fit.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import add
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from antiphon.library.leakage.paraphrases.sentences import content_words

ALIKE = 0.6
MAX_SHARED_BY = 64
LONGEST_RUN = 4
LONG_SENTENCE = 12
CHUNK = 4096
SORTED_AT_ONCE = 1 << 20
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)

Int32 = NDArray[np.int32]
Scores = NDArray[np.float64]


def alike_pairs(texts: Sequence[str]) -> tuple[Int32, Scores]:
    """((m, 2) positions i < j of alike sentences, ascending in i, and (m,) their likeness)."""
    words, lengths = _numbered(texts)
    runs = _rare_runs(words, lengths)
    bags = _bags(words, lengths)
    sizes = np.diff(bags.indptr)
    found, scores = array("i"), array("d")
    for pairs in _candidates(runs, sizes):
        left, right = pairs[:, 0], pairs[:, 1]
        shared = np.asarray(bags[left].multiply(bags[right]).sum(axis=1)).ravel()
        score = 2 * shared / (sizes[left] + sizes[right])
        good = score >= ALIKE - 1e-9
        found.frombytes(pairs[good].tobytes())
        scores.frombytes(score[good].tobytes())
    return np.frombuffer(found, np.int32).reshape(-1, 2), np.frombuffer(scores, np.float64)


def _numbered(texts: Iterable[str]) -> tuple[Int32, Int32]:
    """Content words of all sentences as one array of numbers, and how many each sentence has."""
    numbers: dict[str, int] = {}
    flat, lengths = array("i"), array("i")
    for text in texts:
        words = content_words(text)
        flat.extend([numbers.setdefault(word, len(numbers)) for word in words])
        lengths.append(len(words))
    return np.frombuffer(flat, np.int32), np.frombuffer(lengths, np.int32)


def _bags(words: Int32, lengths: Int32) -> sparse.csr_matrix:
    """(sentences × words) matrix of the different words of each sentence. Takes ``words`` over, and sorts them."""
    starts = np.concatenate([[0], np.cumsum(lengths)])
    shape = (len(lengths), int(words.max(initial=0)) + 1)
    bags = sparse.csr_matrix((np.ones(len(words), np.int8), words, starts), shape=shape)
    bags.sum_duplicates()
    bags.data[:] = 1
    return bags


def _rare_runs(words: Int32, lengths: Int32) -> list[sparse.csr_matrix]:
    """For runs of 1 … 4 words a (sentences × runs) matrix of those that 2 … 64 sentences have: 1 for a word, else 2."""
    owner = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
    codes = words.astype(np.uint64)
    found = []
    for n in range(LONGEST_RUN):
        if n:
            codes = codes[:-1]
            codes *= MULTIPLIER
            codes += words[n:].view(np.uint32)
            codes += np.uint64(1)
        rows, columns = array("i"), array("i")
        known = 0
        for block in _blocks(codes, owner[: len(codes)] == owner[n:]):
            holders, runs = _rare(codes[block], owner[block])
            rows.frombytes(holders.tobytes())
            columns.frombytes((runs + known).astype(np.int32).tobytes())
            known += int(runs.max(initial=-1)) + 1
        held = np.frombuffer(rows, np.int32), np.frombuffer(columns, np.int32)
        weights = np.full(len(rows), 2 if n else 1, np.int32)
        found.append(sparse.csr_matrix((weights, held), shape=(len(lengths), known)))
    return found


def _blocks(codes: NDArray[np.uint64], usable: NDArray[np.bool_]) -> Iterator[NDArray[np.int64]]:
    """Positions of the usable codes in order, equal codes in one block."""
    number = len(codes) // SORTED_AT_ONCE + 1
    blocks = np.empty(len(codes), np.uint16)
    for start in range(0, len(codes), SORTED_AT_ONCE):
        some = slice(start, start + SORTED_AT_ONCE)
        blocks[some] = codes[some] % np.uint64(number)
    for i in range(number):
        yield np.flatnonzero(usable & (blocks == i))


def _rare(codes: NDArray[np.uint64], owner: Int32) -> tuple[Int32, NDArray[np.int64]]:
    """(sentence, number of the code) of each code that 2 … 64 sentences have; sentences ascend in ``owner``."""
    order = np.argsort(codes, kind="stable")
    codes, owner = codes[order], owner[order]
    starts = np.ones(len(codes), bool)
    starts[1:] = codes[1:] != codes[:-1]
    once = starts.copy()  # a run that stands twice in one sentence counts once
    once[1:] |= owner[1:] != owner[:-1]
    number = (np.cumsum(starts) - 1)[once]
    holders = np.bincount(number)
    rare = (holders >= 2) & (holders <= MAX_SHARED_BY)
    kept = rare[number]
    return owner[once][kept], (np.cumsum(rare) - 1)[number[kept]]


def _candidates(runs: Sequence[sparse.csr_matrix], sizes: NDArray[Any]) -> Iterator[Int32]:
    """Blocks of (m, 2) positions i < j whose shared runs weigh 2, or 4 where both sentences are long."""
    holders = [held.T.tocsr() for held in runs]
    for held in holders:
        held.data[:] = 1
    for start in range(0, len(sizes), CHUNK):
        products = [held[start : start + CHUNK] @ of for held, of in zip(runs, holders, strict=True)]
        product = reduce(add, products).tocoo()
        left, right = product.row.astype(np.int32) + np.int32(start), product.col.astype(np.int32)
        shorter = np.minimum(sizes[left], sizes[right])
        possible = 2 * shorter >= ALIKE * (sizes[left] + sizes[right])
        enough = product.data >= np.where(shorter >= LONG_SENTENCE, 4, 2)
        kept = (left < right) & possible & enough
        yield np.stack([left[kept], right[kept]], axis=1)
