"""What people type as a part of evaluate: read by the checkpoint's own text encoder, or said why not."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from antiphon import registry
from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.embed import embed_text
from antiphon.evaluate.benchmark import evaluate
from antiphon.evaluate.console import evaluation_lines
from antiphon.library.tracks import Caption, Track, save_library
from tests.evaluate.typed.test_measure import TAGS
from tests.helpers.encoders.fake_text import MODULE, install_text_encoders
from tests.helpers.libraries.made_vectors import make_library, write_vectors

SOLVED = TrainConfig(epochs=0, device="cpu", precision="float32")
N = 240


@pytest.fixture
def text_encoders(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("plugin")
    install_text_encoders(folder)
    monkeypatch.syspath_prepend(str(folder))
    registry.scan.cache_clear()
    yield
    registry.scan.cache_clear()
    sys.modules.pop(MODULE, None)


def make_sentences(root):
    """Tracks of two tags each, described in sentences; the audio is made of the tags."""
    rng = np.random.default_rng(0)
    held = [sorted(rng.choice(len(TAGS), 2, replace=False)) for _ in range(N)]
    splits = ["train"] * (N // 2) + ["val"] * (N // 4) + ["test"] * (N // 4)
    ids = [f"t{i:03d}" for i in range(N)]
    tracks = [Track(track_id=t, group=t, split=s) for t, s in zip(ids, splits, strict=True)]
    said = [f"In take {i} there is a {TAGS[a]} beside a {TAGS[b]}." for i, (a, b) in enumerate(held)]
    save_library(
        root, tracks, [Caption(caption_id=f"{t}#0", track_id=t, text=s) for t, s in zip(ids, said, strict=True)], {}
    )
    sound = np.array([[float(k in pair) for k in range(len(TAGS))] for pair in held]) @ rng.normal(size=(len(TAGS), 24))
    write_vectors(root, "audio", "made", ids, sound + 0.2 * rng.normal(size=sound.shape))


@pytest.mark.parametrize(("reader", "lost"), [("word-bag", False), ("sentence-bag", True)])
def test_tags_are_asked_and_what_they_lose_is_told(tmp_path, text_encoders, reader, lost):
    make_sentences(tmp_path)
    embed_text(tmp_path, reader)
    path = train(tmp_path, "made", text=reader, config=SOLVED).checkpoints["best_r1"]
    result = evaluate(tmp_path, path, typed=True, baselines=False, resamples=100)
    tags = result["typed"]["kinds"]["tags"]["as_caption"]
    assert (tags["share"] < -0.25 and tags["ci95"][1] < 0) is lost
    assert result["typed"]["caption_words"] == 10
    assert any("What people type" in line for line in evaluation_lines(result))
    assert "typed" not in evaluate(tmp_path, path, baselines=False, resamples=0)


def test_imported_text_vectors_cannot_read_new_texts_and_that_is_said(tmp_path):
    make_library(tmp_path, test=10)
    path = train(tmp_path, "made", text="words", config=SOLVED).checkpoints["best_r1"]
    result = evaluate(tmp_path, path, typed=True, baselines=False, resamples=20)
    assert set(result["typed"]) == {"missing"}
    assert any("No table of what people type" in line for line in evaluation_lines(result))
