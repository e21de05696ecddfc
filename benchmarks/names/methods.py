"""Ways from a query to the tracks that it names: Antiphon's, and what is made of bm25s and rapidfuzz with few lines."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import numpy as np

from antiphon.search.queries.naming.names import TrackNames
from antiphon.search.queries.reading import read_query
from antiphon.search.zero_shot.ways.words import plain
from benchmarks.names.made import Track

TOP = 10
Method = Callable[[str], list[int]]
"""A query → rows of the tracks that come first for the sake of their names, best first, ten at most; none for none."""


def antiphon(tracks: Sequence[Track]) -> Method:
    """What search does. Tracks of one name stand in the order of meaning, which is drawn here."""
    names = TrackNames(
        *(_column(tracks, field) for field in ("artist", "title", "album")), lambda: _column(tracks, "lyrics")
    )
    place = list(range(len(tracks)))
    random.Random(3).shuffle(place)

    def ask(text: str) -> list[int]:
        found = names.found(read_query(text))
        if found is None:
            return []
        rows = sorted(np.flatnonzero(found.mask).tolist(), key=place.__getitem__)
        return rows[: min(TOP, found.most or TOP)]

    return ask


def bm25_words(tracks: Sequence[Track]) -> Method:
    """bm25s over the words of artist, title and album; a track that has all words of the query is named."""
    return _bm25(tracks, lambda text: plain(text).split(), share=0.999)


def bm25_trigrams(tracks: Sequence[Track]) -> Method:
    """bm25s over runs of three letters, which misspelt words share; a track that has six tenths of them is named."""
    return _bm25(tracks, _trigrams, share=0.6)


def _bm25(tracks: Sequence[Track], parts: Callable[[str], list[str]], share: float) -> Method:
    import bm25s

    texts = [parts(" ".join(track[:3])) for track in tracks]
    numbers: dict[str, int] = {}
    ids = [[numbers.setdefault(part, len(numbers)) for part in text] for text in texts]
    index = bm25s.BM25()
    index.index(bm25s.tokenization.Tokenized(ids=ids, vocab=numbers), show_progress=False)

    def ask(text: str) -> list[int]:
        asked = list(dict.fromkeys(parts(text)))
        known = [numbers[part] for part in asked if part in numbers]
        if not known:
            return []
        scores = index.get_scores_from_ids(known)
        best = np.argpartition(-scores, min(TOP, len(scores) - 1))[:TOP]
        best = best[np.argsort(-scores[best], kind="stable")]
        return [row for row in best.tolist() if len(set(asked) & set(texts[row])) >= share * len(asked)]

    return ask


def _trigrams(text: str) -> list[str]:
    return [f" {word} "[at : at + 3] for word in plain(text).split() for at in range(len(word))]


def rapidfuzz_ratio(tracks: Sequence[Track]) -> Method:
    """rapidfuzz's token_sort_ratio with artist, title, album, and artist with title; 88 of 100 at least."""
    from rapidfuzz import fuzz

    return _rapidfuzz(tracks, fuzz.token_sort_ratio, 88)


def rapidfuzz_weighted(tracks: Sequence[Track]) -> Method:
    """rapidfuzz's WRatio, which its documentation proposes for names; 90 of 100 at least."""
    from rapidfuzz import fuzz

    return _rapidfuzz(tracks, fuzz.WRatio, 90)


def _rapidfuzz(tracks: Sequence[Track], scorer: Callable[..., float], least: float) -> Method:
    from rapidfuzz import process

    rows: dict[str, list[int]] = {}
    for row, track in enumerate(tracks):
        for name in {track.artist, track.title, track.album, f"{track.artist} {track.title}"}:
            rows.setdefault(plain(name), []).append(row)
    names = list(rows)

    def ask(text: str) -> list[int]:
        found = process.extract(plain(text), names, scorer=scorer, score_cutoff=least, limit=TOP)
        return list(dict.fromkeys(row for name, _, _ in found for row in rows[name]))[:TOP]

    return ask


def _column(tracks: Sequence[Track], field: str) -> list[str]:
    return [str(getattr(track, field)) for track in tracks]


METHODS: dict[str, Callable[[Sequence[Track]], Method]] = {
    "antiphon": antiphon,
    "bm25s, words": bm25_words,
    "bm25s, trigrams": bm25_trigrams,
    "rapidfuzz, sorted words": rapidfuzz_ratio,
    "rapidfuzz, WRatio": rapidfuzz_weighted,
}
