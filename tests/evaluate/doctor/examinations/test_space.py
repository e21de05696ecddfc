"""Figures of a shared space against slow, obvious twins and spaces whose figures are known."""

from __future__ import annotations

import numpy as np
import pytest

from antiphon.arrays import unit_length
from antiphon.evaluate.doctor.examinations.space import effective_rank, measure_space, popularity
from tests.helpers.evaluated.made_course import found, healthy, one


def made(n=80, k=16, seed=0):
    rng = np.random.default_rng(seed)
    audio = unit_length(rng.standard_normal((n, k)).astype(np.float32))
    return unit_length(audio + 0.3 * rng.standard_normal((n, k)).astype(np.float32)), audio


def test_effective_rank_counts_equal_directions():
    ring = np.concatenate([np.eye(5), -np.eye(5)]).astype(np.float32)
    assert effective_rank(ring) == pytest.approx(5)
    assert effective_rank(np.ones((7, 5), np.float32)) == 1.0


def test_alignment_uniformity_and_gap_are_as_defined():
    text, audio = made()
    figures = measure_space(text, audio, np.arange(80))
    pairs = [(i, j) for i in range(80) for j in range(i)]
    near = np.mean([np.exp(-2 * np.sum((audio[i] - audio[j]) ** 2)) for i, j in pairs])
    assert figures.uniformity == pytest.approx(np.log(near), abs=1e-4)
    assert figures.alignment == pytest.approx(np.mean([np.sum((t - a) ** 2) for t, a in zip(text, audio, strict=True)]))
    assert figures.gap == pytest.approx(np.linalg.norm(text.mean(0) - audio.mean(0)))


def test_popularity_counts_who_is_among_the_ten_nearest():
    text, audio = made(30)
    slow = np.zeros(30, int)
    for caption in text:
        for track in np.argsort(-(audio @ caption))[:10]:
            slow[track] += 1
    assert popularity(text, audio).tolist() == slow.tolist()


def test_a_space_on_a_line_and_a_hub_are_found_and_a_healthy_space_is_not():
    text, audio = made()
    assert one(healthy(space=measure_space(text, audio, np.arange(80))), "well spread").severity == "good"
    line = unit_length(np.stack([np.ones(80), np.linspace(-1, 1, 80)], 1).astype(np.float32))
    assert one(healthy(space=measure_space(line, line, np.arange(80))), "hardly more than a line").severity == "problem"
    crowd = unit_length(text + 2 * audio[:1])
    hub = healthy(space=measure_space(crowd, audio, np.arange(80)))
    assert one(hub, "answer to nearly everything").severity == "warning"
    assert not found(healthy(), "well spread")


@pytest.mark.parametrize("side", ["tracks", "captions"])
def test_a_side_in_a_corner_is_crowded_and_not_called_well_spread(side):
    text, audio = made()
    corner = np.eye(16, dtype=np.float32)[:1] * 4
    if side == "tracks":
        audio = unit_length(audio + corner)
    else:
        text = unit_length(text + corner)
    crowded = healthy(space=measure_space(text, audio, np.arange(80)))
    assert one(crowded, f"Val's {side} lie close together").severity == "warning"
    assert not found(crowded, "well spread")


def test_two_sides_in_two_places_are_a_modality_gap_only_where_enough_tracks_tell():
    text, audio = made(n=200)
    corner = np.eye(16, dtype=np.float32)[:1]
    text, audio = unit_length(text + corner), unit_length(audio - corner)
    apart = healthy(space=measure_space(text, audio, np.arange(200)))
    assert one(apart, "two places of the space (modality gap)").severity == "warning"
    few = healthy(space=measure_space(text[:20], audio[:20], np.arange(20)))
    assert not found(few, "modality gap")
