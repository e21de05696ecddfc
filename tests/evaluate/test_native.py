"""Search without training: CLAP's text vectors against the mean of its windows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from antiphon import registry
from antiphon.audio.pooling import pool
from antiphon.encoders._shared.native import TEXT_SIDE, require_one_space, track_means
from antiphon.errors import EmbeddingError
from antiphon.layout import Layout
from antiphon.library.vectors.provenance import Provenance

LAYOUT = Layout(1, 8, 3)


def side(name: str, weights_id: str = "a" * 64) -> Provenance:
    card = registry.find(name).card
    return Provenance(encoder=name, kind=card.kind, layout=card.layout, weights_id=weights_id)


def test_a_track_is_the_direction_of_the_mean_of_its_windows() -> None:
    rng = np.random.default_rng(0)
    tracks = [rng.standard_normal((windows, 8)).astype(np.float32) for windows in (1, 3, 7)]
    vectors = np.stack([pool(frames, LAYOUT) for frames in tracks])

    means = track_means(vectors.astype(np.float16), LAYOUT)

    for mean, frames in zip(means, tracks, strict=True):
        expected = frames.mean(axis=0)
        np.testing.assert_allclose(mean, expected / np.linalg.norm(expected), atol=2e-3)
    assert means.dtype == np.float32


def test_ranking_is_that_of_the_average_cosine_over_windows_times_a_track_constant() -> None:
    rng = np.random.default_rng(1)
    frames = rng.standard_normal((5, 8)).astype(np.float32)
    text = rng.standard_normal(8).astype(np.float32)
    score = track_means(pool(frames, LAYOUT)[None], LAYOUT)[0] @ text
    assert score == pytest.approx((frames @ text).mean() / np.linalg.norm(frames.mean(axis=0)), rel=1e-4)


def test_a_zero_vector_stays_zero() -> None:
    np.testing.assert_array_equal(track_means(np.zeros((2, 24), np.float16), LAYOUT), np.zeros((2, 8)))


def test_every_pair_is_registered_and_has_one_width() -> None:
    for sound, words in TEXT_SIDE.items():
        audio, text = registry.find(sound, "audio").card, registry.find(words, "text").card
        assert audio.layout.layers == 1
        assert audio.layout.dims == text.layout.size
        assert audio.hub_id == text.hub_id


def test_two_sides_of_one_checkpoint_may_meet() -> None:
    require_one_space(side("clap"), side("clap-text"))


def test_sides_of_two_checkpoints_are_refused() -> None:
    with pytest.raises(EmbeddingError, match="different weights: aaaaaaaaaaaa and bbbbbbbbbbbb"):
        require_one_space(side("clap"), side("clap-text", "b" * 64))


@pytest.mark.parametrize(("audio", "text"), [("mert", "clap-text"), ("clap", "other")])
def test_encoders_without_a_common_space_are_refused(audio: str, text: str) -> None:
    words = replace(side("clap-text"), encoder=text)
    with pytest.raises(
        EmbeddingError, match=r"share no space without training.*\n.*muq with muq-mulan, clap with clap-text"
    ):
        require_one_space(side(audio), words)
