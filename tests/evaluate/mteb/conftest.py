"""A library of three dozen short sounds, heard, read and trained on; a task of its test split as mteb has tasks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import antiphon
from antiphon.embed import embed_audio, embed_text
from antiphon.library.tracks import Caption, Track, save_library
from antiphon.registry import LoadOptions
from tests.helpers.encoders.tiny_sentence_model import save_sentence_model
from tests.helpers.libraries.sounds import sweep, write

RATE = 8_000
SPLITS = ["train"] * 20 + ["val"] * 6 + ["test"] * 10
HEIGHTS = ("slow", "sad", "piano", "drums")
"""Words that the tiny sentence model knows: captions that it cannot tell apart would tie."""


def sound(number: int) -> np.ndarray:
    """(1, n): a tone of one of four heights, louder or softer, with some noise."""
    rng = np.random.default_rng(number)
    tone = sweep(1.2, RATE, channels=1, level=0.1 + 0.05 * (number % 7))
    t = np.arange(tone.shape[1]) / RATE
    return (tone * np.sin(2 * np.pi * 150 * 2.0 ** (number % 4) * t) + 0.02 * rng.normal(size=tone.shape)).astype("f4")


@pytest.fixture(scope="session")
def sounding(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library's folder; some captions are those of two tracks, some tracks have two captions."""
    folder = tmp_path_factory.mktemp("sounding")
    tracks, captions = [], []
    for number, split in enumerate(SPLITS):
        path = write(folder / f"{number}.wav", sound(number), RATE)
        track = f"t{number:02d}"
        tracks.append(Track(track_id=track, path=str(path), group=track, split=split))
        height = HEIGHTS[number % 4]
        alone = f"{height} with t{number:03d}"
        texts = [f"words about {height}", alone] if number % 3 == 0 else [alone]
        captions += [Caption(caption_id=f"{track}#{k}", track_id=track, text=text) for k, text in enumerate(texts)]
    root = save_library(folder / "library", tracks, captions, {}).root
    embed_audio(root, ["timbre"], jobs=1)
    embed_text(root, str(save_sentence_model(folder / "model")), options=LoadOptions(device="cpu"))
    settings = {"epochs": 2, "dim": 8, "hidden": 8, "epoch_steps": 2, "batch_size": 16}
    antiphon.open(root).train("timbre", text="tiny-words", **settings)
    return root
