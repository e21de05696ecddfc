"""Which fields of metadata say what: the one table of known names.

Names are compared without case, spaces and punctuation: ``Mood/Theme``, ``mood_theme`` and ``moodtheme`` are one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from antiphon.library.captions import MADE_COLUMN

Meaning = Literal[
    "genre",
    "style",
    "mood",
    "theme",
    "instrument",
    "words",
    "original year",
    "year",
    "bpm",
    "key",
    "mode",
    "language",
    "comment",
    "grouping",
    "voice",
    "lyrics",
    "release",
    "compilation",
    "made",
]
NAMES: dict[Meaning, tuple[str, ...]] = {
    "style": ("style", "styles", "subgenre", "subgenres", "sub_genre"),
    "genre": (
        *(
            "genre",
            "genres",
            "genre_top",
            "track_genre_top",
            "genre_name",
            "primary_genre",
            "main_genre",
            "album_genre",
        ),
        *("genre_tags", "musical_genre", "music_genre"),
    ),
    "mood": ("mood", "moods", "mood/theme", "mood_tags", "feeling", "feelings", "emotion", "emotions", "atmosphere"),
    "theme": ("theme", "themes", "occasion", "occasions", "usage", "use_case", "situation", "activity", "setting"),
    "instrument": ("instrument", "instruments", "instrumentation", "instrument_tags", "lead_instrument"),
    "words": (
        *("tag", "tags", "labels", "keywords", "keyword", "aspect_list", "aspects", "pseudo_attribute", "track_tags"),
        *("tag_top50", "tag_top188", "descriptors", "lastfm_tags", "user_tags", "folksonomy"),
    ),
    "original year": ("originalyear", "originaldate", "original_release_date", "origyear", "year_recorded"),
    "year": ("year", "date", "release_date", "released", "release_year", "track_date_recorded", "album_date_released"),
    "bpm": ("bpm", "tempo", "beats_per_minute", "tempo_bpm"),
    "key": ("key", "initialkey", "initial_key", "musical_key", "tonality", "key_signature", "musickey"),
    "mode": ("mode",),
    "language": ("language", "languages", "lang", "sung_in", "lyrics_language"),
    "comment": ("comment", "comments", "notes", "remarks", "track_information"),
    "grouping": ("grouping", "groupings", "contentgroup", "content_group"),
    "voice": ("vocals", "vocal", "voice", "singer", "instrumental", "vocal_instrumental", "vocal_type", "voice_type"),
    "lyrics": ("lyrics", "unsyncedlyrics"),
    "release": ("releasetype", "release_type", "version", "mix", "albumtype"),
    "compilation": ("compilation", "comp"),
    "made": (MADE_COLUMN,),
}
"""What is meant → names; the fields of one meaning count in this order."""


def _compact(name: str) -> str:
    return "".join(mark for mark in name.casefold() if mark.isalnum())


_MEANINGS: dict[str, tuple[int, Meaning]] = {
    _compact(name): (place, meaning) for meaning, names in NAMES.items() for place, name in enumerate(names)
}


def known_fields(names: Iterable[str]) -> dict[Meaning, list[str]]:
    """The fields that a library has of each meaning, those that say it best first."""
    found: dict[Meaning, list[tuple[int, str]]] = {}
    for name in names:
        if known := _MEANINGS.get(_compact(name)):
            found.setdefault(known[1], []).append((known[0], name))
    return {meaning: [name for _, name in sorted(found[meaning])] for meaning in NAMES if meaning in found}
