"""A library whose ids have spaces, and a checkpoint that is sometimes wrong."""

from __future__ import annotations

import numpy as np
import pytest

from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.library.tracks import Caption, Track, save_library
from tests.helpers.libraries.made_vectors import write_vectors

SMALL = TrainConfig(epochs=1, dim=16, hidden=32, epoch_steps=4, precision="float32", device="cpu", hubness="none")


@pytest.fixture(scope="session")
def judged_library(tmp_path_factory):
    root = tmp_path_factory.mktemp("trec") / "library"
    rng = np.random.default_rng(0)
    ids = [f"track {i:04d}.wav" for i in range(100)]
    splits = ["train"] * 50 + ["val"] * 20 + ["test"] * 30
    texts = [f"a song {i // 2 if k else i} {'in short' if k else 'at length'}" for i in range(100) for k in range(2)]
    captions = [
        Caption(caption_id=f"{ids[i // 2]}#{i % 2}", track_id=ids[i // 2], text=text) for i, text in enumerate(texts)
    ]
    save_library(root, [Track(track_id=t, split=s) for t, s in zip(ids, splits, strict=True)], captions, {})
    cause = rng.normal(size=(100, 5))
    sound = cause @ rng.normal(size=(5, 12)) + rng.normal(size=(100, 12))
    write_vectors(root, "audio", "made", ids, sound)
    first = {text: i // 2 for i, text in reversed(list(enumerate(texts)))}  # equal texts have equal vectors
    words = (cause @ rng.normal(size=(5, 10)))[[first[text] for text in texts]]
    write_vectors(root, "text", "words", [caption.caption_id for caption in captions], words)
    train(root, "made", config=SMALL)
    return root, root / "checkpoints" / "made_best_r1.pt"
