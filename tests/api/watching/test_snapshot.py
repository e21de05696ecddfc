"""Where a watch looks: folders as a whole; tables and databases with what a running player writes beside them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from antiphon.api.watching.snapshot import Looked, looked_at, snapshot
from antiphon.errors import LibraryError
from antiphon.library.ingest import ingest
from antiphon.library.ingest.recipe.recorded import library_recipe
from antiphon.library.tracks import Library
from tests.helpers.libraries.tagged_files import plain_mp3
from tests.helpers.players.navidrome import navidrome


def test_a_folder_is_looked_at_with_texts_beside_the_sound_and_without_the_library_in_it(tmp_path: Path) -> None:
    song = plain_mp3(tmp_path / "song.mp3", "A song", "someone")
    (tmp_path / "song.txt").write_text("calm\n")
    ingest(tmp_path, tmp_path / "lib")
    library = Library(tmp_path / "lib")
    looked = looked_at(library, library_recipe(library))
    assert looked == Looked(folders=(tmp_path,), files=())
    found = snapshot(looked)
    assert set(found) == {str(song), str(tmp_path / "song.txt")}
    assert found[str(song)] == (song.stat().st_size, song.stat().st_mtime_ns)
    with pytest.raises(LibraryError, match="cannot be listed"):
        snapshot(Looked(folders=(tmp_path / "away",), files=()))
    assert snapshot(Looked(folders=(), files=(str(tmp_path / "away"),))) == {}


def test_a_players_database_is_looked_at_while_the_player_writes_with_the_files_that_it_lists(tmp_path: Path) -> None:
    music = tmp_path / "music"
    music.mkdir()
    song = plain_mp3(music / "one.mp3", "One", "someone")
    database = tmp_path / "navidrome.db"
    navidrome(database, [{"id": "n1", "path": "one.mp3", "title": "One"}], libraries=[str(music)])
    ingest(database, tmp_path / "lib")
    library = Library(tmp_path / "lib")
    looked = looked_at(library, library_recipe(library))
    before = snapshot(looked)
    assert set(before) == {str(database), str(song)}
    player = sqlite3.connect(database)
    player.execute("PRAGMA journal_mode=WAL")
    player.execute("UPDATE media_file SET title = 'Two'")
    player.commit()
    now = snapshot(looked)
    player.close()
    assert {path for path in now if now[path] != before.get(path)} == {f"{database}-wal"}
