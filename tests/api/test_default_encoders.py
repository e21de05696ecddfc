"""Which encoders a library is embedded with where none is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from antiphon.api.chosen import chosen_encoders
from antiphon.api.embedded import import_into_library
from antiphon.encoders import musicnn
from antiphon.layout import Layout
from antiphon.library.next_step import SIGNAL_ENCODERS
from antiphon.library.tracks import Track, save_library
from antiphon.library.vectors.store import VectorWriter
from tests.helpers.libraries.made_vectors import make_library, provenance


@pytest.fixture
def root(tmp_path: Path) -> Path:
    save_library(tmp_path, [Track(track_id=t, path=f"{t}.wav", group=t) for t in "ab"], [], {})
    return tmp_path


@pytest.fixture
def fetched(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("ANTIPHON_CACHE", str(cache))
    musicnn.PACKAGE.path.write_bytes(b"its content is checked when it is opened")


def test_a_small_model_is_among_them_once_its_weights_are_here(root: Path, fetched: None) -> None:
    assert chosen_encoders(root, None, None) == ([*SIGNAL_ENCODERS, "musicnn"], ["minilm"])


def test_without_its_weights_it_is_left_out(root: Path) -> None:
    assert chosen_encoders(root, None, None)[0] == list(SIGNAL_ENCODERS)


def test_vectors_that_were_imported_under_its_name_are_left_as_they_are(root: Path, fetched: None) -> None:
    np.savez(root / "own.npz", ids=np.array(["a", "b"]), vectors=np.random.default_rng(0).normal(size=(2, 16)))
    import_into_library(root, "musicnn", root / "own.npz", layout=Layout.flat(16))
    assert chosen_encoders(root, None, None)[0] == list(SIGNAL_ENCODERS)
    assert chosen_encoders(root, ["musicnn"], None)[0] == ["musicnn"]


def test_plain_embed_reads_with_the_encoders_that_have_read_captions_before(tmp_path: Path) -> None:
    library = make_library(tmp_path, names=(), train=2, val=1)
    for name, origin in (("mpnet", "computed"), ("brought", "imported"), ("muq-mulan", "computed")):
        with VectorWriter(library.embedding_folder("text", name), provenance(name, "text", 2, origin=origin)):
            pass
    assert chosen_encoders(tmp_path, None, None)[1] == ["minilm", "mpnet"]
    assert chosen_encoders(tmp_path, None, ["mpnet+minilm", "mpnet"])[1] == ["mpnet", "minilm"]
    assert chosen_encoders(tmp_path, None, [f"{tmp_path}/a+b"])[1] == [f"{tmp_path}/a+b"]
