"""A library that was made from a Subsonic server keeps up with it: new songs, songs that go, a server that has none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from antiphon.api.watching import update as updating
from antiphon.api.watching.update import update
from antiphon.api.watching.updated import Updated
from antiphon.api.watching.watch import SERVER_S, watch
from antiphon.embed import embed_audio
from antiphon.errors import ConfigError, LibraryError
from antiphon.library.ingest import IngestOptions, ingest
from antiphon.library.manifest.columns.options import ManifestOptions
from antiphon.library.subsonic.account import Account
from antiphon.library.tracks import Library
from antiphon.library.vectors.store import open_vectors
from tests.api.watching.test_update import write_tone
from tests.helpers.players.subsonic import Player, serving

ANNA = Account(user="anna", password="sesame ☂")


def own(name: str) -> str:
    """The server's id of a song: it may hold what addresses are made of."""
    return f"é/{name}+%2F&"


def song(name: str) -> dict[str, Any]:
    about = {"albumId": "al", "suffix": "wav", "size": 1000, "created": "2024-05-03T10:00:00Z"}
    return {"id": own(name), "title": name, "path": f"/music/{name}.wav", **about}


@pytest.fixture
def player(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Player, str]]:
    """Three songs, whose files are here too."""
    (tmp_path / "music").mkdir()
    for n, name in enumerate("abcd"):
        write_tone(tmp_path / "music" / f"{name}.wav", hertz=220.0 * (n + 1))
    sounds = {own(name): (tmp_path / "music" / f"{name}.wav").read_bytes() for name in "abcd"}
    there = Player(songs=[song(name) for name in "abc"], sounds=sounds)
    monkeypatch.setattr(updating, "chosen_encoders", lambda _root, audio, _text: (audio, []))
    with serving(there) as address:
        yield there, address


def made_from(address: str, root: Path, **manifest: Any) -> Path:
    ingest(address, root, options=IngestOptions(manifest=ManifestOptions(account=ANNA, **manifest)))
    return root


def heard(root: Path) -> set[str]:
    return set(open_vectors(root / "embeddings/audio/timbre").ids)


def test_new_songs_are_heard_from_their_files_and_those_that_go_leave(
    player: tuple[Player, str], tmp_path: Path
) -> None:
    there, address = player
    root = made_from(address, tmp_path / "lib", audio_folders=(tmp_path / "music",))
    embed_audio(root, ["timbre"], jobs=1)
    assert not update(root, account=ANNA).anything
    there.songs = [song(name) for name in "abd"]
    found = update(root, account=ANNA)
    assert (found.new, found.gone, found.heard, found.tracks) == (1, 1, 1, 3)
    assert set(Library(root).column("track_id")) == {"a.wav", "b.wav", "d.wav"} <= heard(root)


@pytest.mark.parametrize("says_when", [True, False], ids=["says when a song came", "does not say"])
def test_new_songs_are_heard_from_the_server_where_no_file_is_here(
    player: tuple[Player, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says_when: bool
) -> None:
    there, address = player
    if not says_when:
        there.songs = [{name: value for name, value in each.items() if name != "created"} for each in there.songs]
    for name, value in {"SERVER": address, "USER": "anna", "PASSWORD": there.password}.items():
        monkeypatch.setenv(f"ANTIPHON_SUBSONIC_{name}", value)
    root = made_from(address, tmp_path / "lib")
    Library(root).allow_storage(["subsonic+http"])
    embed_audio(root, ["timbre"], jobs=1)
    there.songs.append(song("d"))
    found = update(root, account=ANNA)
    assert (found.new, found.heard, found.failed) == (1, 1, 0)
    assert not update(root, account=ANNA).anything
    assert heard(root) == {f"navidrome:{own(name)}" for name in "abcd"}


@pytest.mark.parametrize("left", [0, 1])
def test_a_server_whose_disk_is_away_takes_no_track_along(
    player: tuple[Player, str], tmp_path: Path, left: int
) -> None:
    there, address = player
    root = made_from(address, tmp_path / "lib")
    there.songs = there.songs[:left]
    with pytest.raises(LibraryError, match=rf"lists {left} tracks, and .*lib 3 tracks: is a disk away") as found:
        update(root, account=ANNA)
    assert f"antiphon ingest {address}" in str(found.value.fix)
    assert len(Library(root).column("track_id")) == 3


def test_a_server_that_is_not_told_who_asks_is_not_asked(player: tuple[Player, str], tmp_path: Path) -> None:
    there, address = player
    root = made_from(address, tmp_path / "lib")
    there.asked.clear()
    with pytest.raises(ConfigError, match="wants a user and a password"):
        update(root)
    assert there.asked == []


def test_a_watch_asks_the_server_again_after_a_quarter_of_an_hour(player: tuple[Player, str], tmp_path: Path) -> None:
    root, asked, at = made_from(player[1], tmp_path / "lib"), [], [0.0]

    def taken_in(_: Path) -> Updated:
        asked.append(at[0])
        return Updated(tracks=3, new=len(asked) - 1)

    def pause(seconds: float) -> bool:
        at[0] += seconds
        return at[0] > 2.5 * SERVER_S

    batches = list(watch(root, taken_in, every=60.0, pause=pause, clock=lambda: at[0]))
    assert asked == [0.0, SERVER_S, 2 * SERVER_S]
    assert [batch.updated.new for batch in batches if batch.updated] == [0, 1, 2]
