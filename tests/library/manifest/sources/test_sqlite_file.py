"""Reading another program's database: nothing is written beside it, and what is under way is read."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from antiphon.errors import ManifestError
from antiphon.library.manifest.columns.options import ManifestOptions
from antiphon.library.manifest.sources import sqlite_file
from antiphon.library.manifest.sources.kinds import read_source
from antiphon.library.manifest.sources.sqlite_file import Database, read_database
from tests.helpers.players.navidrome import navidrome


def titles(path: Path) -> list[str]:
    return read_database(path, lambda database: [row["title"] for row in database.rows("media_file", order="id")])


def track(number: int) -> dict[str, object]:
    return {"id": str(number), "path": f"{number}.mp3", "title": f"T{number}"}


def test_a_database_at_rest_in_a_folder_that_cannot_be_written_is_read_and_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data #1?"
    folder.mkdir()
    navidrome(folder / "n.db", [track(1)])
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    folder.chmod(0o555)
    try:
        assert titles(folder / "n.db") == ["T1"]
        assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before == {"n.db": before["n.db"]}
    finally:
        folder.chmod(0o755)


def test_what_a_running_player_has_not_yet_moved_into_its_database_is_read(tmp_path: Path) -> None:
    path = tmp_path / "n.db"
    player = navidrome(path, [track(1), track(2)], close=False)
    assert (tmp_path / "n.db-wal").stat().st_size
    before = {item.name: item.read_bytes() for item in tmp_path.iterdir()}
    assert titles(path) == ["T1", "T2"]
    assert {item.name: item.read_bytes() for item in tmp_path.iterdir()} == before
    player.execute("INSERT INTO media_file (id, path, title) VALUES ('3', '3.mp3', 'T3')")  # no lock of ours remains
    player.commit()
    assert titles(path) == ["T1", "T2", "T3"]
    player.close()


def test_a_transaction_that_was_cut_off_is_not_read(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    player = navidrome(there / "n.db", [track(n) for n in range(500)], close=False)
    player.execute("PRAGMA journal_mode=DELETE")
    player.execute("PRAGMA cache_size=1")
    player.execute("UPDATE media_file SET title = 'half'")  # spills into the file; the journal can undo it
    here = shutil.copytree(there, tmp_path / "here")
    assert (here / "n.db-journal").stat().st_size
    assert set(titles(here / "n.db")) == {f"T{n}" for n in range(500)}
    player.rollback()
    player.close()


def test_a_database_that_changes_while_it_is_read_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "n.db"
    navidrome(path, [track(1)])
    rounds = []

    def read(database: Database) -> int:
        rounds.append(len(list(database.rows("media_file"))))
        if len(rounds) == 1:
            os.utime(path, ns=(1, 1))
        return rounds[-1]

    assert read_database(path, read) == 1
    assert len(rounds) == 2


def test_one_that_never_rests_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    navidrome(tmp_path / "n.db", [track(1)])
    states = iter(range(100))
    monkeypatch.setattr(sqlite_file, "_state", lambda path: next(states))
    with pytest.raises(ManifestError, match="written to faster"):
        titles(tmp_path / "n.db")


def test_another_programs_database_is_named_by_its_tables(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "library.db")
    connection.execute("CREATE TABLE bookmarks (id integer)")
    connection.commit()
    connection.close()
    with pytest.raises(ManifestError, match=r"neither Navidrome's nor beets'. Its tables: bookmarks"):
        read_source(tmp_path / "library.db", ManifestOptions())


def test_a_damaged_database_is_said(tmp_path: Path) -> None:
    path = tmp_path / "n.db"
    navidrome(path, [track(n) for n in range(200)])
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(ManifestError, match="cannot be read as an SQLite database"):
        read_source(path, ManifestOptions())


def test_a_view_is_no_table_for_it_may_have_no_end(tmp_path: Path) -> None:
    endless = (
        "WITH RECURSIVE r(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM r) SELECT id, id AS path, 't' AS title FROM r"
    )
    with closing(sqlite3.connect(tmp_path / "n.db")) as connection:
        connection.execute(f"CREATE VIEW media_file AS {endless}")
    with pytest.raises(ManifestError, match=r"neither Navidrome's nor beets'\. Its tables: none"):
        read_source(tmp_path / "n.db", ManifestOptions())


def test_tables_of_another_shape_give_nothing_and_tracks_without_a_path_are_problems(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "n.db")) as connection:
        connection.executescript(
            "CREATE TABLE library (name); INSERT INTO library VALUES ('x'); CREATE TABLE genre (id);"
            "CREATE TABLE media_file_genres (a); CREATE TABLE media_file (id, path, title);"
            "INSERT INTO media_file VALUES (1, NULL, 'a'), (2, 3.5, 'b'), (3, x'2f612e6d7033', 'c'), "
            "(NULL, '/b.mp3', 1)"
        )
    found = read_source(tmp_path / "n.db", ManifestOptions())
    assert found is not None
    assert sorted(found.columns["audio"]) == ["/a.mp3", "/b.mp3"]
    assert [(problem.kind, problem.effect) for problem in found.problems] == [("no path", "left out")] * 2
