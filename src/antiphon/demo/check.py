"""Does search find what was asked for? On the demo's music this can be told, because every piece has its recipe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from antiphon.demo.queries import QUERIES, DemoQuery
from antiphon.demo.recipe import PieceRecipe
from antiphon.demo.render import read_recipes
from antiphon.search.hits import Hit
from antiphon.search.searcher import Searcher


@dataclass(frozen=True, kw_only=True)
class Answered:
    """One example query with its answers.

    Parameters
    ----------
    query : what was asked.
    hits : the answers, best first.
    recipes : what each of them is made of.
    """

    query: DemoQuery
    hits: tuple[Hit, ...]
    recipes: tuple[PieceRecipe, ...]

    @property
    def right(self) -> tuple[bool, ...]:
        """For each answer, whether the piece has everything that the query names."""
        return tuple(map(self.query.fits, self.recipes))


@dataclass(frozen=True, kw_only=True)
class Precision:
    """Share of answers whose piece has everything that the query names, 0–1, mean over the queries.

    Parameters
    ----------
    found : among the first ``k`` answers of each query.
    chance : among all pieces.
    queries, k : how many of each.
    """

    found: float
    chance: float
    queries: int
    k: int

    def line(self) -> str:
        """For a person."""
        return (
            f"{self.found:.0%} of the first {self.k} answers to {self.queries} queries are right (✓: the piece has all "
            f"that was asked for); by chance {self.chance:.0%} would be. Most pieces took part in training, with other "
            "captions."
        )


def ask(root: Path, music: Path, *, k: int = 10) -> list[Answered]:
    """Ask a library made from the demo's music all of :data:`antiphon.demo.queries.QUERIES`.

    Parameters
    ----------
    root : the library, with a trained checkpoint.
    music : the folder that was rendered.
    k : answers a query.
    """
    recipes, searcher = read_recipes(music), Searcher(root)
    answered = []
    for query in QUERIES:
        hits = tuple(searcher.search(query.text, k=k))
        answered.append(Answered(query=query, hits=hits, recipes=tuple(recipes[hit.track_id] for hit in hits)))
    return answered


def precision(answered: Sequence[Answered], music: Path) -> Precision:
    """How often the answers are right, and how often pieces drawn by chance would be."""
    recipes = read_recipes(music).values()
    found = [sum(one.right) / len(one.right) for one in answered]
    chance = [sum(map(one.query.fits, recipes)) / len(recipes) for one in answered]
    return Precision(
        found=sum(found) / len(found),
        chance=sum(chance) / len(chance),
        queries=len(answered),
        k=max(len(one.hits) for one in answered),
    )
