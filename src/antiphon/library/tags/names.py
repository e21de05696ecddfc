"""One name for one tag, whatever a format and a program call it.

Names are compared without case, spaces and punctuation (``MusicBrainz Album Id``, ``musicbrainz_albumid`` and
``MusicBrainz/Album Id`` are one). What is not listed here keeps its own name in lower case.
"""

from __future__ import annotations

LISTS = frozenset({"genre", "mood", "instrument", "style", "theme", "artists"})
"""Tags of which a file may well have several: always lists."""
TEXTS = frozenset({"title", "artist", "album", "albumartist", "comment", "lyrics", "grouping", "key", "compilation"})
"""Tags that are one text: several values in a file are joined."""
_ALIASES: dict[str, tuple[str, ...]] = {
    "genre": ("genres", "wmgenre"),
    "mood": ("moods", "tmoo"),
    "instrument": ("instruments", "instrumentation"),
    "style": ("styles",),
    "theme": ("themes",),
    "artists": (),
    "title": (),
    "artist": (),
    "album": (),
    "albumartist": ("albumartists", "ensemble"),
    "date": ("year", "releasedate", "tdrl"),
    "originaldate": ("originalyear", "tdor", "tory", "originalreleasetime", "originalreleaseyear", "origyear"),
    "bpm": ("tbpm", "tempo", "beatsperminute"),
    "key": ("initialkey", "tkey"),
    "language": ("tlan",),
    "comment": ("comments",),
    "grouping": ("contentgroup", "contentgroupdescription"),
    "lyrics": ("unsyncedlyrics", "unsynchronisedlyrics", "uslt"),
    "composer": ("composers",),
    "label": ("publisher", "organization", "recordlabel"),
    "tracknumber": ("track",),
    "tracktotal": ("totaltracks",),
    "discnumber": ("disc",),
    "disctotal": ("totaldiscs",),
    "compilation": ("tcmp", "cpil", "iscompilation", "itunescompilation", "partofacompilation"),
    "isrc": ("tsrc",),
    "replaygain_track_gain": (),
    "replaygain_track_peak": (),
    "replaygain_album_gain": (),
    "replaygain_album_peak": (),
    "r128_track_gain": (),
    "r128_album_gain": (),
    "musicbrainz_trackid": (),
    "musicbrainz_releasetrackid": (),
    "musicbrainz_albumid": (),
    "musicbrainz_artistid": (),
    "musicbrainz_albumartistid": (),
    "musicbrainz_releasegroupid": (),
    "musicbrainz_workid": (),
}


def _compact(name: str) -> str:
    return "".join(mark for mark in name.casefold() if mark.isalnum())


_BY_COMPACT = {_compact(alias): name for name, aliases in _ALIASES.items() for alias in (name, *aliases)}


def tag_name(name: str) -> str:
    """The one name of a tag."""
    return _BY_COMPACT.get(_compact(name)) or " ".join(name.casefold().split())
