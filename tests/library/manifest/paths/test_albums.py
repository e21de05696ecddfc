"""What the path of a file in a collection says."""

from __future__ import annotations

import pytest

from antiphon.library.manifest.paths.albums import is_numbered, named_by


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("Ann/Sea/03 Blue.flac", ("Ann", "Sea", "Blue")),
        ("Ann/1999 - Sea/03 - Blue.mp3", ("Ann", "Sea", "Blue")),
        ("Ann/Sea (1999)/1-03. Blue.mp3", ("Ann", "Sea", "Blue")),
        ("Ann/Ann - Sea/Ann - 03 - Blue.mp3", ("Ann", "Sea", "Blue")),
        ("Music/Ann/Sea/CD 2/03_Blue_Sky.mp3", ("Ann", "Sea", "Blue Sky")),
        ("Ann - Sea/03 Blue.mp3", ("Ann", "Sea", "Blue")),
        ("Sea/03 Blue.mp3", ("", "Sea", "Blue")),
        ("Hits/03 Ann - Blue.mp3", ("Ann", "Hits", "Blue")),
        ("Ann/Sea/Symphony 40 - Allegro.flac", ("Ann", "Sea", "Symphony 40 - Allegro")),
        ("Ann/Sea/0006-the-sea.wav", ("Ann", "Sea", "0006-the-sea")),
        ("Ann/Sea/Blue 7 Nights.mp3", ("Ann", "Sea", "Blue 7 Nights")),
        ("Nena - 99 Luftballons.mp3", ("Nena", "", "99 Luftballons")),
        ("Ann - 03 Blue.mp3", ("Ann", "", "Blue")),
        ("Ann - 3. Blue.mp3", ("Ann", "", "Blue")),
        ("jazz/jazz.00012.wav", ("", "", "jazz.00012")),
        ("Ann - Blue.mp3", ("Ann", "", "Blue")),
        ("Ann/1984/01 1984.mp3", ("Ann", "1984", "01 1984")),
        ("AC_DC/Back in Black/01 Hells Bells.mp3", ("AC DC", "Back in Black", "Hells Bells")),
    ],
)
def test_artist_album_and_title(path: str, said: tuple[str, str, str]) -> None:
    named = named_by(path)
    assert (named.artist, named.album, named.title) == said


def test_what_a_track_number_is() -> None:
    assert all(map(is_numbered, ["03 Blue", "3. Blue", "1-03 Blue", "03_blue", "101 Blue"]))
    assert not any(map(is_numbered, ["Blue", "jazz.00012", "000002", "1-100032-A-0", "100032-3-0-0", "1999"]))
