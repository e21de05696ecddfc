"""Answers and tracks as their shapes: what a guest is not shown is left out here and nowhere else."""

from __future__ import annotations

from dataclasses import asdict

from antiphon.search.server.callers import OWNER, Role
from antiphon.search.server.routes.shapes import AnswerShape, HitShape, TrackShape
from antiphon.search.server.served import Answer, TrackCard

HIDDEN_FIELDS = frozenset({"path"})
"""Metadata that name files."""


def answer_shape(answer: Answer, role: Role, query: str | None = None) -> AnswerShape:
    """An answer as a caller of some role gets it."""
    hits = [HitShape(**hit.to_dict(), album=card.album, seconds=card.seconds, place=card.place)
            for hit, card in zip(answer.hits, answer.cards, strict=True)]  # fmt: skip
    for shape, why in zip(hits, answer.why, strict=False):
        shape.why = why
    if role != OWNER:
        for shape in hits:
            shape.path = None
            for version in shape.versions:
                version.path = None
    remarks = [*answer.remarks, *(answer.standing if role == OWNER else ())]
    return AnswerShape(query=query, hits=hits, remarks=remarks)


def track_shape(card: TrackCard, role: Role) -> TrackShape:
    """A track as a caller of some role gets it."""
    shape = TrackShape(**asdict(card))
    if role != OWNER:
        shape.path = None
        shape.metadata = {name: value for name, value in shape.metadata.items() if name not in HIDDEN_FIELDS}
    return shape
