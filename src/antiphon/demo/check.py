"""Does search find what was asked for? On the demo's music this can be told, because every piece has its recipe."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from antiphon.demo.queries import QUERIES
from antiphon.demo.render import read_recipes
from antiphon.search.searcher import Searcher


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
            f"Of the first {self.k} answers to {self.queries} example queries {self.found:.0%} have everything that "
            f"was asked for; by chance it would be {self.chance:.0%}. Most pieces were heard in training, "
            "with other words."
        )


def query_precision(root: Path, music: Path, *, k: int = 10) -> Precision:
    """Ask a library made from the demo's music all of :data:`antiphon.demo.queries.QUERIES`.

    Parameters
    ----------
    root : the library, with a trained checkpoint.
    music : the folder that was rendered.
    k : answers a query.
    """
    recipes, searcher = read_recipes(music), Searcher(root)
    hits = [[query.fits(recipes[hit.track_id]) for hit in searcher.search(query.text, k=k)] for query in QUERIES]
    every = [[query.fits(recipe) for recipe in recipes.values()] for query in QUERIES]
    return Precision(
        found=sum(sum(one) / len(one) for one in hits) / len(QUERIES),
        chance=sum(sum(one) / len(one) for one in every) / len(QUERIES),
        queries=len(QUERIES),
        k=k,
    )
