"""What people type as a part of evaluate: read by the checkpoint's own text encoder, or said why not."""

from __future__ import annotations

import sys

import pytest

from antiphon import registry
from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.embed import embed_text
from antiphon.evaluate.benchmark import evaluate
from antiphon.evaluate.console import evaluation_lines
from tests.helpers.encoders.fake_text import MODULE, install_text_encoders
from tests.helpers.evaluated.in_use import make_sentences
from tests.helpers.libraries.made_vectors import make_library

SOLVED = TrainConfig(epochs=0, device="cpu", precision="float32")


@pytest.fixture
def text_encoders(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("plugin")
    install_text_encoders(folder)
    monkeypatch.syspath_prepend(str(folder))
    registry.scan.cache_clear()
    yield
    registry.scan.cache_clear()
    sys.modules.pop(MODULE, None)


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
