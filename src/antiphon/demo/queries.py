"""What a user would type into the demo's search, and which recipes answer it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from antiphon.demo.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class Query:
    """A search and the test whether a recipe is a right answer to it."""

    text: str
    fits: Callable[[Recipe], bool]


QUERIES: tuple[Query, ...] = (
    Query(text="slow sad piano", fits=lambda r: r.lead == "piano" and r.tempo == "slow" and r.minor_third),
    Query(text="drums with a fast beat", fits=lambda r: bool(r.groove) and r.tempo == "fast"),
    Query(text="church bells ringing", fits=lambda r: r.lead == "church bells"),
    Query(text="a breathy flute melody", fits=lambda r: r.lead == "flute"),
    Query(text="old scratchy record with vinyl crackle", fits=lambda r: r.colour == "lo-fi"),
    Query(text="distorted guitar and rock drums", fits=lambda r: r.lead == "distorted guitar" and bool(r.groove)),
    Query(text="a harp in no hurry", fits=lambda r: r.lead == "harp" and r.tempo != "fast"),
    Query(text="chiptune from an old video game", fits=lambda r: r.lead == "chiptune"),
)
