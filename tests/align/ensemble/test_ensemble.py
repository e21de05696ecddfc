"""Several shared spaces as one: the cosine of an ensemble is the weighted mean of its members'."""

from pathlib import Path

import numpy as np
import pytest
import torch

from antiphon.align.config import TrainConfig
from antiphon.align.data.material import Material, read_material
from antiphon.align.ensemble.closed_forms import fit_closed_forms
from antiphon.align.ensemble.ensemble import Ensemble, embed_members, joined
from antiphon.align.inference import embed_pairs
from antiphon.align.model import SharedSpace
from antiphon.align.training.setup import fresh_space, resolve_settings
from antiphon.align.validation import Validation
from antiphon.errors import CheckpointError
from tests.helpers.libraries.made_vectors import make_library

SMALL = TrainConfig(epochs=2, dim=8, hidden=8, epoch_steps=2)


@pytest.fixture
def material(tmp_path: Path) -> Material:
    make_library(tmp_path)
    return read_material(tmp_path, "made", "words")


@pytest.fixture
def members(material: Material) -> list[SharedSpace]:
    return [fit_closed_forms(material.train).space, fresh_space(material, resolve_settings(SMALL, 40)).eval()]


def test_its_cosine_is_the_weighted_mean_of_its_members(material: Material, members: list[SharedSpace]) -> None:
    space = Ensemble.from_members(members, [0.3, 0.7]).space
    assert material.val is not None
    whole = embed_pairs(space, material.val)
    np.testing.assert_allclose(np.linalg.norm(whole.text, axis=1), 1.0, rtol=1e-5)
    closed, mine = (embed_pairs(member, material.val) for member in members)
    expected = 0.3 * closed.text @ closed.audio.T + 0.7 * mine.text @ mine.audio.T
    np.testing.assert_allclose(whole.text @ whole.audio.T, expected, atol=1e-5)


def test_other_weights_are_those_of_the_joined_vectors(material: Material, members: list[SharedSpace]) -> None:
    ensemble = Ensemble.from_members(members, [0.3, 0.7])
    ensemble.reweigh([0.9, 0.1])
    assert ensemble.weights == pytest.approx((0.9, 0.1))
    assert material.val is not None
    slow = joined([embed_pairs(member, material.val) for member in members], [0.9, 0.1])
    for found, expected in zip(embed_pairs(ensemble.space, material.val), slow, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_member_is_taken_over_and_handed_out_again(material: Material, members: list[SharedSpace]) -> None:
    ensemble = Ensemble.from_members(members, [0.5, 0.5])
    with torch.no_grad():
        for parameter in members[1].parameters():
            parameter.add_(0.1)
    ensemble.update(1, members[1])
    assert ensemble.space.temperature == members[1].temperature
    for number in (1, -1):
        weights = ensemble.member(number).state_dict()
        assert all(torch.equal(weights[key], value) for key, value in members[1].state_dict().items())
    closed = ensemble.member(0).state_dict()
    assert all(torch.equal(closed[k], v) for k, v in members[0].state_dict().items() if "." in k)


def test_members_are_copies_and_take_no_gradient(members: list[SharedSpace]) -> None:
    ensemble = Ensemble.from_members(members, [0.5, 0.5])
    before = ensemble.member(1).state_dict()
    with torch.no_grad():
        for parameter in members[1].parameters():
            parameter.add_(1.0)
    assert all(torch.equal(value, ensemble.member(1).state_dict()[key]) for key, value in before.items())
    assert not any(parameter.requires_grad for parameter in ensemble.space.parameters())
    assert len(ensemble) == 2


def test_making_one_draws_no_random_numbers(members: list[SharedSpace]) -> None:
    before = torch.random.get_rng_state()
    Ensemble.from_members(members, [0.5, 0.5]).member(0)
    assert torch.equal(before, torch.random.get_rng_state())


def test_each_member_is_embedded_alone_from_the_columns_it_reads(material: Material) -> None:
    assert material.val is not None
    first, second = (
        fresh_space(material, resolve_settings(TrainConfig(dim=8, hidden=8, seed=k), 40)).eval() for k in (0, 1)
    )
    both = Ensemble.from_members([first, second], [0.5, 0.5])
    for found, member in zip(embed_members(both, material.val), (first, second), strict=True):
        for mine, expected in zip(found, embed_pairs(member, material.val), strict=True):
            np.testing.assert_allclose(mine, expected, atol=1e-6)


def test_heads_that_are_no_ensemble_are_refused(members: list[SharedSpace]) -> None:
    with pytest.raises(CheckpointError, match="kind 'mlp' has no members"):
        Ensemble(members[1])


def test_measuring_with_members_that_last_gives_the_same_bits(material: Material) -> None:
    trained = fresh_space(material, resolve_settings(SMALL, 40)).eval()
    ensemble = Ensemble.from_members([fit_closed_forms(material.train).space, trained], [0.85, 0.15])
    assert material.val is not None
    meters = [
        Validation(material.val, ensemble.space, memory_bytes=size, lasting=lasting)
        for size, lasting in ((1e9, False), (1e9, True), (0.0, True))
    ]
    for seed in (0, 1):
        with torch.no_grad():
            for parameter in trained.parameters():
                parameter.add_(torch.randn(parameter.shape, generator=torch.Generator().manual_seed(seed)))
        ensemble.update(1, trained)
        plain, kept, read = (meter(ensemble.space, kind="infonce") for meter in meters)
        assert plain == kept == read
