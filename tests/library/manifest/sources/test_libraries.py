"""Libraries made from players' data: one track under every source, with its player's id beside it."""

from __future__ import annotations

from pathlib import Path

from antiphon.library.ingest import IngestOptions, ingest
from antiphon.library.manifest.columns.options import Choice, ManifestOptions
from antiphon.library.manifest.paths.mapping import path_map
from antiphon.library.tracks import Library
from tests.helpers.libraries.tagged_files import mp3, plain_mp3
from tests.helpers.players.navidrome import navidrome


def tracks(root: Path) -> dict[str, tuple[str, str]]:
    return {row["track_id"]: (row["path"], row["title"]) for row in Library(root).track_table.to_pylist()}


def test_a_library_of_a_folder_goes_on_with_the_players_database_and_its_moves(tmp_path: Path) -> None:
    music, root = tmp_path / "music", tmp_path / "lib"
    plain_mp3(music / "a" / "one.mp3", "One", "Ann", sound=b"one" * 400)
    plain_mp3(music / "a" / "two.mp3", "Two", "Ben", sound=b"two" * 400)
    ingest(music, root)
    splits = {row["track_id"]: row["split"] for row in Library(root).track_table.to_pylist()}
    (music / "b").mkdir()
    (music / "a" / "two.mp3").rename(music / "b" / "2.mp3")
    listed = [
        {"id": "n1", "path": "a/one.mp3", "title": "One!", "tags": {"mood": [{"value": "calm"}]}},
        {"id": "n2", "path": "b/2.mp3", "title": "Two"},
    ]
    navidrome(tmp_path / "navidrome.db", listed)
    options = ManifestOptions(path_maps=(path_map(f"/music={music}"),))
    ingest(tmp_path / "navidrome.db", root, options=IngestOptions(manifest=options))
    assert tracks(root) == {"a/one.mp3": ("a/one.mp3", "One!"), "a/two.mp3": ("b/2.mp3", "Two")}
    library = Library(root)
    assert {row["track_id"]: row["split"] for row in library.track_table.to_pylist()} == splits
    assert library.metadata.of("a/one.mp3")["navidrome_id"] == "n1"
    assert library.metadata.of("a/one.mp3")["mood"] == ["calm"]
    assert library.metadata.of("a/two.mp3")["navidrome_id"] == "n2"


def test_a_folder_and_a_database_together_are_the_same_tracks(tmp_path: Path) -> None:
    music, root = tmp_path / "music", tmp_path / "lib"
    plain_mp3(music / "one.mp3", "One", "Ann")
    navidrome(tmp_path / "navidrome.db", [{"id": "n1", "path": "one.mp3", "title": "One"}], libraries=[str(music)])
    ingest(music, root, more=[tmp_path / "navidrome.db"])
    assert tracks(root) == {"one.mp3": ("one.mp3", "One")}
    assert Library(root).metadata.of("one.mp3")["navidrome_id"] == "n1"


def test_a_field_of_the_player_is_a_caption_where_the_owner_says_so(tmp_path: Path) -> None:
    mp3(tmp_path / "music" / "one.mp3")
    listed = [{"id": "n1", "path": "one.mp3", "title": "One", "comment": "slow and dark"}]
    navidrome(tmp_path / "n.db", listed, libraries=[str(tmp_path / "music")])
    options = ManifestOptions(choice=Choice(captions=("comment",)))
    ingest(tmp_path / "n.db", tmp_path / "lib", options=IngestOptions(manifest=options))
    assert Library(tmp_path / "lib").caption_column("text").tolist() == ["slow and dark"]


def test_what_a_files_own_tags_say_goes_before_a_playlists_title_line(tmp_path: Path) -> None:
    plain_mp3(tmp_path / "a.mp3", "Night Bus - Live", "Lo-Tide")
    mp3(tmp_path / "b.mp3", sound=b"other" * 300)
    path = tmp_path / "rain.m3u"
    path.write_text("#EXTINF:1,Lo - Tide - Night Bus\na.mp3\n#EXTINF:1,Ben - Hill\nb.mp3\n")
    ingest(path, tmp_path / "lib")
    library = Library(tmp_path / "lib")
    found = [(track.title, track.artist) for track in map(library.track, ("a.mp3", "b.mp3"))]
    assert found == [("Night Bus - Live", "Lo-Tide"), ("Hill", "Ben")]
    assert library.metadata.of("b.mp3")["playlist"] == "rain"
