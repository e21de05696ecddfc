"""What the regions of a map are called: each word of the library stands where it is most at home.

A word's tracks are counted on a grid over the map, each count spread over its neighbours; a word is at home where it
has most tracks beyond its share of all tracks with words that lie there, in standard deviations of that count. Words
that are everywhere, such as articles, are at home nowhere. Of words that would stand on one another the more telling
one stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antiphon.library.metadata.names import plain_name
from antiphon.library.metadata.several import values_of
from antiphon.library.phrases import caption_phrases
from antiphon.library.tracks import Library
from antiphon.texts import normalised_text

Float32 = NDArray[np.float32]
GRID = 32
"""Cells along each axis."""
SPREAD = 1.6
"""Standard deviation of what a count is spread over, cells."""
LEAST, LEAST_SHARE, MOST_SHARE = 6, 0.004, 0.5
"""Tracks that a word needs to be one of a region, their least share of the map's, and their most."""
WORDS, REGIONS, A_REGION = 600, 40, 12
"""Words that are looked at, the most frequent first; regions that are named at most; and tracks for each of them."""
TELLING = 3.0
"""Standard deviations beyond its share from which a word says something of a place."""
APART = 0.16
"""How far two names stand apart at least, the map going from −1 to 1."""
TRACKS = 20_000
"""Tracks whose words are read, evenly over the map."""
DIFFERENT = 0.2
"""A field whose different values are more than this share of the tracks, such as titles, names no region."""
NEVER = ("path", "title", "artist", "album")
"""Fields that name no region: the first is told to owners alone, the others are a track's own."""
ITEM_WORDS = 3
"""Words up to which an item of a caption that is a list is one name."""
LEAST_LISTED = 2
"""How often several words have to stand as an item of a list to be one name in sentences, too."""
LONGEST = 28
"""Characters of a name."""


@dataclass(frozen=True, kw_only=True)
class Region:
    """A word where it is most at home.

    Parameters
    ----------
    x, y : where, −1 … 1.
    name : the word.
    tracks : of the map that have it.
    """

    x: float
    y: float
    name: str
    tracks: int


