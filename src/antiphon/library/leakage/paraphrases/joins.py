"""Which tracks captions join: classes of descriptions are left out, and the most alike sentences are merged first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from antiphon.library.leakage.groups import Forest, Join
from antiphon.library.leakage.identical_texts import distinct_texts
from antiphon.library.leakage.paraphrases.alike import CHUNK, Int32, Scores, alike_pairs
from antiphon.library.leakage.paraphrases.sentences import is_sentence

MAX_GROUPS = 16
SHOWN = 90
HALF = 32
"""Bits of one number of a pair that is kept as a single number."""

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


@dataclass(frozen=True, kw_only=True)
class _Sentences:
    """Different sentences, and which tracks have them: of each group that has a sentence, the first such track.

    Parameters
    ----------
    texts : (m,) as they first stand.
    starts : (m + 1,) where the holders of each sentence begin.
    captions, groups : (h,) of each holder the position of its caption, and its group's number.
    track_ids, group_names : (n,) of every caption.
    """

    texts: list[str]
    starts: NDArray[np.int64]
    captions: NDArray[np.int64]
    groups: NDArray[np.int64]
    track_ids: Sequence[str]
    group_names: Sequence[str]

    def holders(self, sentence: int) -> list[tuple[str, str]]:
        """(group, track) of all that have a sentence, in the order of the manifest."""
        some = self.captions[self.starts[sentence] : self.starts[sentence + 1]].tolist()
        return [(self.group_names[caption], self.track_ids[caption]) for caption in some]


def lexical_joins(track_ids: Sequence[str], texts: Sequence[str], groups: Sequence[str]) -> Paraphrases:
    """Find tracks whose captions paraphrase one another.

    Parameters
    ----------
    track_ids, texts, groups : (n,) for each caption its track, its text, and the group its track is in already.
    """
    sentences = _sentences(track_ids, texts, groups)
    pairs, scores = alike_pairs(sentences.texts)
    near = _neighbour_groups(sentences, pairs)
    single = near <= MAX_GROUPS
    order = np.argsort(-near, kind="stable")
    classes = [(sentences.texts[i], int(near[i])) for i in order[~single[order]].tolist()]
    usable = single[pairs[:, 0]] & single[pairs[:, 1]]
    joins, refused = _link(sentences, pairs[usable], scores[usable], single)
    return Paraphrases(joins=joins, sentences=len(sentences.texts), classes=classes, refused=refused)


def _sentences(track_ids: Sequence[str], texts: Sequence[str], groups: Sequence[str]) -> _Sentences:
    found = distinct_texts(texts)
    kept = np.fromiter((is_sentence(texts[i]) for i in found.first.tolist()), bool, len(found.first))
    codes: dict[str, int] = {}
    group = np.fromiter((codes.setdefault(name, len(codes)) for name in groups), np.int64, len(groups))
    held = np.flatnonzero(kept[found.number])
    sentence = (np.cumsum(kept) - 1)[found.number[held]]
    _, once = np.unique(sentence * len(codes) + group[held], return_index=True)
    once = once[np.lexsort((once, sentence[once]))]
    counts = np.bincount(sentence[once], minlength=int(kept.sum()))
    return _Sentences(
        texts=[texts[i] for i in found.first[kept].tolist()],
        starts=np.concatenate([[0], np.cumsum(counts)]),
        captions=held[once],
        groups=group[held[once]],
        track_ids=track_ids,
        group_names=groups,
    )


def _neighbour_groups(sentences: _Sentences, pairs: Int32) -> NDArray[np.int64]:
    """(m,) for each sentence the number of groups that have it or one alike."""
    m = len(sentences.texts)
    if not m:
        return np.empty(0, np.int64)
    starts = np.concatenate([[0], np.cumsum(np.bincount(pairs[:, 0], minlength=m))])
    later = sparse.csr_matrix((np.ones(len(pairs), bool), pairs[:, 1], starts), shape=(m, m))
    earlier, itself = later.T.tocsr(), sparse.eye(m, dtype=bool, format="csr")
    shape = (m, int(sentences.groups.max()) + 1)
    has = sparse.csr_matrix((np.ones(len(sentences.groups), bool), sentences.groups, sentences.starts), shape=shape)
    chunks = (slice(start, start + CHUNK) for start in range(0, m, CHUNK))
    near = [np.diff(((later[some] + earlier[some] + itself[some]) @ has).indptr) for some in chunks]
    return np.concatenate(near).astype(np.int64)


def _link(sentences: _Sentences, pairs: Int32, scores: Scores, single: Mask) -> tuple[list[Join], int]:
    """Merge from the most alike down: complete linkage among sentences, a limit on the groups that a set spans."""
    linked = _Clusters(pairs)
    joins: list[Join] = []
    refused = 0
    for i in np.flatnonzero(single & (np.diff(sentences.starts) > 1)).tolist():
        for (first, a), (second, b) in pairwise(sentences.holders(i)):
            if linked.join_groups(first, second):
                joins.append(_join(a, b, "identical caption", f"both: {_short(sentences.texts[i])}"))
            else:
                refused += linked.refused
    order = np.lexsort((pairs[:, 1], pairs[:, 0], -scores))
    for (i, j), score in zip(pairs[order].tolist(), scores[order].tolist(), strict=True):
        if not linked.join_sentences(i, j):
            continue
        (first, a), (second, b) = sentences.holders(i)[0], sentences.holders(j)[0]
        if linked.join_groups(first, second):
            evidence = f"{score:.2f}: {_short(sentences.texts[i])} / {_short(sentences.texts[j])}"
            joins.append(_join(a, b, "paraphrased caption", evidence))
        else:
            refused += linked.refused
    return joins, refused


class _Clusters:
    """Sets of sentences, complete-linkage by ``pairs`` of alike ones; and sets of groups, of limited size."""

    def __init__(self, pairs: Int32) -> None:
        self._edges = set((pairs[:, 0].astype(np.int64) << HALF | pairs[:, 1]).tolist())
        self._sentences: dict[int, list[int]] = {}
        self._forest = Forest()
        self._sizes: dict[str, int] = defaultdict(lambda: 1)
        self.refused = 0

    def join_sentences(self, i: int, j: int) -> bool:
        """Merge the sets of two sentences if all of one are alike to all of the other."""
        left, right = self._sentences.get(i, [i]), self._sentences.get(j, [j])
        if left is right or any(min(a, b) << HALF | max(a, b) not in self._edges for a in left for b in right):
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
