"""Where a track fits best: windows that are planted are found, by all encoders of a checkpoint that have some."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from antiphon.align.checkpoint.model import Model
from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.layout import Layout
from antiphon.library.tracks import Library
from antiphon.library.vectors.store import open_vectors
from antiphon.library.vectors.windows import Windows, WindowWriter
from antiphon.registry import TextEncoder
from antiphon.search.hits import clock
from antiphon.search.moments import Moments
from antiphon.search.searcher import Searcher
from tests.helpers.libraries.made_vectors import make_library

LAYOUTS = {"one": Layout(1, 24, 1), "two": Layout(1, 18, 1)}
STRANGE = "t030"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("moments")
    make_library(
        root, train=60, val=12, captions=1, layout=tuple(LAYOUTS.values()), names=tuple(LAYOUTS), noise=(0.1, 0.1)
    )
    train(root, "one+two", text="words", config=TrainConfig(epochs=0, device="cpu"))
    return root


def reader(root: Path, model: Model) -> Model:
    """The model, whose text encoder knows the library's own captions."""
    library = Library(root)
    words = open_vectors(library.embedding_folder("text", "words"))
    columns = (library.caption_column(name) for name in ("text", "caption_id"))
    ids = dict(zip(*columns, strict=True))
    encoder = SimpleNamespace(encode=lambda texts: words.take([ids[text] for text in texts]).astype(np.float32))
    model._text_encoder = cast(TextEncoder, encoder)
    return model


def plant(root: Path, name: str, into: str, *parts: str) -> None:
    """Give a track windows that sound as other tracks do, ten seconds each."""
    folder = Library(root).embedding_folder("audio", name)
    stored = open_vectors(folder)
    means = stored.take(list(parts)).astype(np.float32)
    windows = Windows(means=means, width_s=10.0, seconds=10.0 * len(parts) + 2)
    with WindowWriter(folder, LAYOUTS[name].size) as writer:
        writer.add([(stored.take([into])[0], windows)])


@pytest.fixture
def planted(root: Path) -> Any:
    """Plants windows for one test."""
    yield lambda name, into, *parts: plant(root, name, into, *parts)
    for name in LAYOUTS:
        for file in Library(root).embedding_folder("audio", name).glob("windows*"):
            file.unlink()


def searcher(root: Path) -> Searcher:
    return Searcher(root, reader(root, Model.load(root / "checkpoints" / "one+two_best_r1.pt")))


def caption(root: Path, track: str) -> str:
    library = Library(root)
    return str(library.caption_column("text")[list(library.caption_column("track_id")).index(track)])


@pytest.mark.parametrize("names", [("one", "two"), ("one",)], ids=["both encoders", "one of two"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_window_that_sounds_as_the_words_say_is_named(
    root: Path, planted: Any, names: tuple[str, ...], place: int
) -> None:
    parts = ["t011", "t022", "t033"]
    for name in names:
        planted(name, STRANGE, *parts)
    hits = searcher(root).search(caption(root, parts[place]), k=72)
    best = {hit.track_id: hit.best_at for hit in hits}
    assert best.pop(STRANGE) == 10.0 * place
    assert set(best.values()) == {None}


def test_the_order_and_the_scores_are_those_of_whole_tracks(root: Path, planted: Any) -> None:
    words = caption(root, "t022")
    before = searcher(root).search(words, k=72)
    planted("one", STRANGE, "t011", "t022")
    after = searcher(root).search(words, k=72)
    assert [(hit.track_id, hit.score) for hit in after] == [(hit.track_id, hit.score) for hit in before]


def test_a_track_of_one_window_has_no_best_one(root: Path, planted: Any) -> None:
    planted("one", STRANGE, "t011")
    hits = searcher(root).search(caption(root, "t011"), k=72)
    assert {hit.best_at for hit in hits} == {None}


def test_without_windows_nothing_is_said(root: Path) -> None:
    found = searcher(root)
    assert not Moments(found.library, found.model)
    assert {hit.best_at for hit in found.search(caption(root, "t011"), k=5)} == {None}


def test_damaged_windows_keep_nobody_from_an_answer(root: Path, planted: Any, caplog: pytest.LogCaptureFixture) -> None:
    for name in LAYOUTS:
        planted(name, STRANGE, "t011", "t022")
    (Library(root).embedding_folder("audio", "one") / "windows.npy").write_bytes(b"half of it")
    hits = searcher(root).search(caption(root, "t022"), k=72)
    assert {hit.track_id: hit.best_at for hit in hits}[STRANGE] == 10.0
    assert "windows.npy holds no windows of 24 numbers" in caplog.text


def test_answers_say_it_in_words_and_in_seconds(root: Path, planted: Any) -> None:
    planted("one", STRANGE, *["t011"] * 10, "t022", "t033")
    (hit,) = (h for h in searcher(root).search(caption(root, "t022"), k=72) if h.track_id == STRANGE)
    assert str(hit).endswith("(fits best at 1:40)")
    assert json.loads(json.dumps(hit.to_dict()))["best_at"] == 100.0


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0:00"), (59.9, "0:59"), (102, "1:42"), (3725, "1:02:05")])
def test_times_are_shown_as_players_show_them(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown
