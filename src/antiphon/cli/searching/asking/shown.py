"""Answers on a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from antiphon.cli.output.console import note, say, say_json, table
from antiphon.search.hits import Hits, clock

if TYPE_CHECKING:
    from antiphon.search.queries.words_for import Words


FOUND = {
    "name": "its name",
    "captions": "its captions",
    "tag captions": "its tags",
    "machine captions": "captions of its sound",
    "metadata": "its metadata",
    "sound tags": "tags that were heard",
    "sound vectors": "how it sounds",
}
"""What an answer's ``by`` says → the same for people."""
HEARD = "what was heard"
"""Of all else that it says: the names of trainings, and of encoders with a text tower."""


def show(hits: Hits, *, by: bool, none: str) -> None:
    """The answers as a table, or what is said where there are none."""
    if hits:
        _tabulate(hits, by=by)
    else:
        say(none)


def _tabulate(hits: Hits, *, by: bool) -> None:
    """The answers as a table, where asked for with what found each."""
    moments = ["" if h.best_at is None else clock(h.best_at) for h in hits]
    rows = [
        (h.rank, f"{h.score:.3f}", h.called + h.also, h.artist, moment, FOUND.get(h.by, HEARD), h.path)
        for h, moment in zip(hits, moments, strict=True)
    ]
    by = by or len({hit.by for hit in hits}) > 1
    headings = ["rank", "score", "title", "artist", "fits best at", "found by", "path"]
    left_out = {*([] if by else ["found by"]), *([] if any(moments) else ["fits best at"])}
    shown = [at for at, name in enumerate(headings) if name not in left_out]
    cells = [[row[at] for at in shown] for row in rows]
    table([headings[at] for at in shown], cells, right=("rank", "score", "fits best at"), spare=("path",))


def show_words(library: Path, named: Path | None, track_id: str, k: int, *, json: bool) -> None:
    """The captions that fit a track best, and the tags that were heard in it, as a table or JSON."""
    found, notes = _words(library, named, track_id, k)
    if json:
        say_json([each.to_dict() for each in found])
    else:
        rows = [(each.rank, f"{each.score:.3f}", _whose(each), each.text) for each in found]
        table(["rank", "score", "", "words"], rows, right=("rank", "score"))
    note(notes)


def _whose(words: Words) -> str:
    return "heard" if words.kind == "tag" else "its own" if words.own else ""


def _words(library: Path, named: Path | None, track_id: str, k: int) -> tuple[list[Words], list[str]]:
    """Before any training tags alone, and what to do for more."""
    from antiphon.align.checkpoint.paths import find_checkpoint
    from antiphon.library.next_step import what_next
    from antiphon.library.tracks import Library
    from antiphon.search.answering import has_checkpoint
    from antiphon.search.light.opening import light_searcher
    from antiphon.search.queries.words_for import tags_for, words_for

    tags = tags_for(Library(library), track_id, k=k)
    if named is None and not has_checkpoint(library):
        return tags, ["Captions are compared with a track by a training; none is here.", what_next(Library(library))]
    checkpoint = find_checkpoint(library, named, search=True) if named else None
    light = light_searcher(library, checkpoint)
    if light is not None:
        return [*words_for(light, track_id, k=k), *tags], []
    from antiphon.search.searcher import Searcher

    return [*words_for(Searcher(library, checkpoint), track_id, k=k), *tags], []
