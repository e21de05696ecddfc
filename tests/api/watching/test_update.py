"""One step of keeping up, on real files: heard, renamed, removed; and what keeps half a library from being lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from antiphon.api.watching import update as updating
from antiphon.api.watching.update import update
from antiphon.embed import embed_audio
from antiphon.errors import LibraryError
from antiphon.library.ingest import IngestOptions, ingest
from antiphon.library.manifest.columns.options import Choice, ManifestOptions
from antiphon.library.tracks import Library
from antiphon.library.vectors.store import open_vectors
from tests.helpers.libraries.sounds import write


def write_tone(path: Path, *, hertz: float) -> None:
    t = np.arange(2 * 8000) / 8000
    write(path, np.sin(2 * np.pi * hertz * t * (1 + t / 4)) * (0.3 + 0.2 * np.sin(5 * t)), 8000)


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    for n, name in enumerate("abc"):
        write_tone(folder / f"{name}.wav", hertz=220.0 * (n + 1))
    ingest(folder, tmp_path / "lib")
    embed_audio(tmp_path / "lib", ["timbre"], jobs=1)
    return folder


def test_new_moved_and_gone_files_are_taken_in_by_the_encoders_that_are_there(
    music: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "lib"
    monkeypatch.setattr(updating, "chosen_encoders", lambda _root, audio, _text: (audio, []))
    assert not update(root).anything
    write_tone(music / "d.wav", hertz=1000.0)
    (music / "a.wav").rename(music / "z.wav")
    (music / "b.wav").unlink()
    found = update(root)
    counts = found.new, found.moved, found.gone, found.heard, found.tracks, found.indexed
    assert counts == (1, 1, 1, 1, 3, None)
    assert found.line().startswith("1 new, 1 moved, 1 gone; 1 heard; 3 tracks")
    assert Library(root).embedded("audio") == ["timbre"]
    assert set(Library(root).column("track_id")) <= set(open_vectors(root / "embeddings/audio/timbre").ids)


def test_a_disk_that_is_away_takes_no_track_along(music: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (music / f"{name}.wav").unlink()
    with pytest.raises(LibraryError, match=r"holds 1 sound files, and .*lib 3 tracks: is a disk away"):
        update(tmp_path / "lib")
    assert len(Library(tmp_path / "lib").column("track_id")) == 3


def test_the_options_of_the_ingest_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, music: Path) -> None:
    monkeypatch.setattr(updating, "embed_library", lambda *_, **__: pytest.fail("it was ingested otherwise"))
    shutil.rmtree(tmp_path / "lib")
    (tmp_path / "t.csv").write_text("key,words,audio,take\n1,calm,music/a.wav,yes\n2,fast,music/b.wav,no\n")
    manifest = ManifestOptions(choice=Choice(captions=("words",)), only=("take",))
    ingest(tmp_path / "t.csv", tmp_path / "lib", options=IngestOptions(tags=False, manifest=manifest))
    before = Library(tmp_path / "lib").column("track_id").tolist()
    with pytest.raises(pytest.fail.Exception):
        update(tmp_path / "lib")
    assert Library(tmp_path / "lib").column("track_id").tolist() == before == ["1"]
    assert Library(tmp_path / "lib").caption_column("text").tolist() == ["calm"]
