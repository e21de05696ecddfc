"""Answers and tracks as their shapes: what a guest is not shown is left out here and nowhere else."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from antiphon.library.metadata.names import plain_name
from antiphon.search.filters.expression import fields_asked
from antiphon.search.filters.parse import parse
from antiphon.search.server.callers import OWNER, NotAllowedError, Role
from antiphon.search.server.guard.words import without_paths
from antiphon.search.server.routes.shapes import AnswerShape, HitShape, TrackShape
from antiphon.search.server.served import Answer, TrackCard

HIDDEN = "path"
"""The field that names files: a guest neither sees it nor may guess it letter by letter through filters."""


def filter_for(where: str | None, role: Role) -> str | None:
    """A filter that a caller of some role may ask with.

    Raises
    ------
    ConfigError : the filter does not follow the grammar.
    NotAllowedError : a guest asks for where files are.
    """
    if where is not None and role != OWNER and HIDDEN in map(plain_name, fields_asked(parse(where))):
        raise NotAllowedError("Only an owner may filter by path.", fix="Filter by title, artist, album or metadata.")
    return where


def answer_shape(answer: Answer, role: Role, query: str | None = None) -> AnswerShape:
    """An answer as a caller of some role gets it."""
    hits = [HitShape(**hit.to_dict(), album=card.album, seconds=card.seconds, place=card.place)
            for hit, card in zip(answer.hits, answer.cards, strict=True)]  # fmt: skip
    for shape, why in zip(hits, answer.why, strict=False):
        shape.why = why
    if role != OWNER:
        for shape in hits:
            shape.path = None
            shape.why = _shown_to_guests(shape.why)
            for version in shape.versions:
                version.path = None
    remarks = [*answer.remarks, *(answer.standing if role == OWNER else ())]
    return AnswerShape(query=query, hits=hits, remarks=remarks)


def track_shape(card: TrackCard, role: Role) -> TrackShape:
    """A track as a caller of some role gets it."""
    shape = TrackShape(**asdict(card))
    if role != OWNER:
        shape.path = None
        shape.metadata = _shown_to_guests(shape.metadata)
    return shape


def _shown_to_guests(value: Any) -> Any:
    """The same without fields that name files, and without paths in texts."""
    if isinstance(value, dict):
        return {name: _shown_to_guests(each) for name, each in value.items() if plain_name(str(name)) != HIDDEN}
    if isinstance(value, list | tuple):
        return [_shown_to_guests(each) for each in value]
    return without_paths(value) if isinstance(value, str) else value
