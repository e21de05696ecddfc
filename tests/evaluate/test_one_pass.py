"""One pass over the scores against each thing by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.config import TrainConfig
from antiphon.align.data.features import Rows
from antiphon.align.ensemble.ensemble import Ensemble, embed_members, joined
from antiphon.align.hubness.correction import scored
from antiphon.align.inference import embed_pairs, measured_loss
from antiphon.align.train import train
from antiphon.evaluate.one_pass import judge
from antiphon.evaluate.split_vectors import Splits, SplitVectors
from antiphon.metrics.retrieval import Ranked
from tests.helpers.libraries.made_vectors import COMPARED, make_library

SMALL = TrainConfig(epochs=2, dim=16, hidden=32, epoch_steps=4, precision="float32", device="cpu", hubness="none")


@pytest.fixture(scope="module", params=["none", "always"])
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[SplitVectors, Bundle]:
    root = tmp_path_factory.mktemp("one_pass") / "library"
    make_library(root, **COMPARED, names=("clear",))
    train(root, "clear", config=replace(SMALL, hubness=request.param))
    bundle = Bundle.load(root / "checkpoints" / "clear_best_r1.pt")
    assert (bundle.hubness is None) == (request.param == "none")
    return Splits(root).vectors(bundle, "test"), bundle


def reweighed(trained: tuple[SplitVectors, Bundle], share: float) -> tuple[SplitVectors, Bundle]:
    """Closed forms with this share in the checkpoint, and captions that are not easy."""
    vectors, bundle = trained
    Ensemble(bundle.space).reweigh([share, 1 - share])
    words = vectors.raw.text.raw(slice(None)).numpy()
    noise = np.random.default_rng(0).normal(0, 1.5 * words.std(), words.shape)
    raw = replace(vectors.raw, text=Rows.all_of((words + noise).astype(np.float32)))
    text, audio = scored(embed_pairs(bundle.space, raw), bundle.hubness)
    return replace(vectors, text=text, audio=audio, raw=raw), bundle


def equal(one: Ranked, other: Ranked) -> bool:
    return all(np.array_equal(one[way], other[way]) for way in ("t2a", "a2t"))


@pytest.mark.parametrize("share", [0.6, 0.0, 1.0])
def test_everything_is_what_it_is_by_itself(trained: tuple[SplitVectors, Bundle], share: float) -> None:
    vectors, bundle = reweighed(trained, share)
    found = judge(bundle, vectors)
    assert equal(found.ranked, vectors.ranked)
    plain = vectors.only(bundle.dim)
    if bundle.hubness is None:
        assert found.uncorrected is None
    else:
        assert found.uncorrected is not None
        assert equal(found.uncorrected, plain.ranked)
        assert not equal(found.uncorrected, found.ranked)
    text, audio = torch.from_numpy(plain.text), torch.from_numpy(plain.audio)
    loss = measured_loss(bundle.space, text, audio, vectors.raw, kind=bundle.config.loss)
    assert (found.loss, found.loss_chance) == pytest.approx(loss, rel=1e-6)


@pytest.mark.parametrize("share", [0.6, 0.0, 1.0])
def test_a_component_ranks_as_its_members_do_without_the_others(
    trained: tuple[SplitVectors, Bundle], share: float
) -> None:
    vectors, bundle = reweighed(trained, share)
    found = judge(bundle, vectors).components
    *closed, heads = embed_members(Ensemble(bundle.space), vectors.raw)
    border = closed[0].text.shape[1]
    alone = {
        "closed_forms": (joined(closed, [1.0]), share, slice(border)),
        "trained_heads": (heads, 1 - share, slice(border, None)),
    }
    assert list(found) == list(alone)
    for name, (embedded, own_share, columns) in alone.items():
        corrected = bundle.hubness.for_columns(columns) if bundle.hubness is not None and own_share else None
        assert found[name][0] == pytest.approx(own_share)
        assert equal(found[name][1], vectors.ranks_of(scored(embedded, corrected))), name


def test_vectors_that_are_no_numbers_make_a_loss_that_is_none(trained: tuple[SplitVectors, Bundle]) -> None:
    vectors, bundle = reweighed(trained, 0.6)
    audio = vectors.audio.copy()
    audio[3] = np.nan
    found = judge(bundle, replace(vectors, audio=audio))
    assert np.isnan(found.loss)
    assert found.ranked["a2t"][3] == len(vectors.text) - int((vectors.pairs.track_of_caption == 3).sum()) + 1
