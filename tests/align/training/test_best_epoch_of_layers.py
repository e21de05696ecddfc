"""A learned mixture of layers: retrieval is best before the loss is, and ``best_r1`` follows retrieval."""

from pathlib import Path

import numpy as np

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.layout import Layout
from antiphon.library.pairs import load_pairs
from tests.helpers.libraries.made_vectors import make_library


def test_best_r1_follows_retrieval_where_the_loss_is_lowest_in_another_epoch(tmp_path: Path) -> None:
    library = make_library(
        tmp_path, train=120, val=60, captions=1, layout=Layout(6, 8, 3), noise=(3.0,), seed=1, names=("muq-layers",)
    )
    config = TrainConfig(epochs=14, dim=16, hidden=32, epoch_steps=10, closed_form="none", patience=0)
    result = train(tmp_path, "muq-layers", text="words", config=config)
    peak = max(result.history, key=lambda r: (r.val["t2a"]["R@1"], r.mean_mrr, -r.epoch))
    lowest = min(result.history, key=lambda r: r.val_loss)
    assert result.config.layers == "mixture"
    assert peak.epoch < lowest.epoch, "the made set no longer shows what this test is about"
    assert peak.val["t2a"]["R@1"] > lowest.val["t2a"]["R@1"]

    best = Bundle.load(result.checkpoints["best_r1"])
    assert (best.epoch, Bundle.load(result.checkpoints["best_loss"]).epoch) == (peak.epoch, lowest.epoch)
    pairs = load_pairs(library, "muq-layers", "words", "val")
    scores = best.embed_text(pairs.text) @ best.embed_audio(pairs.audio).T
    correct = scores[np.arange(len(scores)), pairs.track_of_caption]
    assert 100 * np.mean((scores >= correct[:, None]).sum(axis=1) == 1) == peak.val["t2a"]["R@1"]
