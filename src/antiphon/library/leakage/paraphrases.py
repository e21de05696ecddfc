"""Which captions are so alike that their tracks must share a split. See docs/decisions/paraphrases.md.

Conventions. Only sentences count: at least six words, with a run of at least four between commas; "cello" or "jazz,
bright, elegant" is a label, and every track that carries it is a correct answer. Two sentences are alike when the Dice
coefficient 2·|A ∩ B| / (|A| + |B|) of their sets of content words is at least 0.6. A sentence that is alike to those of
more than 16 other groups is a description class (a template, a stock phrase), no leak, and joins nothing. Merging is
complete-linkage among sentences, and no merged set spans more than 16 groups: likeness never chains.

Candidates share a run of two to four content words that at most 64 different sentences have, or two such single words.
Two sentences that share nothing rarer are made of stock phrases. The time is about linear in the number of sentences
for that reason.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from antiphon.library.leakage.groups import Forest, Join
from antiphon.library.tracks import normalised_text

MIN_WORDS = 6
MIN_RUN = 4
ALIKE = 0.6
MAX_GROUPS = 16
MAX_SHARED_BY = 64
LONGEST_RUN = 4
LONG_SENTENCE = 12
CHUNK = 4096
SHOWN = 90

# One character of a script without spaces counts as half a word.
IDEOGRAPH = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\u0e00-\u0e7f"
WORD = re.compile(rf"[{IDEOGRAPH}]|[^\W{IDEOGRAPH}]+(?:'\w+)?")
PHRASE_END = re.compile(r"[,;|/•\n、，；]+")
FIRST_IDEOGRAPH = re.compile(rf"[{IDEOGRAPH}]")
# Function words of English and the words that open every description of music.
STOCK = frozenset(
    [
        *("a", "an", "the", "of", "in", "on", "at", "to", "for", "with", "and", "or", "as", "by", "from", "like"),
        *("is", "are", "was", "be", "it", "its", "this", "that", "there", "can", "could", "would"),
        *("song", "music", "piece", "track"),
    ]
)

Pairs = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Paraphrases:
    """What was found.

    Parameters
    ----------
    joins : tracks that must share a split, and the two captions that say so.
    sentences : how many different captions were compared.
    classes : sentences that are alike to those of too many groups, with the number of groups, most first.
    refused : alike pairs that were not joined because the merged set would have spanned too many groups.
    """

    joins: list[Join]
    sentences: int
    classes: list[tuple[str, int]]
    refused: int


def words_of(text: str) -> list[str]:
    """The words of a text in order, case folded; characters of scripts without spaces one by one."""
    return WORD.findall(normalised_text(text).replace("’", "'"))


def is_sentence(text: str) -> bool:
    """Whether a caption is long enough to be about one piece of music, rather than a label or a list of tags."""
    return _length(text) >= MIN_WORDS and max(map(_length, PHRASE_END.split(text))) >= MIN_RUN


def _length(text: str) -> float:
    words = words_of(text)
    if text.isascii():
        return len(words)
    return sum(0.5 if FIRST_IDEOGRAPH.match(word) else 1.0 for word in words)


def likeness(a: str, b: str) -> float:
    """Dice coefficient of the content words of two texts, 0 … 1."""
    left, right = set(content_words(a)), set(content_words(b))
    return 2 * len(left & right) / max(1, len(left) + len(right))


def content_words(text: str) -> list[str]:
    """The words of a text without those that stand in any description; all of them where nothing else is left."""
    words = words_of(text)
    return [word for word in words if word not in STOCK] or words


def lexical_joins(track_ids: Sequence[str], texts: Sequence[str], groups: Sequence[str]) -> Paraphrases:
    """Find tracks whose captions paraphrase one another.

    Parameters
    ----------
    track_ids, texts, groups : (n,) for each caption its track, its text, and the group its track is in already.
    """
    holders: dict[str, dict[str, str]] = {}
    original: dict[str, str] = {}
    for track_id, text, group in zip(track_ids, texts, groups, strict=True):
        key = normalised_text(text)
        if key not in holders:
            holders[key] = {}
            original[key] = text
        holders[key].setdefault(group, track_id)
    keys = [key for key in holders if is_sentence(key)]
    owners = [holders[key] for key in keys]
    pairs, scores = alike_pairs(keys)
    near = _neighbour_groups(owners, pairs)
    single = near <= MAX_GROUPS
    order = np.argsort(-near, kind="stable")
    classes = [(original[keys[i]], int(near[i])) for i in order if not single[i]]
    joins, refused = _link([original[key] for key in keys], owners, pairs, scores, single)
    return Paraphrases(joins=joins, sentences=len(keys), classes=classes, refused=refused)


def alike_pairs(keys: Sequence[str]) -> tuple[Pairs, NDArray[np.float64]]:
    """((m, 2) positions i < j of alike sentences, (m,) their likeness), most alike first."""
    if len(keys) < 2:
        return np.empty((0, 2), np.int64), np.empty(0)
    words, lengths = _numbered(keys)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    runs = _rare_runs(words, lengths, starts)
    rows = np.repeat(np.arange(len(keys)), lengths)
    size = int(words.max(initial=0)) + 1
    bags = sparse.csr_matrix((np.ones(len(words), np.int32), (rows, words)), shape=(len(keys), size))
    bags.data[:] = 1
    sizes = np.asarray(bags.sum(axis=1)).ravel()
    found: list[Pairs] = [np.empty((0, 2), np.int64)]
    scores: list[NDArray[np.float64]] = [np.empty(0)]
    for pairs in _candidates(runs, sizes):
        left, right = pairs[:, 0], pairs[:, 1]
        shared = np.asarray(bags[left].multiply(bags[right]).sum(axis=1)).ravel()
        score = 2 * shared / (sizes[left] + sizes[right])
        good = score >= ALIKE - 1e-9
        found.append(pairs[good])
        scores.append(score[good])
    all_pairs, all_scores = np.concatenate(found), np.concatenate(scores)
    order = np.lexsort((all_pairs[:, 1], all_pairs[:, 0], -all_scores))
    return all_pairs[order], all_scores[order]


def _numbered(keys: Sequence[str]) -> tuple[Pairs, Pairs]:
    """Content words of all sentences as one array of numbers, and how many each sentence has."""
    numbers: dict[str, int] = {}
    bags = [content_words(key) for key in keys]
    flat = [numbers.setdefault(word, len(numbers)) for bag in bags for word in bag]
    return np.array(flat, np.int64), np.array([len(bag) for bag in bags], np.int64)


def _rare_runs(words: Pairs, lengths: Pairs, starts: Pairs) -> sparse.csr_matrix:
    """(sentences × runs) matrix of the runs of 1 … 4 words that 2 … 64 sentences have: 1 for a word, 2 for more."""
    owner = np.repeat(np.arange(len(lengths)), lengths)
    room = np.repeat(starts[1:], lengths) - np.arange(len(words))
    codes = words.astype(np.uint64)
    rows, keys = [owner], [codes * np.uint64(LONGEST_RUN)]
    for n in range(1, LONGEST_RUN):
        codes = codes[: len(words) - n] * np.uint64(0x9E3779B97F4A7C15) + words[n:].astype(np.uint64) + np.uint64(1)
        fits = room[: len(codes)] > n
        rows.append(owner[: len(codes)][fits])
        keys.append(codes[fits] * np.uint64(LONGEST_RUN) + np.uint64(n))
    unique, column = np.unique(np.concatenate(keys), return_inverse=True)
    table = sparse.csr_matrix((np.ones(len(column), np.int32), (np.concatenate(rows), column)))
    table.resize(len(lengths), table.shape[1])
    counts = np.bincount(table.indices, minlength=table.shape[1])
    table.data[:] = np.where(unique % np.uint64(LONGEST_RUN) == 0, 1, 2)[table.indices]
    return table[:, (counts >= 2) & (counts <= MAX_SHARED_BY)]


def _candidates(runs: sparse.csr_matrix, sizes: NDArray[Any]) -> Iterator[Pairs]:
    """Blocks of (m, 2) positions i < j whose shared runs weigh 2, or 4 where both sentences are long."""
    transposed = runs.T.tocsr()
    transposed.data[:] = 1
    for start in range(0, runs.shape[0], CHUNK):
        product = (runs[start : start + CHUNK] @ transposed).tocoo()
        left, right = product.row.astype(np.int64) + start, product.col.astype(np.int64)
        shorter = np.minimum(sizes[left], sizes[right])
        possible = 2 * shorter >= ALIKE * (sizes[left] + sizes[right])
        enough = product.data >= np.where(shorter >= LONG_SENTENCE, 4, 2)
        kept = (left < right) & possible & enough
        yield np.stack([left[kept], right[kept]], axis=1)


def _neighbour_groups(owners: Sequence[dict[str, str]], pairs: Pairs) -> NDArray[np.int64]:
    """For each sentence the number of groups that have it or one alike."""
    near = [set(groups) for groups in owners]
    for left, right in pairs.tolist():
        near[left].update(owners[right])
        near[right].update(owners[left])
    return np.array([len(groups) for groups in near], np.int64)


def _link(
    texts: Sequence[str], owners: Sequence[dict[str, str]], pairs: Pairs, scores: NDArray[np.float64], single: Mask
) -> tuple[list[Join], int]:
    """Merge from the most alike down: complete linkage among sentences, a limit on the groups that a set spans."""
    linked = _Clusters()
    joins: list[Join] = []
    refused = 0
    for i in np.flatnonzero(single).tolist():
        for first, second in zip(owners[i], list(owners[i])[1:], strict=False):
            if linked.join_groups(first, second):
                evidence = f"both: {_short(texts[i])}"
                joins.append(_join(owners[i][first], owners[i][second], "identical caption", evidence))
            else:
                refused += linked.refused
    usable = single[pairs[:, 0]] & single[pairs[:, 1]]
    edges = {(a, b) for a, b in pairs[usable].tolist()}
    for (i, j), score in zip(pairs[usable].tolist(), scores[usable].tolist(), strict=True):
        if not linked.join_sentences(i, j, edges):
            continue
        first, second = next(iter(owners[i])), next(iter(owners[j]))
        if linked.join_groups(first, second):
            evidence = f"{score:.2f}: {_short(texts[i])} / {_short(texts[j])}"
            joins.append(_join(owners[i][first], owners[j][second], "paraphrased caption", evidence))
        else:
            refused += linked.refused
    return joins, refused


class _Clusters:
    """Sets of sentences, complete-linkage; and sets of groups, of limited size."""

    def __init__(self) -> None:
        self._sentences: dict[int, list[int]] = {}
        self._forest = Forest()
        self._sizes: dict[str, int] = defaultdict(lambda: 1)
        self.refused = 0

    def join_sentences(self, i: int, j: int, edges: set[tuple[int, int]]) -> bool:
        """Merge the sets of two sentences if all of one are alike to all of the other."""
        left, right = self._sentences.get(i, [i]), self._sentences.get(j, [j])
        if left is right or any((min(a, b), max(a, b)) not in edges for a in left for b in right):
            return False
        merged = left + right
        self._sentences.update(dict.fromkeys(merged, merged))
        return True

    def join_groups(self, a: str, b: str) -> bool:
        """Merge the sets of two groups; False where they are one already (``refused`` 0) or too large together (1)."""
        self.refused = 0
        left, right = self._forest.find(a), self._forest.find(b)
        if left == right:
            return False
        size = self._sizes[left] + self._sizes[right]
        if size > MAX_GROUPS:
            self.refused = 1
            return False
        self._forest.union(left, right)
        self._sizes[self._forest.find(left)] = size
        return True


def _join(a: str, b: str, reason: str, evidence: str) -> Join:
    return Join(a=a, b=b, reason=reason, evidence=evidence)


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return f"“{flat}”" if len(flat) <= SHOWN else f"“{flat[:SHOWN]}…”"
