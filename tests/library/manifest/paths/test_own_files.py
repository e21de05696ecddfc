"""A library in the folder of its own music: none of what it writes there is taken for a table of tracks."""

from __future__ import annotations

from pathlib import Path

from antiphon.api.tagging.backup import NAME as TAGS_BEFORE
from antiphon.api.tagging.copies import FOLDER as TAGGING
from antiphon.library.judgements.file import NAME as JUDGEMENTS
from antiphon.library.manifest.paths.walk import PLAYLISTS, walk
from antiphon.library.players.table import FOLDER as PLAYERS
from antiphon.library.tracks import Track, save_library

WRITTEN = (
    *(TAGS_BEFORE, JUDGEMENTS, "comparison.json", "audit.json"),
    *(f"{TAGGING}/copy.json", f"{PLAYERS}/lms.json", f"{PLAYLISTS}/calm.m3u8", f"{PLAYLISTS}/pushed.json"),
    *("runs/one/history.jsonl", "index/index.json", "embeddings/audio/one/checksums.json"),
)


def test_only_the_music_is_found_in_a_folder_that_is_its_own_library(tmp_path: Path) -> None:
    save_library(tmp_path, [Track(track_id="a", path="a.flac", group="a", split="train")], [], {})
    (tmp_path / "splits.parquet").write_bytes(b"")
    for name in (*WRITTEN, "a.flac", "playlists/own.flac"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}")
    assert [Path(path).name for path in walk(tmp_path).files] == ["a.flac", "own.flac"]
    (tmp_path / "library.json").unlink()
    assert len(walk(tmp_path).files) > 2, "without a library these are somebody's own files"
