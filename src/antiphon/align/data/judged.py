"""What people's judgements add to the training split: further captions of tracks, and pairs that are left open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antiphon.library.judgements.apply import lessons
from antiphon.library.judgements.file import read_judgements
from antiphon.library.pairs import Pairs
from antiphon.library.tracks import Library
from antiphon.printed import counted

Index = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class LearnedJudgements:
    """What was learned from judgements.

    Parameters
    ----------
    counts : verdict → pairs of the training split. "same" made the text a caption of the track, "unsure" keeps the two
        out of each other's step, "different" says what no caption said already and changes nothing.
    unsure : (k,) rows of captions and (k,) rows of tracks that are left open.
    lines : what is to be said of it, a sentence each.
    """

    counts: dict[str, int] | None = None
    unsure: tuple[Index, Index] | None = None
    lines: tuple[str, ...] = ()


def learn_from_judgements(library: Library, train: Pairs) -> tuple[Pairs, LearnedJudgements]:
    """The training pairs with what was judged of them; the pairs as they are where nothing was.

    Judgements about val and test teach nothing (:func:`antiphon.library.judgements.apply.lessons`).

    Raises
    ------
    LibraryError : ``judgements.jsonl`` is damaged.
    """
    judgements = read_judgements(library.root)
    taught = lessons(library, judgements)
    found = train.judged(taught.judgements)
    said = (*judgements.remarks, *_lines(found.counts()), *taught.lines())
    if not len(found):
        return train, LearnedJudgements(lines=said)
    more = train.with_captions_judged_same(found)
    texts, tracks = found.of("unsure")
    first = {int(text): row for row, text in reversed([*enumerate(more.text_id)])}
    captions = np.array([first[text] for text in texts.tolist()], np.int64)
    return more, LearnedJudgements(counts=found.counts(), unsure=(captions, tracks), lines=said)


def _lines(counts: dict[str, int]) -> list[str]:
    if not counts:
        return []
    same, unsure = counts.get("same", 0), counts.get("unsure", 0)
    return [
        f"Learned from {counted(sum(counts.values()), 'judgement')}: {same} more right answers, {unsure} left open, "
        f"{counts.get('different', 0)} confirmed as wrong."
    ]
