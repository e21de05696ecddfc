"""A checkpoint measured on a split: the figures, and the ranks and vectors that they came of, as arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from antiphon.evaluate.benchmark import Measurement
from antiphon.evaluate.console import evaluation_lines
from antiphon.evaluate.per_query.results import BothWays, query_results
from antiphon.frames import frame, frame_of_rows
from antiphon.library.tracks import Library as Tables
from antiphon.metrics.figures import METRICS
from antiphon.printed import Printed

if TYPE_CHECKING:
    import pandas as pd

WAYS = ("t2a", "a2t")


@dataclass(frozen=True, kw_only=True, eq=False)
class Direction:
    """One direction of retrieval, query by query.

    Parameters
    ----------
    query_ids : (q,) strings: caption ids of ``t2a``, track ids of ``a2t``.
    ranks : (q,) int64, 1-based rank of each query's best correct item; ties count against it.
    figures : ``n_queries``, ``n_items``, ``R@1``, ``R@5``, ``R@10`` (percent), ``MRR`` (0 … 1), ``median_rank``; the
        same by ``chance``; and ``ci95``, a [low, high] for each.

    Examples
    --------
    >>> result = library.evaluate("timbre", baselines=False)
    >>> frame = result.t2a.to_frame()
    >>> bool((frame["reciprocal_rank"] == 1 / frame["rank"]).all())
    True
    """

    query_ids: NDArray[np.object_]
    ranks: NDArray[np.int64]
    figures: Mapping[str, Any]

    @cached_property
    def reciprocal_ranks(self) -> NDArray[np.float64]:
        """(q,) 1 / rank; their mean is the MRR.

        Not of t2a under the protocol ``best-of-captions``: ranks are those of all captions, and the MRR is of the best
        of each track's.
        """
        return 1.0 / self.ranks

    def to_dict(self) -> dict[str, Any]:
        """The figures, plain values for JSON."""
        return dict(self.figures)

    def to_frame(self) -> pd.DataFrame:
        """One row a query, indexed by its id: rank and reciprocal_rank; needs pandas."""
        columns = {"query_id": self.query_ids, "rank": self.ranks, "reciprocal_rank": self.reciprocal_ranks}
        return frame(columns, index=["query_id"])


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation(Printed):
    """A checkpoint measured on a split, as ``library.evaluate`` gives it; ``print`` shows the whole table.

    Parameters
    ----------
    figures : all of them, as ``antiphon evaluate --json`` prints them.
    t2a, a2t : text to audio (a query is a caption) and audio to text (a query is a track).
    text : (m, k) float32, one row a caption.
    audio : (n, k) float32, one row a track; dot products with ``text`` are the scores that were ranked by.
    caption_ids, texts : (m,) strings.
    track_ids : (n,) strings.
    track_of_caption : (m,) row of each caption's track, 0 … n−1.
    measured, tables : what :attr:`queries` looks at.

    Examples
    --------
    >>> result = library.evaluate("timbre")
    >>> table = result.to_frame()
    >>> table.index.unique("system").tolist()[-3:]
    ['ridge', 'cca', 'chance']
    >>> scores = result.text @ result.audio.T
    >>> scores.shape
    (31, 15)
    >>> queries = result.queries_to_frame()
    >>> bool((queries.loc["t2a", "rank"] == result.t2a.ranks).all())
    True
    """

    figures: Mapping[str, Any]
    t2a: Direction
    a2t: Direction
    text: NDArray[np.float32]
    audio: NDArray[np.float32]
    caption_ids: NDArray[np.object_]
    texts: NDArray[np.object_]
    track_ids: NDArray[np.object_]
    track_of_caption: NDArray[np.int64]
    measured: Measurement = field(repr=False)
    tables: Tables = field(repr=False)

    @classmethod
    def from_measurement(cls, found: Measurement, tables: Tables) -> Evaluation:
        """What a measurement of a library found, for the people who called it."""
        pairs, figures, ranked = found.vectors.pairs, found.figures, found.ranked
        return cls(
            figures=figures,
            t2a=Direction(query_ids=pairs.caption_ids, ranks=ranked["t2a"], figures=figures["t2a"]),
            a2t=Direction(query_ids=pairs.track_ids, ranks=ranked["a2t"], figures=figures["a2t"]),
            text=found.vectors.text,
            audio=found.vectors.audio,
            caption_ids=pairs.caption_ids,
            texts=pairs.texts,
            track_ids=pairs.track_ids,
            track_of_caption=pairs.track_of_caption,
            measured=found,
            tables=tables,
        )

    @cached_property
    def queries(self) -> BothWays:
        """Every query of ``t2a`` and of ``a2t`` with its best correct and its best wrong answer, and their scores.

        They are looked up when they are first asked for: about the time of the ranking once more.
        """
        return query_results(self.tables, self.measured.vectors, self.measured.ranked)

    def queries_to_frame(self) -> pd.DataFrame:
        """One row a query, as ``antiphon evaluate --per-query`` writes them; needs pandas.

        Indexed by direction and query_id. Columns ``query``, ``group``, ``rank``, ``n_correct``, ``n_items``, and
        ``correct_id``, ``correct``, ``correct_score``, ``wrong_id``, ``wrong``, ``wrong_score`` of the best correct and
        the best wrong answer; scores are dot products, and nothing stands where there is no such answer.
        """
        return frame(self.queries.columns(), index=["direction", "query_id"])

    @property
    def verdict(self) -> str:
        """Whether training beats chance and the baselines, a sentence or two."""
        return str(self.figures["verdict"])

    @property
    def warnings(self) -> tuple[str, ...]:
        """What makes these figures less than they seem."""
        return tuple(self.figures["warnings"])

    def to_dict(self) -> dict[str, Any]:
        """The figures, plain values for JSON."""
        return dict(self.figures)

    def to_frame(self) -> pd.DataFrame:
        """The table for a paper; needs pandas.

        One row a system and direction: the checkpoint (``"trained"``), its parts, the baselines, chance. Columns
        ``R@1``, ``R@5``, ``R@10``, ``MRR``, ``median_rank``, and ``MRR_low``, ``MRR_high`` of the 95 % interval.
        """
        rows = [
            {"system": name, "direction": way, **{key: figures[key] for key in METRICS}, **_interval(figures)}
            for name, both in self._systems()
            for way, figures in zip(WAYS, both, strict=True)
        ]
        return frame_of_rows(rows, index=["system", "direction"])

    def _systems(self) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
        found = {"trained": self.figures, **self.figures.get("parts", {}), **self.figures.get("baselines", {})}
        for name, figures in found.items():
            yield name, [figures[way] for way in WAYS]
        yield "chance", [self.figures[way]["chance"] for way in WAYS]

    def lines(self) -> list[str]:
        """The tables of ``antiphon evaluate``."""
        return evaluation_lines(self.figures)

    def __repr__(self) -> str:
        mrr = ", ".join(f"{way} MRR {self.figures[way]['MRR']:.3f}" for way in WAYS)
        return f"Evaluation({self.figures['checkpoint']} on {self.figures['split']}: {mrr})"


def _interval(figures: Mapping[str, Any]) -> dict[str, float]:
    low, high = figures.get("ci95", {}).get("MRR", (None, None))
    return {"MRR_low": np.nan if low is None else low, "MRR_high": np.nan if high is None else high}
