"""The fitted temperature is the best of all candidates, and finding it asks few of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from antiphon.align.config import TrainConfig
from antiphon.align.data.features import Rows
from antiphon.align.data.pair_set import PairSet
from antiphon.align.ensemble.temperature import CANDIDATES, fit_temperature, lowest
from antiphon.align.inference import measured_loss
from antiphon.align.model import SharedSpace, build_space
from antiphon.align.training.defaults import resolve_from_data
from antiphon.arrays import Embeddings, unit_length
from antiphon.layout import Layout

DIM = 8


@pytest.fixture(scope="module")
def space() -> SharedSpace:
    config = resolve_from_data(TrainConfig(dim=DIM, hidden=8), 40)
    return build_space(Layout.flat(6), Layout.flat(5), config).eval().requires_grad_(False)


def made(noise: float) -> tuple[Embeddings, PairSet]:
    """40 tracks with two captions each; two tracks say the same."""
    rng = np.random.default_rng(3)
    audio = rng.standard_normal((40, DIM))
    owner = np.arange(80) // 2
    text_id = np.arange(80)
    text_id[4] = text_id[0]
    text = audio[owner] + noise * rng.standard_normal((80, DIM))
    pairs = PairSet(
        Rows.all_of(np.zeros((40, 6), np.float32)), Rows.all_of(np.zeros((80, 5), np.float32)), owner, text_id
    )
    return Embeddings(unit_length(text), unit_length(audio)), pairs


@pytest.mark.parametrize("kind", ["infonce", "siglip"])
@pytest.mark.parametrize("noise", [0.01, 0.5, 3.0, 100.0])
def test_it_is_the_best_of_all_candidates(space: SharedSpace, kind: str, noise: float) -> None:
    embedded, pairs = made(noise)
    text, audio = (torch.from_numpy(side) for side in embedded)
    losses = []
    for candidate in CANDIDATES:
        space.log_scale.fill_(-np.log(candidate))
        losses.append(measured_loss(space, text, audio, pairs, kind=kind)[0])
    fit_temperature(space, embedded, pairs, kind=kind)
    assert space.temperature == pytest.approx(CANDIDATES[int(np.argmin(losses))])


@pytest.mark.parametrize("best", [0, 1, 20, 39, 40])
def test_few_candidates_are_asked_and_each_once(best: int) -> None:
    asked: list[int] = []

    def value(place: int) -> float:
        asked.append(place)
        return max(0.0, abs(place - best) - 0.5)

    assert lowest(value, 41) == best
    assert len(asked) == len(set(asked)) <= 12


def test_the_first_of_several_alike() -> None:
    assert lowest(lambda place: max(0.0, 7.0 - place), 41) == 7
