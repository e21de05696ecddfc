"""A playlist becomes a server's own: its songs found in the surest way that there is, and those that are not named."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from antiphon.errors import LibraryError
from antiphon.library.players.table import IdTable, save_ids
from antiphon.library.subsonic.account import Account
from antiphon.library.subsonic.client import Subsonic
from antiphon.library.tracks import Library, Track, save_library
from antiphon.search.hits import Hit, Hits
from antiphon.search.playlists.answer import Playlist
from antiphon.search.playlists.push import delete_pushed, push, pushed_before, pushed_elsewhere, rename_pushed
from tests.helpers.players.ids import library_with_ids
from tests.helpers.players.subsonic import Player, serving

ANNA = Account(user="anna", password="sesame ☂")


def playlist(track_ids: Sequence[str], name: str = "calm piano") -> Playlist:
    hits = Hits(
        Hit(rank=rank, track_id=track, score=0.5, title=track, artist="", path="", by="muq")
        for rank, track in enumerate(track_ids, 1)
    )
    return Playlist(name=name, hits=hits, lengths=(None,) * len(hits), seconds=60.0)


def library(root: Path, *tracks: Track) -> Library:
    return save_library(root, tracks, [], {"audio_root": "/nas"})


def song(id: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "isDir": False, **more}


def test_the_players_own_ids_are_used_where_the_library_knows_them(tmp_path: Path) -> None:
    found = library_with_ids(tmp_path / "lib", {"a": "n1", "b": "n2", "c": "stale"})
    player = Player(songs=[song("n2", title="Song b"), song("n1", title="Song a"), song("stale", title="Another")])
    with serving(player) as address:
        pushed = push(found.root, playlist(["b", "c", "a"]), Subsonic(address, ANNA))
    assert [each["songs"] for each in player.shelf.playlists] == [["n2", "n1"]]
    assert pushed.missing == ["Song c"]
    assert pushed.lines() == [f"'calm piano' made on {address}: 2 tracks.", "1 track not found there: Song c."]


def test_ids_that_were_learnt_with_the_command_ids_are_used_too(tmp_path: Path) -> None:
    found = library(tmp_path / "lib", Track(track_id="a", path="a.mp3"))
    save_ids(found.root, IdTable(player="gonic", tracks={"tr-1": "a"}))
    player = Player(songs=[song("tr-1", title="A")], kind="gonic")
    with serving(player) as address:
        assert push(found.root, playlist(["a"]), Subsonic(address, ANNA)).written.songs == 1
    assert not [given for method, given in player.asked if method == "search3"]


def test_without_ids_tracks_go_by_path_then_by_recording_then_by_tags(tmp_path: Path) -> None:
    found = library(
        tmp_path / "lib",
        Track(track_id="p", path="Ben/Hill.mp3", title="Hill"),
        Track(track_id="t", path="x/Sun.mp3", title="Sun", artist="Zoe", album="Day"),
        Track(track_id="n", path="Only/By/Name Of File.mp3"),
        Track(track_id="gone", path="gone.mp3", title="Gone", artist="Ben"),
    )
    songs = [
        song("other", title="Hill", path="/music/Zoe/Hill.mp3"),
        song("1", title="Hill", path="/music/Ben/Hill.mp3"),
        song("2", title="Sun", artist="Zoe", album="Day"),
        song("3", title="Sun", artist="Zoe", album="Best of"),
        song("4", title="Name of file", path="/music/Only/By/Name Of File.mp3"),
    ]
    player = Player(songs=songs)
    with serving(player) as address:
        pushed = push(
            found.root, playlist(["t", "p", "n", "gone"]), Subsonic(address, ANNA), path_map={"/music": "/nas"}
        )
    assert [each["songs"] for each in player.shelf.playlists] == [["2", "1", "4"]]
    assert pushed.missing == ["Ben - Gone"]


def test_a_title_that_many_songs_have_is_looked_for_with_its_artist(tmp_path: Path) -> None:
    found = library(tmp_path / "lib", Track(track_id="a", title="Intro", artist="Zoe"))
    songs = [song(f"x{n}", title="Intro", artist=f"Band {n}") for n in range(60)] + [
        song("z", title="Intro", artist="Zoe")
    ]
    player = Player(songs=songs)
    with serving(player) as address:
        push(found.root, playlist(["a"]), Subsonic(address, ANNA))
    assert player.shelf.playlists[0]["songs"] == ["z"]


def test_pushed_again_it_replaces_ours_also_where_no_comment_is_kept(tmp_path: Path) -> None:
    found = library_with_ids(tmp_path / "lib", {"a": "n1", "b": "n2"})
    player = Player(songs=[song("n1", title="Song a"), song("n2", title="Song b")])
    player.shelf.comments = False
    with serving(player) as address:
        for tracks in (["a"], ["b"]):
            pushed = push(found.root, playlist(tracks), Subsonic(address, ANNA), name="Evening")
    assert pushed.written.replaced
    assert [(each["name"], each["songs"]) for each in player.shelf.playlists] == [("Evening", ["n2"])]


def test_where_the_server_has_no_track_nothing_is_made(tmp_path: Path) -> None:
    found = library(tmp_path / "lib", Track(track_id="a", title="Hill", artist="Ben"))
    player = Player(songs=[])
    with serving(player) as address, pytest.raises(LibraryError, match=r"none of the 1 track .*Hill.*\n.*antiphon ids"):
        push(found.root, playlist(["a"]), Subsonic(address, ANNA))
    assert player.shelf.playlists == []
    (found.root / "playlists").mkdir()
    (found.root / "playlists" / "pushed.json").write_text("[]")
    with (
        serving(Player(songs=[song("1", title="Hill", artist="Ben")])) as address,
        pytest.raises(LibraryError, match="is damaged"),
    ):
        push(found.root, playlist(["a"]), Subsonic(address, ANNA))


@pytest.mark.parametrize("comments", [True, False])
def test_ours_is_renamed_and_deleted_and_nobody_elses(tmp_path: Path, comments: bool) -> None:
    root = library_with_ids(tmp_path / "lib", {"a": "n1"}).root
    player = Player(songs=[song("n1", title="Song a")])
    player.shelf.comments = comments
    player.shelf.playlists = [{"id": "x", "name": "Mine", "owner": "anna", "comment": "mine", "songs": ["n1"]}]
    with serving(player) as address:
        there = Subsonic(address, ANNA)
        push(root, playlist(["a"], "Evening"), there)
        with pytest.raises(LibraryError, match="has a playlist 'Mine' already"):
            rename_pushed(root, "Evening", "Mine", there)
        assert rename_pushed(root, "Evening", "Night", there) == [f"'Evening' is 'Night' on {address}, too."]
        assert [each["name"] for each in player.shelf.playlists] == ["Mine", "Night"]
        assert (pushed_elsewhere(root), pushed_elsewhere(root, address)) == ([address], [])
        assert delete_pushed(root, "Night", there) == [f"'Night' is deleted on {address}, too."]
        assert (delete_pushed(root, "Mine", there), rename_pushed(root, "Mine", "Ours", there)) == ([], [])
        assert [each["name"] for each in player.shelf.playlists] == ["Mine"]
        assert (pushed_before(root, address), pushed_elsewhere(root)) == ([], [])
