"""Weights from the hub: what is pinned is what is loaded, and the vectors say which commit made them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from antiphon import registry
from antiphon.embed import embed_audio
from antiphon.errors import EmbeddingError, EncoderError
from antiphon.library.tracks import Library
from antiphon.library.vectors.store import open_vectors
from antiphon.registry import LoadOptions
from tests.helpers.checkpoints.all_checkpoints import all_checkpoints
from tests.helpers.libraries.sounds import sweep, write
from tests.helpers.libraries.tone_library import library

OLD, NEW = "0" * 39 + "1", "0" * 39 + "2"
HUB_ID = "m-a-p/MERT-v1-95M"
CHECKPOINTS = all_checkpoints()


class Cache:
    """The hub's local cache, as the client lays it out."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, name: str, hub_id: str, commit: str, *refs: str, **changes: int) -> None:
        """A tiny checkpoint of encoder ``name`` under a commit, to which branches or tags point."""
        model = self.root / f"models--{hub_id.replace('/', '--')}"
        snapshot = model / "snapshots" / commit
        made = Path(CHECKPOINTS[name](snapshot, **changes))
        if made != snapshot and made.is_dir():  # a model that is saved below it
            shutil.copytree(made, snapshot, dirs_exist_ok=True)
        (model / "refs").mkdir(exist_ok=True)
        for ref in refs:
            (model / "refs" / ref).write_text(commit)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return Cache(tmp_path / "hub")


@pytest.fixture
def two(cache):
    """A model of which an old commit has the tag v1 and a new one is the main branch."""
    cache.put("mert-95m", HUB_ID, OLD, "v1", seed=1)
    cache.put("mert-95m", HUB_ID, NEW, "main", seed=2)
    return cache


def made_by(root: Path, **options: str):
    """What the stored vectors say, after embedding one track."""
    write(root / "a.wav", sweep(1.0, 24_000, channels=1), 24_000)
    lib = library(root, {"a": "a.wav"}, "-".join(options.values()).replace("/", "-") or "plain")
    (report,) = embed_audio(lib, ["mert-95m"], options=LoadOptions(device="cpu", **options), jobs=1)
    assert report.failed == {}
    return open_vectors(Library(lib).embedding_folder("audio", "mert-95m")).provenance


def test_unpinned_the_main_branch_of_the_cache_is_used_and_its_commit_recorded(tmp_path, two):
    made = made_by(tmp_path)
    assert (made.revision, made.source) == (NEW, HUB_ID)


@pytest.mark.parametrize(
    ("options", "commit"),
    [
        ({"weights": f"{HUB_ID}@{OLD}"}, OLD),
        ({"weights": f"{HUB_ID}@v1"}, OLD),
        ({"weights": f"{HUB_ID}@main"}, NEW),
        ({"weights": HUB_ID, "revision": OLD}, OLD),
        ({"revision": "v1"}, OLD),
    ],
)
def test_a_pinned_commit_tag_or_branch_is_what_is_loaded(tmp_path, two, options, commit):
    made = made_by(tmp_path, **options)
    assert made.revision == commit
    one = two.root / "models--m-a-p--MERT-v1-95M" / "snapshots" / commit
    assert made.fingerprint == made_by(tmp_path, weights=str(one)).fingerprint  # the same file, wherever it came from


def test_vectors_of_two_commits_are_not_mixed(tmp_path, two):
    made_by(tmp_path)
    with pytest.raises(EmbeddingError, match=r"weights_id: [0-9a-f]{64} in .*, [0-9a-f]{64} in what you asked for"):
        embed_audio(tmp_path / "plain", ["mert-95m"], options=LoadOptions(device="cpu", revision="v1"), jobs=1)


def test_a_commit_that_is_not_here_names_the_command_that_brings_it(two):
    with pytest.raises(EncoderError, match=rf"hf download {HUB_ID} --revision v9 --local-dir DIR"):
        registry.load("mert-95m", LoadOptions(weights=f"{HUB_ID}@v9"))


def test_two_revisions_at_once_are_refused(two):
    with pytest.raises(EncoderError, match=rf"Two revisions of {HUB_ID} are named: v1 and main"):
        registry.load("mert-95m", LoadOptions(weights=f"{HUB_ID}@v1", revision="main"))


@pytest.mark.parametrize("name", sorted(name for name in CHECKPOINTS if registry.find(name).card.hub_id))
def test_every_encoder_knows_its_commit(cache, name):
    if registry.find(name).card.missing_packages():
        pytest.skip(f"'{name}' needs {registry.find(name).card.missing_packages()}")
    cache.put(name, "someone/some", OLD)
    encoder = registry.load(name, LoadOptions(weights=f"someone/some@{OLD}", device="cpu"))
    assert encoder.revision == OLD
