"""Why a track is an answer, as far as that can be shown: captions near it, fields that say the query's words, parts.

A score comes from two vectors and has no reasons. Shown is what a person may check: the captions most like the query,
of the track or where it has none of the tracks nearest to it, with what Antiphon made them of where no person wrote
them; values of its fields that name words of the query, and of what a name found the names; of a query of several parts
how well the track answers each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from antiphon.arrow import arrow_rows, arrow_texts
from antiphon.errors import AntiphonError
from antiphon.library.tracks import Library
from antiphon.search.answering import Answering
from antiphon.search.answers.fit.calibration import unit
from antiphon.search.answers.fit.judging import ReadsQueries
from antiphon.search.hits import Hit
from antiphon.search.queries.naming.column import alike
from antiphon.search.queries.naming.first import NAME
from antiphon.search.queries.query import Query
from antiphon.search.zero_shot.ways.words import query_words, words_of

CAPTIONS, NEIGHBOURS = 2, 3
"""Captions that are shown of an answer, and tracks near it that lend theirs."""
SHOWN = 300
"""Characters that the console shows of a caption or a field: one may be a whole text of lyrics."""
LETTERS = 3
"""Words of fewer letters name nothing, but in scripts without spaces."""
NAMES = ("title", "artist", "album")
MADE_OF = {"tags": "made of its tags", "machine": "made of its sound"}
"""Kind of caption → what is said of one that no person wrote."""


@runtime_checkable
class ScoresTracks(Protocol):
    """A searcher that can say how well some tracks answer one text."""

    def scores_of(self, text: str, track_ids: Sequence[str]) -> NDArray[np.float32]:
        """(m,) the score of each."""


@runtime_checkable
class FindsSimilar(Protocol):
    """A searcher that finds tracks like each of some, of all in one pass over its vectors."""

    def similar_ids(self, track_ids: Sequence[str], *, k: int) -> list[list[str]]:
        """Of each the k tracks most like it; none of one that has no vector."""


@dataclass(frozen=True, kw_only=True)
class NearCaption:
    """A caption that is like the query; ``cosine`` as the text encoder reads both, None where nothing here reads.

    ``kind`` says who wrote it: ``human``, or Antiphon from ``tags`` or by ``machine`` from the sound.
    """

    text: str
    track_id: str
    cosine: float | None
    kind: str = "human"


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
            near = "" if caption.track_id == hit.track_id else f"of {caption.track_id}, near it"
            notes = "; ".join(filter(None, (near, MADE_OF.get(caption.kind, ""))))
            cosine = "" if caption.cosine is None else f"{caption.cosine:.2f} "
            said.append(f"{cosine}“{_shown(caption.text)}”{f' ({notes})' if notes else ''}")
        said += [f"{name}: {_shown(value)}" for name, value in self.fields.items()]
        several = sum(part.share is not None for part in self.parts) > 1
        for part in self.parts:
            share = f", {part.share:.0f} %" if part.share is not None and several else ""
            unwanted = ", not wanted" if part.share is None else ""
            said.append(
                f"{part.text.removeprefix('not ') if unwanted else part.text}: {part.score:.3f}{share}{unwanted}"
            )
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
        words = query_words(query.words) if query.words.strip() else []
        self._words = {word for word in words if len(word) >= LETTERS or not word.isascii()}

    def why(self, hits: Sequence[Hit]) -> list[Why]:
        """Of each answer; vectors, tables and the text encoder are asked for all of them together."""
        ids = [hit.track_id for hit in hits]
        found = zip(self._captions(ids), self._fields(hits), self._parts(ids), strict=True)
        return [Why(captions=captions, fields=fields, parts=parts) for captions, fields, parts in found]

    @cached_property
    def _captions_of(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for track, text in zip(
            self._library.caption_column("track_id"), self._library.caption_column("text"), strict=True
        ):
            found.setdefault(track, []).append(text)
        return found

    def _captions(self, track_ids: Sequence[str]) -> list[tuple[NearCaption, ...]]:
        shown = self._own_or_lent(track_ids)
        if not self._words:
            found = [tuple(NearCaption(text=t, track_id=of, cosine=None) for of, t in own[:CAPTIONS]) for own in shown]
            return self._with_kinds(found)
        texts = list(dict.fromkeys(text for each in shown for _, text in each))
        alike, known = self._alike(texts), isinstance(self._searcher, ReadsQueries)
        return self._with_kinds([_best(each, alike, with_cosines=known) for each in shown])

    def _with_kinds(self, shown: Sequence[tuple[NearCaption, ...]]) -> list[tuple[NearCaption, ...]]:
        """Captions with who wrote them, looked up for all of them together."""
        table = self._library.caption_table
        texts = arrow_texts([*dict.fromkeys(near.text for each in shown for near in each)])
        same = table.filter(pc.is_in(table.column("text").cast(pa.string()), texts))
        columns = (same.column(name).to_pylist() for name in ("track_id", "text", "kind"))
        kinds = {(track, text): kind for track, text, kind in zip(*columns, strict=True) if kind != "human"}
        return [
            tuple(replace(near, kind=kinds.get((near.track_id, near.text), "human")) for near in each) for each in shown
        ]

    def _alike(self, texts: Sequence[str]) -> dict[str, float]:
        """How like the query texts are: by their cosines, or where nothing here reads by the words that they share."""
        if not texts:
            return {}
        if not isinstance(self._searcher, ReadsQueries):
            return {text: len(self._words.intersection(words_of(text))) for text in texts}
        asked, *rows = unit(self._searcher.read([self._query.words, *texts]))
        return {text: float(row @ asked) for text, row in zip(texts, rows, strict=True)}

    def _own_or_lent(self, track_ids: Sequence[str]) -> list[list[tuple[str, str]]]:
        """Captions of each track, or where it has none of the tracks near it: (whose, text)."""
        near = self._near([track_id for track_id in track_ids if track_id not in self._captions_of])
        return [
            [(of, text) for of in near.get(track_id, [track_id]) for text in self._captions_of.get(of, ())]
            for track_id in track_ids
        ]

    def _near(self, track_ids: Sequence[str]) -> dict[str, list[str]]:
        if not track_ids or not self._captions_of:
            return {}
        if isinstance(self._searcher, FindsSimilar):
            return dict(zip(track_ids, self._searcher.similar_ids(track_ids, k=NEIGHBOURS), strict=True))
        return {track_id: self._near_one(track_id) for track_id in track_ids}

    def _near_one(self, track_id: str) -> list[str]:
        try:
            return [hit.track_id for hit in self._searcher.similar(track_id, k=NEIGHBOURS)]
        except AntiphonError:  # it has no vector: found by its words
            return []

    def _fields(self, hits: Sequence[Hit]) -> list[dict[str, str]]:
        library, ids = self._library, [hit.track_id for hit in hits]
        rows = arrow_rows([library.row_of_track[track_id] for track_id in ids])
        own = library.track_table.select(list(NAMES)).take(rows).to_pylist()
        values = zip(hits, own, library.metadata.of_each(ids), strict=True)
        return [self._naming(hit, of_track, of_metadata) for hit, of_track, of_metadata in values]

    def _naming(self, hit: Hit, names: dict[str, Any], metadata: dict[str, Any]) -> dict[str, str]:
        """Those fields that have words of the query, as texts; all names where they were found by a misspelt one."""
        texts = {name: _as_text(value) for name, value in (names | metadata).items()}
        found = {name: line for name, text in texts.items() if (line := self._telling(text))}
        if hit.by != NAME:
            return found
        nearly = {name: texts[name] for name in NAMES if name in found or self._nearly(texts[name])}
        return nearly | found or {name: texts[name] for name in NAMES if texts[name]}

    def _nearly(self, name: str) -> bool:
        """Whether a name has a word of the query, but for a letter or two."""
        return any(alike((asked,), (word,)) for asked in self._words for word in words_of(name))

    def _telling(self, text: str) -> str:
        """The line of a text that has most words of the query; "" where none has any."""
        shared = [(len(self._words.intersection(words_of(line))), line) for line in text.splitlines()]
        most, line = max(shared, default=(0, ""), key=lambda each: each[0])
        return line if most else ""

    def _parts(self, track_ids: Sequence[str]) -> list[tuple[PartScore, ...]]:
        query, searcher = self._query, self._searcher
        several = len(query.wanted) + len(query.excluded) > 1
        if not (track_ids and several and isinstance(searcher, ScoresTracks)):
            return [()] * len(track_ids)
        texts = [*(part.text for part in query.wanted), *query.excluded]
        scores = np.stack([searcher.scores_of(text, track_ids) for text in texts]).astype(float).round(4)
        return [self._shares(own) for own in scores.T.tolist()]

    def _shares(self, scores: Sequence[float]) -> tuple[PartScore, ...]:
        """Of one track, from its scores of what is wanted and then of what is not."""
        wanted, excluded = self._query.wanted, self._query.excluded
        whole = sum(part.weight * max(score, 0) for part, score in zip(wanted, scores, strict=False)) or 1
        found = []
        for part, score in zip(wanted, scores, strict=False):
            share = round(100 * part.weight * max(score, 0) / whole, 1)
            found.append(PartScore(text=part.text, weight=part.weight, score=score, share=share))
        for text, score in zip(excluded, scores[len(wanted) :], strict=True):
            found.append(PartScore(text=f"not {text}", weight=0, score=score, share=None))
        return tuple(found)


def _best(
    captions: Sequence[tuple[str, str]], alike: Mapping[str, float], *, with_cosines: bool
) -> tuple[NearCaption, ...]:
    """The captions most like the query, of (whose, text)."""
    best = sorted(captions, key=lambda each: -alike[each[1]])[:CAPTIONS]
    return tuple(
        NearCaption(text=text, track_id=of, cosine=round(alike[text], 4) if with_cosines else None) for of, text in best
    )


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
