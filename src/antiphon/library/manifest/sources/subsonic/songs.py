"""From a server's songs to the fields of tracks: Subsonic's own, and OpenSubsonic's where the server sends them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from antiphon.library.manifest.sources.tables import Item, without_nothing

FIELDS = {
    "title": "title",
    "artist": "artist",
    "album": "album",
    "displayAlbumArtist": "albumartist",
    "track": "tracknumber",
    "discNumber": "discnumber",
    "year": "year",
    "duration": "length",
    "bpm": "bpm",
    "comment": "comment",
    "musicBrainzId": "musicbrainz_trackid",
}
LISTS = {"moods": "mood", "groupings": "grouping", "isrc": "isrc", "works": "work", "movements": "movement"}
GAINS = {"trackGain": "replaygain_track_gain", "albumGain": "replaygain_album_gain"}
NO_MUSIC = frozenset({"video", "podcast", "audiobook"})


def is_track(song: Mapping[str, Any]) -> bool:
    """Whether it is music and no folder, film or podcast."""
    return not (song.get("isDir") or song.get("isVideo") or str(song.get("type", "")).casefold() in NO_MUSIC)


def fields_of(song: Mapping[str, Any], id_name: str) -> Item:
    """A track's fields, without where its file is.

    Parameters
    ----------
    id_name : what the field with the server's own id is called.
    """
    plain = {name: _plain(song.get(theirs)) for theirs, name in FIELDS.items()}
    lists = {name: _texts(song.get(theirs)) for theirs, name in LISTS.items()}
    gains = song.get("replayGain")
    gain = {name: gains.get(theirs) for theirs, name in GAINS.items()} if isinstance(gains, Mapping) else {}
    artists = _texts(song.get("artists"))
    return without_nothing(
        {
            id_name: song["id"],
            **plain,
            "albumartist": plain["albumartist"] or "; ".join(_texts(song.get("albumArtists"))),
            "artists": artists if len(artists) > 1 else [],
            "genre": _texts(song.get("genres")) or _texts(song.get("genre")),
            **lists,
            **gain,
            **_people(song.get("contributors")),
        }
    )


def _plain(value: object) -> object:
    return value.strip() if isinstance(value, str) else value if isinstance(value, int | float) else None


def _texts(value: object) -> list[str]:
    """The texts of a list: of objects with a name, of texts, or a text alone."""
    items = value if isinstance(value, list) else [value]
    names = [item.get("name") if isinstance(item, Mapping) else item for item in items]
    return list(dict.fromkeys(name.strip() for name in names if isinstance(name, str) and name.strip()))


def _people(value: object) -> dict[str, list[str]]:
    """Contributors by role: composer, conductor, performer ("Anna (cello)") …"""
    people: dict[str, list[str]] = {}
    for item in value if isinstance(value, list) else []:
        if not isinstance(item, Mapping) or not isinstance(item.get("role"), str):
            continue
        part = f" ({item['subRole']})" if isinstance(item.get("subRole"), str) and item["subRole"] else ""
        people.setdefault(item["role"].casefold(), []).extend(f"{name}{part}" for name in _texts(item.get("artist")))
    return people
