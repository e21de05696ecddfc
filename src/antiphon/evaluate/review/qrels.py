"""Judgements as TREC qrels: what is relevant to each caption of a split, for other programs that score runs.

A line is ``query_id 0 track_id relevance``. A track that a caption puts together with the query has 3, the others what
was judged: their grade, or without one 3 for "same" and 0 for "different"
(:attr:`antiphon.library.judgements.judgement.Judgement.relevance`). A pair judged "unsure" has no line: programs
that tell unjudged items apart leave it out, others take it as not relevant. Ids are escaped as in all files of that
form (:mod:`antiphon.evaluate.trec.lines`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from antiphon.evaluate.trec.lines import escaped, write_lines
from antiphon.library.judgements.file import Judgements
from antiphon.library.judgements.judgement import LABELLED, Judgement
from antiphon.library.pairs import judging_kinds
from antiphon.library.tracks import Library
from antiphon.texts import normalised_text


class WrittenQrels(NamedTuple):
    """How many lines a file of qrels has, and how many of them judgements brought."""

    lines: int
    judged: int


def write_qrels(library: Library, judgements: Judgements, split: str, path: Path) -> WrittenQrels:
    """Write the qrels of a split's captions, those that ask its questions.

    Raises
    ------
    LibraryError : the split is unknown.
    OSError : the file cannot be written.
    """
    found = list(_rows(library, judgements, split))
    write_lines(path, (f"{escaped(query)} 0 {escaped(track)} {relevance}" for query, track, relevance, _ in found))
    return WrittenQrels(len(found), sum(judged for *_, judged in found))


def _rows(library: Library, judgements: Judgements, split: str) -> Iterator[tuple[str, str, int, bool]]:
    """Caption id, track id, relevance and whether it was judged, caption by caption."""
    tracks = set(library.column("track_id")[library.tracks_in(split)])
    kinds = judging_kinds(library, split)
    columns = (library.caption_column(name) for name in ("caption_id", "track_id", "text", "kind"))
    captions = [row for row in zip(*columns, strict=True) if row[1] in tracks and row[3] in kinds]
    own: dict[str, set[str]] = {}
    for _, track_id, text, _ in captions:
        own.setdefault(normalised_text(text), set()).add(track_id)
    judged: dict[str, list[Judgement]] = {}
    for (words, track_id), judgement in judgements.latest.items():
        if track_id in tracks and track_id not in own.get(words, ()) and judgement.relevance is not None:
            judged.setdefault(words, []).append(judgement)
    for caption_id, _, text, _ in captions:
        words = normalised_text(text)
        for track_id in sorted(own[words]):
            yield caption_id, track_id, LABELLED, False
        for judgement in sorted(judged.get(words, ()), key=lambda each: each.track_id):
            yield caption_id, judgement.track_id, judgement.relevance or 0, True
