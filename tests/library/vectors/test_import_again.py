"""Vectors made elsewhere: imported again where they were damaged, under ids whose accents are encoded another way."""

from __future__ import annotations

from pathlib import Path

import pytest

from antiphon.errors import EmbeddingError
from antiphon.library.tracks import Caption, Track, save_library
from antiphon.library.vectors.imports import import_embeddings
from antiphon.library.vectors.store import open_vectors
from tests.helpers.libraries.imported import npz, random

LETTER, ACCENT = "caf\u00e9", "cafe\u0301"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    tracks = [Track(track_id=each) for each in (ACCENT, "tea")]
    save_library(tmp_path / "lib", tracks, [Caption(caption_id=f"{ACCENT}#0", track_id=ACCENT, text="calm")], {})
    return tmp_path / "lib"


def test_damaged_vectors_are_imported_again(root: Path, tmp_path: Path) -> None:
    file = npz(tmp_path / "v.npz", ids=[f"{ACCENT}#0"], vectors=random(1))
    folder = Path(import_embeddings(root, "words", file, kind="text").folder)
    (folder / "vectors.npy").write_bytes(b"")
    with pytest.raises(EmbeddingError, match="antiphon import-embeddings words FILE --kind text"):
        open_vectors(folder)
    import_embeddings(root, "words", file, kind="text")
    assert open_vectors(folder).ids.tolist() == [f"{ACCENT}#0"]


def test_ids_fit_however_their_accents_are_encoded(root: Path, tmp_path: Path) -> None:
    report = import_embeddings(root, "mine", npz(tmp_path / "v.npz", ids=[LETTER, "tea"], vectors=random(2)))
    assert (report.unknown, report.lacking) == ((), ())
    words = import_embeddings(root, "w", npz(tmp_path / "v.npz", ids=[f"{LETTER}#0"], vectors=random(1)), kind="text")
    assert (words.unknown, words.lacking) == ((), ())
    with pytest.raises(EmbeddingError, match="two different vectors"):
        import_embeddings(root, "mine", npz(tmp_path / "v.npz", ids=[LETTER, ACCENT], vectors=random(2)))
