"""What a served library says: answers to questions, and how it stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from antiphon.errors import LibraryError
from antiphon.search.hits import Hit
from antiphon.search.server.callers import OWNER, Role
from antiphon.search.server.guard.words import without_paths
from antiphon.search.server.opened.cards import TrackCard
from antiphon.search.server.opened.state import FieldCard, Opened


class UnknownModelError(LibraryError):
    """Nothing of that name embeds texts here."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Tracks that answer a question, best first.

    Parameters
    ----------
    hits : the answers.
    remarks : what is to be said of this question's answers to the library's owner, a sentence each.
    to_guests : what of it is to be said to everybody: nothing of what was in the library once, of its files, or of what
        its owner can do.
    standing : what is to be said of the library beside any answer, to its owner; it may name files and commands.
    why : of each hit what can be shown of why it is one; empty where nobody asked.
    cards : of each hit.
    """

    hits: list[Hit]
    remarks: list[str] = field(default_factory=list)
    to_guests: list[str] = field(default_factory=list)
    standing: list[str] = field(default_factory=list)
    why: list[dict[str, Any]] = field(default_factory=list)
    cards: list[TrackCard] = field(default_factory=list)

    def remarks_to(self, role: Role) -> list[str]:
        """What a caller of some role is told of this question's answers."""
        return self.remarks if role == OWNER else [without_paths(line) for line in self.to_guests]


def shown(
    now: Opened,
    hits: Sequence[Hit],
    remarks: Iterable[str] = (),
    to_guests: Iterable[str] = (),
    why: Iterable[dict[str, Any]] = (),
) -> Answer:
    """Hits as an answer: with their cards, with each remark once, and with what stands beside all answers."""
    return Answer(
        hits=list(hits),
        remarks=list(dict.fromkeys(remarks)),
        to_guests=list(dict.fromkeys(to_guests)),
        standing=list(now.standing),
        why=list(why),
        cards=now.cards.cards([hit.track_id for hit in hits]),
    )


@dataclass(frozen=True, kw_only=True)
class Status:
    """How it stands with a library.

    Parameters
    ----------
    tracks : how many it has.
    heard : how many of them an encoder has heard, or failed to.
    failed : how many of these no encoder could hear.
    trained : whether a training answers.
    answers_by : what answers: a checkpoint's name, or "names, tags and captions" and the like before any training.
    next : what to do next, a sentence; "" for nothing.
    training : the training or fusion that answers, as far as it can be trained again here; "" for none.
    unlearned : what came since that training, a sentence; "" for nothing.
    remarks : what else is to be said.
    fields : what filters may ask for.
    """

    tracks: int
    heard: int
    failed: int = 0
    trained: bool
    answers_by: str
    next: str
    training: str = ""
    unlearned: str = ""
    remarks: tuple[str, ...] = ()
    fields: tuple[FieldCard, ...] = ()
