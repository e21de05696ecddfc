"""Which captions' phrases a training reads, and what it does without some of their vectors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.config import TrainConfig
from antiphon.align.data.material import read_material, with_phrases
from antiphon.align.train import train
from antiphon.errors import ConfigError
from antiphon.library.files import write_parquet
from antiphon.library.phrases import load_phrases, phrases_folder
from antiphon.library.tracks import Library
from antiphon.library.vectors.store import VectorWriter
from tests.helpers.libraries.made_vectors import add_phrases, make_library, provenance

CONFIG = TrainConfig(epochs=3, dim=8, hidden=8, epoch_steps=4, batch_size=16, patience=0, caption_phrases=0.5)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    made = make_library(tmp_path, test=4, captions=2, listed=True)
    add_phrases(made)
    return made


def test_captions_whose_phrases_nobody_has_read_yet_are_learned_from_as_a_whole(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    every = load_phrases(library, "words", read_material(library.root, "made", "words").train_texts.tolist())
    known = dict.fromkeys(every.texts[: len(every.texts) // 2], 1.0)
    add_phrases(library, known)
    result = train(library.root, "made", text="words", config=CONFIG)
    assert len(result.history) == 3
    missing = len(every.texts) - len(known)
    assert f"{missing} phrases of captions had no words vector yet" in caplog.text
    assert "antiphon embed --text words --phrases" in caplog.text
    material = with_phrases(read_material(library.root, "made", "words"), CONFIG)
    assert material.phrases is not None
    assert set(material.phrases.texts) == set(known)


def test_a_library_whose_captions_have_no_phrases_learns_from_them_as_a_whole(tmp_path: Path) -> None:
    made = make_library(tmp_path)
    with VectorWriter(phrases_folder(made, "words"), provenance("words", "text", 16), column="phrase"):
        pass
    asked, plain = (
        train(made.root, "made", text="words", name=name, config=replace(CONFIG, caption_phrases=share))
        for name, share in (("asked", 0.5), ("plain", 0.0))
    )
    spaces = [Bundle.load(each.checkpoints["best_r1"]).space for each in (asked, plain)]
    closed = [[v for k, v in space.state_dict().items() if "landmarks" in k] for space in spaces]
    assert closed[0]
    assert all(torch.equal(*pair) for pair in zip(*closed, strict=True))


def test_phrases_are_those_of_peoples_captions(library: Library) -> None:
    by_people = ["slow, sad"]
    add_phrases(library, {"slow": 1.0, "sad": 2.0, "drum": 3.0})
    found = load_phrases(library, "words", ["slow, sad", "sad, drum"], by_people)
    assert (found.texts.tolist(), found.caption.tolist(), found.unread) == (["slow", "sad"], [0, 0], 0)
    table = library.caption_table
    people = [kind != "human" or row % 2 == 0 for row, kind in enumerate(library.caption_column("kind"))]
    kinds = pa.array(["human" if human else "machine" for human in people])
    write_parquet(library.root / "captions.parquet", table.set_column(table.column_names.index("kind"), "kind", kinds))
    add_phrases(library)
    told = read_material(library.root, "made", "words", kinds="human+machine")
    material = with_phrases(told, CONFIG)
    assert material.phrases is not None
    texts = dict(zip(library.caption_column("text"), people, strict=True))
    own = np.unique(material.phrases.caption)
    assert set(own) == {row for row, text in enumerate(told.train_texts) if texts[text]}
    assert 0 < len(own) < len(told.train_texts)


def test_phrases_that_came_since_are_news_to_a_training_that_leaves_them_to_the_data(tmp_path: Path) -> None:
    made = make_library(tmp_path, listed=True)
    unset = replace(CONFIG, caption_phrases=None)
    first = train(made.root, "made", text="words", config=unset)
    assert first.config.caption_phrases == 0.0
    add_phrases(made)
    with pytest.raises(
        ConfigError, match=r"phrases of captions: without vectors there, with vectors now(.|\n)*overwrite"
    ):
        train(made.root, "made", text="words", config=unset)
    asked_for_none = train(made.root, "made", text="words", config=replace(CONFIG, caption_phrases=0.0), again=True)
    assert (asked_for_none.begun_after, asked_for_none.kept) == (3, None), "it is finished, and nothing is new to it"
    anew = train(made.root, "made", text="words", config=unset, again=True)
    assert anew.config.caption_phrases
    assert (anew.begun_after, anew.kept is not None) == (0, True)
    assert train(made.root, "made", text="words", config=unset, again=True).begun_after == 3
