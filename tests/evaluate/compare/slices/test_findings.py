"""Slices: nothing is found in noise, and what is there is found."""

from __future__ import annotations

import numpy as np
import pytest

from antiphon.evaluate.compare.slices import findings
from antiphon.evaluate.compare.slices.findings import LEAST, Queries, is_found, slice_findings
from antiphon.evaluate.compare.slices.masks import Slice
from antiphon.metrics.retrieval import Ranked

TRACKS, CAPTIONS, GROUP = 120, 2, 2


def queries() -> Queries:
    owner = np.repeat(np.arange(TRACKS), CAPTIONS)
    return Queries(track_of_caption=owner, text_id=np.arange(len(owner)), clusters=np.arange(TRACKS) // GROUP)


def ranks(rng: np.random.Generator, hard: np.ndarray) -> Ranked:
    """Ranks of queries that are as hard as their track, and their group, is."""
    owner = np.repeat(np.arange(TRACKS), CAPTIONS)

    def drawn(of: np.ndarray) -> np.ndarray:
        return 1 + np.floor(np.exp(1.5 + of + 0.8 * rng.normal(size=len(of)))).astype(np.int64)

    return Ranked(t2a=drawn(hard[owner]), a2t=drawn(hard))


def by_group(rng: np.random.Generator, count: int, share: float = 0.3) -> list[Slice]:
    """Slices that whole groups, and others that single tracks are in; tracks may be in several."""
    masks = [
        np.repeat(rng.random(TRACKS // GROUP) < share, GROUP) if i % 2 else rng.random(TRACKS) < share
        for i in range(count)
    ]
    return [
        Slice(name=str(i), captions=np.repeat(mask, CAPTIONS), tracks=None if i % 3 == 2 else mask)
        for i, mask in enumerate(masks)
    ]


def any_found(found: list[dict]) -> bool:
    return any(is_found(f["against_rest"]) or any(map(is_found, f["against_leader"].values())) for f in found)


def test_in_noise_at_most_one_look_in_twenty_finds_anything() -> None:
    looks, runs = 0, 200
    for run in range(runs):
        rng = np.random.default_rng(run)
        hard = np.repeat(rng.normal(0, 0.8, TRACKS // GROUP), GROUP)
        ranked = {name: ranks(rng, hard) for name in ("a", "b", "c")}
        found = slice_findings(by_group(rng, 6), queries(), ranked, resamples=1, permutations=800, seed=run)
        assert len(found) >= 4
        looks += any_found(found)
    assert looks / runs <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / runs)


def test_uncorrected_the_same_noise_would_be_full_of_findings() -> None:
    """The simulation has teeth: without the correction it finds something in every third look."""
    looks, runs = 0, 40
    for run in range(runs):
        rng = np.random.default_rng(run)
        hard = np.repeat(rng.normal(0, 0.8, TRACKS // GROUP), GROUP)
        ranked = {name: ranks(rng, hard) for name in ("a", "b", "c")}
        found = slice_findings(by_group(rng, 6), queries(), ranked, resamples=1, permutations=400, seed=run)
        looks += any(t["p"] <= 0.05 for f in found for t in (f["against_rest"], *f["against_leader"].values()))
    assert looks / runs > 0.3


def test_a_slice_that_is_harder_is_found_and_its_figure_is_that_of_its_queries() -> None:
    rng = np.random.default_rng(1)
    inside = np.repeat(np.arange(TRACKS // GROUP) % 3 == 0, GROUP)
    both = ranks(rng, np.where(inside, 1.5, 0.0))
    slices = [*by_group(rng, 3), Slice(name="hard", captions=np.repeat(inside, CAPTIONS), tracks=inside)]
    (hard,) = [f for f in slice_findings(slices, queries(), {"a": both}, resamples=1) if f["slice"] == "hard"]
    assert is_found(hard["against_rest"])
    assert hard["against_rest"]["difference"] < 0
    t2a, a2t = (1 / both["t2a"])[np.repeat(inside, CAPTIONS)].mean(), (1 / both["a2t"])[inside].mean()
    assert hard["MRR"]["a"] == pytest.approx((t2a + a2t) / 2)
    assert (hard["tracks"], hard["captions"]) == (40, 80)


def test_another_order_in_a_slice_is_found() -> None:
    rng = np.random.default_rng(2)
    inside = np.repeat(np.arange(TRACKS // GROUP) % 3 == 0, GROUP)
    a, b = ranks(rng, np.where(inside, 1.2, -0.6)), ranks(rng, np.where(inside, -1.0, 0.6))
    slices = [Slice(name="x", captions=np.repeat(inside, CAPTIONS), tracks=inside), *by_group(rng, 3)]
    (x,) = [f for f in slice_findings(slices, queries(), {"a": a, "b": b}, resamples=50) if f["slice"] == "x"]
    assert is_found(x["against_leader"]["b"])
    assert x["against_leader"]["b"]["difference"] == pytest.approx(x["MRR"]["b"] - x["MRR"]["a"])


def test_small_slices_and_those_of_few_groups_are_not_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    few = np.arange(TRACKS) < LEAST - 1
    nearly_all = ~few
    some = [Slice(name=n, captions=np.repeat(m, CAPTIONS), tracks=m) for n, m in (("few", few), ("most", nearly_all))]
    both = ranks(rng, np.zeros(TRACKS))
    assert slice_findings(some, queries(), {"a": both}) == []
    enough = np.arange(TRACKS) < LEAST
    one = Slice(name="enough", captions=np.repeat(enough, CAPTIONS), tracks=enough)
    assert len(slice_findings([one], queries(), {"a": both}, resamples=1)) == 1
    monkeypatch.setattr(findings, "FEW", 11)
    assert slice_findings([one], queries(), {"a": both}) == []
