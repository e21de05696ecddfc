"""Ids out of tables and databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from antiphon.errors import ManifestError
from antiphon.library.players.songs import Song
from antiphon.library.players.sources.tables import songs_of_table
from tests.helpers.players.navidrome import navidrome


def test_a_table_of_ids_and_paths(tmp_path: Path) -> None:
    path = tmp_path / "lms.csv"
    path.write_text("id,path\n17,/music/Ben/Hill.mp3\n18,\n,nothing\n")
    assert songs_of_table(path).songs == [
        Song(id="17", known_as="17", path="/music/Ben/Hill.mp3"),
        Song(id="18", known_as="18"),
    ]


def test_a_table_of_ids_and_tags_whose_ids_have_the_players_name(tmp_path: Path) -> None:
    path = tmp_path / "jf.tsv"
    path.write_text("id\tJellyfin ID\ttitle\tartist\talbum\tmb_trackid\n1\tAB\tHill\tBen\tSky\tm-1\n")
    found = Song(id="AB", known_as="AB", title="Hill", artist="Ben", album="Sky", recording="m-1")
    assert songs_of_table(path).songs == [found]


def test_navidromes_database_has_its_artists_too(tmp_path: Path) -> None:
    path = tmp_path / "navidrome.db"
    connection = navidrome(path, [{"id": "n1", "path": "Ben/Hill.mp3", "title": "Hill"}], close=False)
    connection.execute("CREATE TABLE artist (id varchar primary key, name varchar)")
    connection.execute("INSERT INTO artist VALUES ('ar1', 'Ben')")
    connection.commit()
    connection.close()
    found = songs_of_table(path)
    assert (found.player, found.artists) == ("navidrome", {"ar1": "Ben"})
    assert found.songs == [Song(id="n1", known_as="n1", path="Ben/Hill.mp3", title="Hill")]


@pytest.mark.parametrize(
    ("text", "said"),
    [("path\na.mp3\n", "no column with the player's ids"), ("id,title\n1,Hill\n", "does not say which songs")],
)
def test_a_table_that_does_not_say_whose_ids_they_are_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(ManifestError, match=said):
        songs_of_table(path)
    with pytest.raises(ManifestError, match="There is no file"):
        songs_of_table(tmp_path / "none.csv")
