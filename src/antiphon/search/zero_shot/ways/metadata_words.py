"""The words of titles, artists, albums, file names and metadata, matched to the words of a query.

What is left where nothing listened to the music yet, and what alone knows names. A title says less of how the music
sounds than a genre does, so a word in it weighs less; the artist's name is asked for as often as a genre.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from antiphon.library.addresses import split_part
from antiphon.library.tracks import Library
from antiphon.search.zero_shot.ways.way import Float32, in_matches
from antiphon.search.zero_shot.ways.words import WordIndex

SOUNDS = 1.0
NAMES = 0.5
WEIGHTS = {"artist": SOUNDS, "album": NAMES, "title": NAMES}
"""Of words in a column of ``tracks.parquet``. Further fields weigh as a name does, ``ABOUT_SOUND`` as a genre."""
ABOUT_SOUND = re.compile(
    r"genre|mood|style|theme|instrument|tag|grouping|language|artist|composer|year|date|decade|era"
)
NOT_WORDS = re.compile(
    r"(^|_)(id|ids|url|isrc|hash|md5|sha\w*|path|file\w*)($|_)|replaygain|musicbrainz|acoustid|lyrics|encod"
)
"""Fields that nobody describes music with; lyrics hold every word there is."""
LONGEST = 200
"""Characters beyond which a value is a text about something, and no name of anything."""


class MetadataWords:
    """A :class:`~antiphon.search.zero_shot.ways.way.Way` by words alone.

    Its scores are 0 … :data:`~antiphon.search.zero_shot.ways.way.MOST`: a track that has every word of the query where
    it weighs most stands out as far as one way can make a track stand out. It knows nothing of a track that has none of
    the words.
    """

    name = "metadata"
    title = "words in titles, artists, albums and other metadata"
    weight = 1.0

    def __init__(self, library: Library) -> None:
        self.index = WordIndex(library.track_table.num_rows)
        for name, weight in WEIGHTS.items():
            self.index.add(enumerate(library.column(name)), weight)
        self.index.add(enumerate(map(_place, library.column("path"))), NAMES)
        for name in library.metadata.names:
            if not NOT_WORDS.search(name.casefold()):
                weight = SOUNDS if ABOUT_SOUND.search(name.casefold()) else NAMES
                self.index.add(_field(library, name), weight)

    @property
    def known(self) -> NDArray[np.bool_]:
        """(n,) every track has a name."""
        return np.ones(self.index.n, bool)

    def scores(self, text: str) -> Float32:
        """(n,) float32; see :class:`MetadataWords`."""
        return in_matches(self.index.match(text))


def _place(path: str) -> str:
    """The words of a path: its folders and its file's name without the ending."""
    return str(PurePosixPath(split_part(path)[0]).with_suffix("")) if path else ""


def _field(library: Library, name: str) -> Iterator[tuple[int, str]]:
    """Row and text of each value of a metadata field; of numbers only years are words."""
    if library.metadata.type_of(name) == "number" and "year" not in name.casefold():
        return
    for row, value in enumerate(library.metadata.column(name)):
        for one in value if isinstance(value, list) else [value]:
            if one is not None and len(text := _written(one)) <= LONGEST:
                yield row, text


def _written(value: str | float) -> str:
    """A value as people write it; a year with its decade ("1994 1990s 90s")."""
    text = f"{value:g}" if isinstance(value, float) else str(value)
    year = re.match(r"(19|20)(\d)\d(?!\d)", text)
    return f"{text} {year[1]}{year[2]}0s {year[2]}0s" if year else text
