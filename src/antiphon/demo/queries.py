"""What a user would type into the demo's search, and which recipes answer it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from antiphon.demo.recipe import PieceRecipe


@dataclass(frozen=True, kw_only=True)
class DemoQuery:
    """A search and the test whether a recipe is a right answer to it."""

    text: str
    fits: Callable[[PieceRecipe], bool]


QUERIES: tuple[DemoQuery, ...] = (
    DemoQuery(text="slow sad piano", fits=lambda r: r.lead == "piano" and r.tempo == "slow" and r.minor_third),
    DemoQuery(text="drums with a fast beat", fits=lambda r: bool(r.groove) and r.tempo == "fast"),
    DemoQuery(text="church bells ringing", fits=lambda r: r.lead == "church bells"),
    DemoQuery(text="a breathy flute melody", fits=lambda r: r.lead == "flute"),
    DemoQuery(text="old scratchy record with vinyl crackle", fits=lambda r: r.colour == "lo-fi"),
    DemoQuery(text="distorted guitar and rock drums", fits=lambda r: r.lead == "distorted guitar" and bool(r.groove)),
    DemoQuery(text="a harp in no hurry", fits=lambda r: r.lead == "harp" and r.tempo != "fast"),
    DemoQuery(text="chiptune from an old video game", fits=lambda r: r.lead == "chiptune"),
)
