"""Why a track is an answer, as far as that can be shown: captions near it, fields that say the query's words, parts.

A score comes from two vectors and has no reasons. Shown is what a person may check: the captions most like the query,
of the track or where it has none of the tracks nearest to it; values of its fields that name words of the query; of a
query of several parts how well the track answers each.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from antiphon.errors import AntiphonError
from antiphon.library.tracks import Library
from antiphon.search.answering import Answering
from antiphon.search.answers.fit.calibration import unit
from antiphon.search.answers.fit.judging import ReadsQueries
from antiphon.search.hits import Hit
from antiphon.search.queries.query import Query
from antiphon.texts import normalised_text

CAPTIONS, NEIGHBOURS = 2, 3
"""Captions that are shown of an answer, and tracks near it that lend theirs."""
SHOWN = 300
"""Characters that the console shows of a caption or a field: one may be a whole text of lyrics."""
LETTERS = 3
"""Words of fewer letters name nothing."""
_WORD = re.compile(r"\w+")


@runtime_checkable
class ScoresTracks(Protocol):
    """A searcher that can say how well some tracks answer one text."""

    def scores_of(self, text: str, track_ids: Sequence[str]) -> NDArray[np.float32]:
        """(m,) the score of each."""


@dataclass(frozen=True, kw_only=True)
class NearCaption:
    """A caption that is like the query; ``cosine`` as the text encoder reads both, None where nothing here reads."""

    text: str
    track_id: str
    cosine: float | None


@dataclass(frozen=True, kw_only=True)
class PartScore:
    """How well a track answers one part of a query; ``share`` of the whole in percent, None of what is not wanted."""

    text: str
    weight: float
    score: float
    share: float | None


@dataclass(frozen=True, kw_only=True)
class Why:
    """What can be shown of why a track is an answer.

    Parameters
    ----------
    captions : most like the query first.
    fields : name of a field → its value, which has words of the query.
    parts : of a query of several parts; none of one part.
    """

    captions: tuple[NearCaption, ...]
    fields: dict[str, str]
    parts: tuple[PartScore, ...]

    def to_dict(self) -> dict[str, Any]:
        """The object of ``why`` in ``antiphon search --explain --json``."""
        return {**asdict(self), "captions": list(map(asdict, self.captions)), "parts": list(map(asdict, self.parts))}

    def lines(self, hit: Hit) -> list[str]:
        """For the console."""
        said = []
        for caption in self.captions:
            whose = "" if caption.track_id == hit.track_id else f" (of {caption.track_id}, near it)"
            said.append(f"{'' if caption.cosine is None else f'{caption.cosine:.2f} '}“{_shown(caption.text)}”{whose}")
        said += [f"{name}: {_shown(value)}" for name, value in self.fields.items()]
        for part in self.parts:
            said.append(f"{part.text}: {part.score:.3f}" + ("" if part.share is None else f", {part.share:.0f} %"))
        return [f"{hit.rank:3}  {hit.called}", *(f"     {line}" for line in said or ["nothing to show"])]


def _shown(text: str) -> str:
    """A text in one line, shortened where it is long."""
    whole = " ".join(text.split())
    return whole if len(whole) <= SHOWN else f"{whole[: SHOWN - 1]}…"


class Explainer:
    """Shows why tracks answer a query.

    Parameters
    ----------
    library : whose tracks.
    searcher : what answered.
    query : what was asked.
    """

    def __init__(self, library: Library, searcher: Answering, query: Query) -> None:
        self._library, self._searcher, self._query = library, searcher, query
        self._words = {word for word in _WORD.findall(normalised_text(query.words)) if len(word) >= LETTERS}

    def why(self, hit: Hit) -> Why:
        """Of one answer."""
        return Why(captions=self._captions(hit), fields=self._fields(hit.track_id), parts=self._parts(hit.track_id))

    @cached_property
    def _captions_of(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for track, text in zip(
            self._library.caption_column("track_id"), self._library.caption_column("text"), strict=True
        ):
            found.setdefault(track, []).append(text)
        return found

    def _captions(self, hit: Hit) -> tuple[NearCaption, ...]:
        own = [(hit.track_id, text) for text in self._captions_of.get(hit.track_id, ())]
        lent = own or [(track, text) for track in self._near(hit.track_id) for text in self._captions_of.get(track, ())]
        if not lent or not self._words:
            return tuple(NearCaption(text=text, track_id=track, cosine=None) for track, text in lent[:CAPTIONS])
        if not isinstance(self._searcher, ReadsQueries):
            shared = [-len(self._words & set(_WORD.findall(normalised_text(text)))) for _, text in lent]
            best = np.argsort(shared, kind="stable")[:CAPTIONS].tolist()
            return tuple(NearCaption(text=lent[i][1], track_id=lent[i][0], cosine=None) for i in best)
        rows = unit(np.stack([self._searcher.read(text) for text in (self._query.words, *(t for _, t in lent))]))
        cosines = rows[1:] @ rows[0]
        best = np.argsort(-cosines, kind="stable")[:CAPTIONS].tolist()
        return tuple(
            NearCaption(text=lent[i][1], track_id=lent[i][0], cosine=round(float(cosines[i]), 4)) for i in best
        )

    def _near(self, track_id: str) -> list[str]:
        try:
            return [hit.track_id for hit in self._searcher.similar(track_id, k=NEIGHBOURS)]
        except AntiphonError:  # it has no vector: found by its words
            return []

    def _fields(self, track_id: str) -> dict[str, str]:
        library = self._library
        row = library.row_of_track[track_id]
        values: dict[str, Any] = {name: library.column(name)[row] for name in ("title", "artist", "album")}
        values |= library.metadata.of(track_id)
        texts = {name: _as_text(value) for name, value in values.items()}
        return {name: text for name, text in texts.items() if self._words & set(_WORD.findall(normalised_text(text)))}

    def _parts(self, track_id: str) -> tuple[PartScore, ...]:
        query, searcher = self._query, self._searcher
        if len(query.wanted) + len(query.excluded) < 2 or not isinstance(searcher, ScoresTracks):
            return ()

        def score(text: str) -> float:
            return round(float(searcher.scores_of(text, [track_id])[0]), 4)

        found = [(part.text, part.weight, score(part.text)) for part in query.wanted]
        whole = sum(weight * max(value, 0) for _, weight, value in found) or 1
        return (
            *(
                PartScore(text=text, weight=weight, score=value, share=round(100 * weight * max(value, 0) / whole, 1))
                for text, weight, value in found
            ),
            *(PartScore(text=f"not {text}", weight=0, score=score(text), share=None) for text in query.excluded),
        )


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
