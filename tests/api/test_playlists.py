"""Playlists from Python: made with what is loaded, kept, and made again."""

from pathlib import Path

import pytest

import antiphon
from antiphon.errors import ArgumentError, LibraryError


def test_a_path_and_a_radio_are_playlists(library: antiphon.Library) -> None:
    way = library.playlist("slow piano", "loud drums", k=6, checkpoint="one")
    assert isinstance(way, antiphon.Playlist)
    assert len({hit.track_id for hit in way}) == 6
    assert way.to_m3u().startswith("#EXTM3U\n#PLAYLIST:slow piano → loud drums\n")
    seed = way.hits[2].track_id
    assert library.playlist(radio=seed, k=3, checkpoint=library.model("two")).hits[0].track_id == seed
    assert way.minutes == pytest.approx(24)


def test_kept_questions_are_answered_again_and_one_that_fails_says_why(own: antiphon.Library) -> None:
    made = own.playlist("slow piano", k=4, checkpoint="one", save="evening")
    file = Path(own.root) / "playlists" / "evening.m3u8"
    assert file.read_text() == made.to_m3u()
    own.playlist(radio=made.hits[0].track_id, k=3, save="radio")
    kept = file.with_name("radio.question.json")
    kept.write_text(kept.read_text().replace(made.hits[0].track_id, "gone"))
    evening, radio = own.refresh_playlists()
    assert (evening.file, evening.error) == (file, None)
    assert isinstance(radio.error, LibraryError)
    with pytest.raises(ArgumentError, match="kept with a checkpoint's name"):
        own.playlist("slow piano", checkpoint=own.model("one"), save="other")
