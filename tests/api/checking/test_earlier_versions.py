"""Libraries and bundles of earlier versions open, are searched and trained on; what a later version wrote is refused.

``golden/libraries/*.tar.xz`` were written by the versions of their days; ``make.py`` beside them says how. Search in
words is not tried here, because no text encoder reads imported vectors: the vectors of captions ask in their place.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.config import TrainConfig, load_config
from antiphon.align.train import train
from antiphon.align.training.results.history import read_history
from antiphon.api.checking.check import check
from antiphon.errors import AntiphonError
from antiphon.evaluate.benchmark import evaluate
from antiphon.library.ingest import ingest
from antiphon.library.judgements.file import read_judgements
from antiphon.library.manifest.paths.walk import PLAYLISTS
from antiphon.library.tracks import Library
from antiphon.library.vectors.imports import import_embeddings
from antiphon.library.vectors.store import open_vectors
from antiphon.search.indexes.current import current_index
from antiphon.search.playlists.kept import ENDING, read_kept

GOLDEN = Path(__file__).parents[2] / "golden" / "libraries"
EARLIER = sorted(path.name.removesuffix(".tar.xz") for path in GOLDEN.glob("*.tar.xz"))
LATEST = "2026-11-26-morning"


def unpacked(name: str, folder: Path) -> Path:
    with tarfile.open(GOLDEN / f"{name}.tar.xz") as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def latest(tmp_path: Path) -> Path:
    return unpacked(LATEST, tmp_path)


def test_there_are_libraries_of_each_format_of_before() -> None:
    assert len(EARLIER) >= 4


@pytest.mark.parametrize("name", EARLIER)
def test_an_earlier_library_opens_answers_is_added_to_and_trained_on(name: str, tmp_path: Path) -> None:
    root = unpacked(name, tmp_path) / "lib"
    library = Library(root)
    assert library.column("track_id").tolist() == [f"t{i}" for i in range(20)]
    assert check(root).wrong == []
    best = root / "checkpoints" / "sound_best_r1.pt"
    bundle, words = Bundle.load(best), open_vectors(root / "embeddings" / "text" / "words")
    index = current_index(root, best, "sound")
    query = bundle.score_text(words.take(["t0#0"]))[0]
    assert "t0" in index.track_ids[index.nearest(query, 5).places]
    before = evaluate(root, best, baselines=False, resamples=0, keep=False)["t2a"]["MRR"]
    drawn = np.random.default_rng(1)
    np.savez(tmp_path / "more.npz", ids=["t19"], vectors=drawn.normal(size=(1, 8)).astype("f4"))
    assert import_embeddings(root, "sound", tmp_path / "more.npz").replaced == ("t19",)
    assert evaluate(root, best, baselines=False, resamples=0, keep=False)["t2a"]["n_queries"] == 4
    splits = dict(zip(library.column("track_id"), library.column("split"), strict=True))
    lines = [f"t{i},caption t{i},artist t{i}" for i in range(20)]
    (tmp_path / "again.csv").write_text("\n".join(["id,caption,artist", *lines]))
    ingest(tmp_path / "again.csv", root)
    again = Library(root)
    assert dict(zip(again.column("track_id"), again.column("split"), strict=True)) == splits
    trained = train(root, "sound", text="words", name="anew", config=TrainConfig(epochs=1, dim=8, epoch_steps=2))
    assert trained.checkpoints["last"].is_file()
    assert 0 < before <= 1
    assert check(root).wrong == []


def test_an_earlier_bundle_opens(latest: Path) -> None:
    sealed = Bundle.load(latest / "bundle")
    assert check(latest / "bundle").wrong == []
    raw = open_vectors(latest / "lib" / "embeddings" / "audio" / "sound").take(["t0", "t1"])
    assert sealed.embed_audio(raw).shape == (2, sealed.dim)


def set_format(path: Path) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 99}))


def set_checkpoint_format(path: Path) -> None:
    torch.save({**torch.load(path, weights_only=True), "format": 99}, path)


NEWER: dict[str, tuple[str, Callable[[Path], object], Callable[[Path], object]]] = {
    "library": ("lib/library.json", set_format, lambda at: Library(at / "lib")),
    "ingest": ("lib/library.json", set_format, lambda at: ingest(at / "t.csv", at / "lib")),
    "vectors": (
        "lib/embeddings/audio/sound/provenance.json",
        set_format,
        lambda at: open_vectors(at / "lib/embeddings/audio/sound"),
    ),
    "checkpoint": (
        "lib/checkpoints/sound_best_r1.pt",
        set_checkpoint_format,
        lambda at: Bundle.load(at / "lib/checkpoints/sound_best_r1.pt"),
    ),
    "bundle": ("bundle/bundle.json", set_format, lambda at: Bundle.load(at / "bundle")),
    "playlists": (f"lib/{PLAYLISTS}/calm{ENDING}", set_format, lambda at: read_kept(at / "lib", "calm")),
    "judgements": (
        "lib/judgements.jsonl",
        lambda path: path.write_text(path.read_text() + "\n"),
        lambda at: read_judgements(at / "lib"),
    ),
    "history": (
        "lib/runs/sound/history.jsonl",
        lambda path: path.write_text('{"epoch": 1, "format": 99}\n'),
        lambda at: read_history(at / "lib/runs/sound/history.jsonl"),
    ),
    "settings": (
        "lib/runs/sound/config.toml",
        lambda path: path.write_text("format = 99\n" + path.read_text()),
        lambda at: load_config(at / "lib/runs/sound/config.toml"),
    ),
}


@pytest.mark.parametrize("what", NEWER)
def test_what_a_later_version_wrote_is_refused_with_its_format(latest: Path, what: str) -> None:
    name, change, read = NEWER[what]
    (latest / "t.csv").write_text("id,caption\nt0,calm\n")
    path = latest / name
    path.parent.mkdir(exist_ok=True)
    if not path.exists():
        path.write_text('{"format": 99}')
    change(path)
    with pytest.raises(AntiphonError, match="format 99"):
        read(latest)


@pytest.mark.parametrize("what", ["history", "settings"])
def test_check_calls_what_a_later_version_wrote_newer_and_not_damaged(latest: Path, what: str) -> None:
    name, change, _ = NEWER[what]
    change(latest / name)
    (wrong,) = check(latest / "lib").wrong
    assert (wrong.path, wrong.state) == (name.removeprefix("lib/"), "newer")


def test_an_index_of_a_later_version_is_made_anew_beside_it(latest: Path) -> None:
    root = latest / "lib"
    set_format(root / "index" / "index.json")
    index = current_index(root, root / "checkpoints" / "sound_best_r1.pt", "sound")
    assert len(index.track_ids) == 20
