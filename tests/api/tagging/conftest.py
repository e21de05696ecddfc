"""A folder of two tagged files, a library of it, and words that were heard in both."""

from __future__ import annotations

from pathlib import Path

import mutagen
import pytest

from antiphon.api.tagging import tag as tagging
from antiphon.captions.phrases import Phrase
from antiphon.captions.sound.heard import HeardPhrases
from antiphon.library.ingest import ingest
from antiphon.library.tracks import Library
from tests.helpers.libraries.sounds import sweep, write

WORDS = [Phrase("genre", "jazz"), Phrase("mood", "calm"), Phrase("quality", "soft"), Phrase("instrument", "piano")]


@pytest.fixture
def music(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    write(folder / "one.mp3", sweep(1.0, 44100), 44100)
    write(folder / "two.flac", sweep(1.2, 44100, level=0.3), 44100)
    file = mutagen.File(folder / "two.flac")
    file["MOOD"], file["COMMENT"] = ["as I feel it"], ["mine"]
    file.save()
    ingest(folder, tmp_path / "lib")
    heard = HeardPhrases(tracks=dict.fromkeys(Library(tmp_path / "lib").column("track_id").tolist(), WORDS))
    monkeypatch.setattr(tagging, "heard_phrases", lambda _library: heard)
    return folder
