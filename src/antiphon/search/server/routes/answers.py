"""Answers and tracks as their shapes: what a guest is not shown is left out here and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from antiphon.library.metadata.names import plain_name
from antiphon.search.filters.expression import fields_asked
from antiphon.search.filters.parse import parse
from antiphon.search.server.callers import OWNER, NotAllowedError, Role
from antiphon.search.server.guard.words import without_paths
from antiphon.search.server.opened.state import FieldCard
from antiphon.search.server.routes.shapes import AnswerShape, FieldShape, HitShape, TrackShape
from antiphon.search.server.served import Answer, TrackCard

_OF_FILES = re.compile(r"(?:^|_)(?:paths?|files?|file_?names?|folders?|director(?:y|ies))(?:_|$)")
"""Fields that name files: a guest neither sees them nor may guess them letter by letter through filters."""


def filter_for(where: str | None, role: Role) -> str | None:
    """A filter that a caller of some role may ask with.

    Raises
    ------
    ConfigError : the filter does not follow the grammar.
    NotAllowedError : a guest asks for where files are.
    """
    if where is not None and role != OWNER:
        for name in filter(_is_of_files, fields_asked(parse(where))):
            fix = "Filter by title, artist, album or other metadata."
            raise NotAllowedError(f"Only an owner may filter by {plain_name(name)}.", fix=fix)
    return where


def field_shapes(fields: Iterable[FieldCard], role: Role) -> list[FieldShape]:
    """What a caller of some role may filter by."""
    if role == OWNER:
        return [FieldShape(**asdict(field)) for field in fields]
    open_to_all = (asdict(field) for field in fields if not _is_of_files(field.name))
    return [FieldShape(**_shown_to_guests(field)) for field in open_to_all]


def _is_of_files(name: str) -> bool:
    return _OF_FILES.search(plain_name(name)) is not None


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
    remarks = [*answer.remarks_to(role), *(answer.standing if role == OWNER else ())]
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
        return {name: _shown_to_guests(each) for name, each in value.items() if not _is_of_files(str(name))}
    if isinstance(value, list | tuple):
        return [_shown_to_guests(each) for each in value]
    return without_paths(value) if isinstance(value, str) else value
