"""Which judgements are about the captions and tracks at hand, and which may teach a training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from antiphon.library.judgements.file import Judgements
from antiphon.library.judgements.judgement import Judgement, Verdict
from antiphon.library.tracks import Library
from antiphon.printed import counted
from antiphon.texts import normalised_text

Index = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class JudgedPairs:
    """Judged pairs of some captions and tracks that no caption puts together.

    Parameters
    ----------
    texts : (k,) numbers of texts, as ``text_id`` of the captions has them.
    tracks : (k,) rows of the tracks.
    verdicts : (k,) "same", "different" or "unsure".
    relevance : (k,) int or None, as :attr:`Judgement.relevance` has it.
    """

    texts: Index
    tracks: Index
    verdicts: NDArray[np.object_]
    relevance: NDArray[np.object_]

    def of(self, verdict: Verdict) -> tuple[Index, Index]:
        """Texts and tracks of the pairs with this verdict."""
        chosen = self.verdicts == verdict
        return self.texts[chosen], self.tracks[chosen]

    def counts(self) -> dict[str, int]:
        """How many pairs there are of each verdict that occurs."""
        return dict(Counter(self.verdicts.tolist()))

    def __len__(self) -> int:
        return len(self.texts)


def judged_pairs(
    judgements: Iterable[Judgement],
    texts: Iterable[str],
    text_id: Index,
    track_ids: Iterable[str],
    track_of_caption: Index,
) -> JudgedPairs:
    """The judgements, one a pair, that are about these captions and tracks.

    Pairs that a caption puts together are left out: the manifest says what they are, and mends it if it is wrong.

    Parameters
    ----------
    texts, text_id, track_of_caption : (m,) one a caption.
    track_ids : (n,) of the tracks.
    """
    judgements = list(judgements)
    if not judgements:
        return _numbered([])
    number = {normalised_text(text): int(i) for text, i in zip(texts, text_id, strict=True)}
    row = {track_id: i for i, track_id in enumerate(track_ids)}
    labelled = set(zip(text_id.tolist(), track_of_caption.tolist(), strict=True))
    found = {
        (number[text], row[track]): judgement
        for judgement in judgements
        for text, track in [judgement.key]
        if text in number and track in row
    }
    return _numbered([(*pair, found[pair]) for pair in sorted(found) if pair not in labelled])


def _numbered(found: Sequence[tuple[int, int, Judgement]]) -> JudgedPairs:
    texts, tracks, said = zip(*found, strict=True) if found else ((), (), ())
    return JudgedPairs(
        np.array(texts, np.int64),
        np.array(tracks, np.int64),
        np.array([judgement.verdict for judgement in said], object),
        np.array([judgement.relevance for judgement in said], object),
    )


@dataclass(frozen=True)
class Lessons:
    """What judgements may teach a training, and why others may not.

    Parameters
    ----------
    judgements : one a pair.
    held_out : how many are about a track or a caption of val or test.
    gone : how many are about tracks that are no longer there.
    contradicting : those that say "different" of a caption and its own track: the manifest decides there.
    """

    judgements: tuple[Judgement, ...] = ()
    held_out: int = 0
    gone: int = 0
    contradicting: tuple[Judgement, ...] = ()

    def lines(self) -> list[str]:
        """What was left out and why, a sentence each."""
        said = []
        if self.held_out:
            pairs = counted(self.held_out, "judgement")
            said.append(f"{pairs} about tracks or captions of val and test: nothing was learned from them.")
        if self.gone:
            said.append(f"{counted(self.gone, 'judgement')} about tracks that left the library: kept, and not used.")
        if self.contradicting:
            first, n = self.contradicting[0], counted(len(self.contradicting), "judgement")
            said.append(
                f"{n} of a caption and its own track say different, the first of track '{first.track_id}' and "
                f"'{first.query}': the captions decide. Take those captions out of the table, and ingest it again."
            )
        return said


def lessons(library: Library, judgements: Judgements) -> Lessons:
    """Judgements whose track is of the train split, and whose text nobody in val or test is asked with.

    The text is its caption's where the id still names a caption that reads so: words that stand in several splits were
    then judged for the split of that caption. Without such a caption all that read so must be of train.
    """
    if not judgements.latest:
        return Lessons()
    split = dict(zip(library.column("track_id"), library.column("split"), strict=True))
    splits_of_text, split_of_caption, labelled = _read_captions(library, split)
    taught, contradicting, held_out, gone = [], [], 0, 0
    for (text, track_id), judgement in judgements.latest.items():
        asked = split_of_caption.get((judgement.query_id or "", text))
        of_text = {asked} if asked else splits_of_text.get(text, set())
        if judgement.verdict == "different" and (text, track_id) in labelled:
            contradicting.append(judgement)
        elif track_id not in split:
            gone += 1
        elif split[track_id] != "train" or of_text - {"train"}:
            held_out += 1
        else:
            taught.append(judgement)
    return Lessons(tuple(taught), held_out, gone, tuple(contradicting))


class _Read(NamedTuple):
    """Normalised text → splits of its captions' tracks; (caption id, text) → split; (text, track) of every caption."""

    splits_of_text: dict[str, set[str]]
    split_of_caption: dict[tuple[str, str], str]
    labelled: set[tuple[str, str]]


def _read_captions(library: Library, split: dict[str, str]) -> _Read:
    """What judgements are held against, from one pass over the captions."""
    read = _Read({}, {}, set())
    columns = (library.caption_column(name) for name in ("caption_id", "track_id", "text"))
    for caption_id, track_id, text in zip(*columns, strict=True):
        words = normalised_text(text)
        read.labelled.add((words, track_id))
        if track_id in split:
            read.splits_of_text.setdefault(words, set()).add(split[track_id])
            read.split_of_caption[caption_id, words] = split[track_id]
    return read