def regions_of(library: Library, track_ids: Sequence[str], points: Float32) -> list[Region]:
    """Names for the regions of a map, the most telling first; none where its tracks have no words in common.

    Parameters
    ----------
    track_ids : (n,) of the map.
    points : (n, 2), −1 … 1.
    """
    some = slice(None, None, max(1, len(track_ids) // TRACKS))
    ids, places = list(track_ids[some]), np.asarray(points[some], np.float32)
    found = list(_words(library, ids))
    described = list({place for place, _ in found})
    words = _common(found, len(described))
    if not words:
        return []
    cells = _cells(places)
    counts = np.stack([np.bincount(cells[rows], minlength=GRID * GRID) for rows in words.values()])
    beyond = _beyond(counts.astype(np.float32), np.bincount(cells[described], minlength=GRID * GRID), len(described))
    named = list(_placed(list(words), [len(rows) for rows in words.values()], beyond))
    return named[: min(REGIONS, len(described) // A_REGION)]


def _words(library: Library, ids: Sequence[str]) -> Iterator[tuple[int, str]]:
    """(place in ``ids``, word) of each word of each track: values of its fields, and what its captions hold."""
    place_of = {track_id: place for place, track_id in enumerate(ids)}
    items = list(_items(library, place_of))
    seen = Counter(normalised_text(item) for _, item, is_listed in items if is_listed)
    names = {name for name, times in seen.items() if times >= LEAST_LISTED and " " in name}
    for place, item, is_listed in items:
        if is_listed or len(item.split()) <= ITEM_WORDS:
            yield place, item
        else:
            yield from ((place, word) for word in _of_sentence(item, names))


def _items(library: Library, place_of: Mapping[str, int]) -> Iterator[tuple[int, str, bool]]:
    """(place, text, whether it is one name) of values of fields, of items of captions that are lists, of sentences."""
    names = library.metadata.arrow("track_id").to_pylist() if library.metadata.names else []
    for field in _telling_fields(library, len(names)):
        values = library.metadata.arrow(field).to_pylist()
        for track_id, value in zip(names, values, strict=True):
            if track_id in place_of and value is not None:
                yield from ((place_of[track_id], str(each), True) for each in values_of(value))
    captions = library.caption_table
    for track_id, text in zip(*(captions.column(name).to_pylist() for name in ("track_id", "text")), strict=True):
        if track_id in place_of:
            phrases = caption_phrases(text)
            for item in phrases or [text]:
                yield place_of[track_id], item, bool(phrases) and len(item.split()) <= ITEM_WORDS


def _telling_fields(library: Library, n: int) -> Iterable[str]:
    for field in library.metadata.names:
        if plain_name(field) in NEVER:
            continue
        kind = library.metadata.type_of(field)
        if kind == "list" or (kind == "text" and len(library.metadata.arrow(field).unique()) <= DIFFERENT * n):
            yield field


def _of_sentence(text: str, names: Collection[str]) -> Iterator[str]:
    """Its words; those that are a name together, such as "new age" and "female vocals", as one."""
    words = [word.strip(".,;:!?\"'()“”") for word in text.split()]
    plain = [normalised_text(word) for word in words]
    at = 0
    while at < len(words):
        sizes = range(ITEM_WORDS, 1, -1)
        size = next((size for size in sizes if " ".join(plain[at : at + size]) in names), 1)
        yield " ".join(words[at : at + size])
        at += size


def _common(found: Iterable[tuple[int, str]], n: int) -> dict[str, list[int]]:
    """Word → the places of its tracks, of the words that enough and not too many tracks have."""
    places: dict[str, set[int]] = {}
    written: dict[str, Counter[str]] = {}
    for place, word in found:
        key = normalised_text(word)
        if 2 < len(key) <= LONGEST and not key.isdecimal():
            places.setdefault(key, set()).add(place)
            written.setdefault(key, Counter())[word.strip()] += 1
    least, most = max(LEAST, LEAST_SHARE * n), MOST_SHARE * n
    kept = [key for key, tracks in places.items() if least <= len(tracks) <= most]
    kept = sorted(kept, key=lambda key: (-len(places[key]), key))[:WORDS]
    return {written[key].most_common(1)[0][0]: sorted(places[key]) for key in kept}


def _cells(places: Float32) -> NDArray[np.int64]:
    """(n,) the cell of each place."""
    across, down = np.clip(((places.T + 1) / 2 * GRID).astype(np.int64), 0, GRID - 1)
    found: NDArray[np.int64] = down * GRID + across
    return found


def _beyond(counts: Float32, everything: NDArray[np.int64], n: int) -> Float32:
    """(words, cells) by how many standard deviations a word has more tracks around a cell than its share."""
    total = _spread_out(everything.astype(np.float32)[None])
    share = counts.sum(axis=1, keepdims=True) / n
    expected = share * total
    # A spread count is a mean of several: what it varies by is smaller than what one cell's would.
    unit = 4 * np.pi * SPREAD**2
    return np.asarray((_spread_out(counts) - expected) * np.sqrt(unit / (expected * (1 - share) + 1e-3 * unit)))


def _spread_out(counts: Float32) -> Float32:
    """(words, cells) each count shared among the cells around it, by a normal curve."""
    apart = np.arange(GRID)[:, None] - np.arange(GRID)
    kernel = np.exp(-(apart**2) / (2 * SPREAD**2)).astype(np.float32)
    kernel /= kernel.sum(axis=0)
    grid = counts.reshape(-1, GRID, GRID)
    return np.asarray(kernel @ grid @ kernel.T).reshape(len(counts), -1)


def _placed(words: Sequence[str], tracks: Sequence[int], beyond: Float32) -> Iterator[Region]:
    """Each word at its best cell, the most telling first; one that is too near a word already there is left out."""
    best = beyond.argmax(axis=1)
    strength = beyond.max(axis=1)
    there: list[tuple[float, float]] = []
    for at in np.argsort(-strength, kind="stable").tolist():
        if strength[at] < TELLING:
            return
        x, y = ((int(best[at]) % GRID + 0.5) / GRID * 2 - 1, (int(best[at]) // GRID + 0.5) / GRID * 2 - 1)
        if all(abs(x - other_x) > APART or abs(y - other_y) > APART / 2 for other_x, other_y in there):
            there.append((x, y))
            yield Region(x=round(x, 4), y=round(y, 4), name=words[at], tracks=tracks[at])
