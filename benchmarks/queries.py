"""What is not wanted, and weights: how far each way of combining texts moves the top ten.

OMP_NUM_THREADS=1 python -m benchmarks.queries LIBRARY [LIBRARY …] [--names LIBRARY …] [--out FILE]

Each library has a checkpoint. Queries are those of ``antiphon.evaluate.typed`` with an exclusion ("jazz, no vocals"),
over all tracks that people described; a track counts as excluded where its captions or metadata name it. Weights: two
tags of one track, the first and then the second counting three times. ``--names`` takes libraries with artists and
titles, which need no checkpoint: how many names find their tracks, and how many captions and tags hit one.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.evaluate.typed.queries import Source, TypedQuery, make_queries
from antiphon.evaluate.typed.terms import terms_of, words_of
from antiphon.library.pairs import join_pairs, open_embedding
from antiphon.library.tracks import Library
from antiphon.search.hits import top
from antiphon.search.queries.combining import EmbeddedQuery, embed_query, subtracted, without
from antiphon.search.queries.naming.lyrics import lyrics_of
from antiphon.search.queries.naming.names import TrackNames
from antiphon.search.queries.query import Part, Query
from antiphon.search.queries.reading import read_query
from antiphon.search.searcher import Searcher

RESULTS = Path(__file__).parent / "results" / "queries.json"
TOP, MOST, TIMES = 10, 100, 3.0
Float32 = NDArray[np.float32]
Way = Callable[[str, Float32, Float32], Float32]


class Space:
    """A library's described tracks in its checkpoint's shared space."""

    def __init__(self, root: Path) -> None:
        self.searcher = Searcher(root)
        library, bundle = self.searcher.library, self.searcher.model.bundle
        audio = open_embedding(library, "audio", bundle.encoder)
        text = open_embedding(library, "text", bundle.text_encoder)
        names = (bundle.encoder, bundle.text_encoder)
        pairs = join_pairs(library, audio, text, "all", names=names, read_audio=False)
        self.source = Source(pairs, terms_of(library, pairs), words_of(pairs))
        places = [self.searcher.index.place_of(each) for each in pairs.track_ids]
        self.tracks = np.asarray(self.searcher.index.vectors)[places]
        self.dim = self.searcher.model.dim
        self._read: dict[str, Float32] = {}

    def read(self, texts: Sequence[str]) -> Float32:
        """(n, score_dim) scoring vectors; each text is read once."""
        new = [text for text in dict.fromkeys(texts) if text not in self._read]
        if new:
            self._read.update(zip(new, self.searcher.model.score_text(new), strict=True))
        return np.stack([self._read[text] for text in texts])

    def scores(self, vector: Float32) -> Float32:
        """(n,) of a vector of ``dim`` numbers or more, made unit length."""
        vector = np.array(vector)
        vector[: self.dim] /= np.linalg.norm(vector[: self.dim])
        return np.asarray(self.tracks @ vector, np.float32)

    def cosines(self, vector: Float32) -> Float32:
        """(n,) cosines with a unit vector."""
        return np.asarray(self.tracks[:, : self.dim] @ vector[: self.dim], np.float32)


def ways(space: Space) -> dict[str, Way]:
    """Name → (whole text, wanted, excluded) → scores of all tracks."""

    def less(wanted: Float32, share: float, excluded: Float32) -> Float32:
        return np.concatenate([wanted[: space.dim] - share * excluded[: space.dim], wanted[space.dim :]])

    def banned(wanted: Float32, excluded: Float32, share: float) -> Float32:
        cosines = space.cosines(excluded)
        return np.where(cosines > np.quantile(cosines, 1 - share), -10, space.scores(wanted)).astype(np.float32)

    return {
        "plain query": lambda _, w, _e: space.scores(w),
        "typed as one text": lambda text, _w, _e: space.scores(space.read([text])[0]),
        "projection taken away": lambda _, w, e: space.scores(less(w, float(w[: space.dim] @ e[: space.dim]), e)),
        "half taken away (Milvus)": lambda _, w, e: space.scores(subtracted(EmbeddedQuery(w, e[None, : space.dim]))),
        "all taken away": lambda _, w, e: space.scores(less(w, 1, e)),
        "nearest 10 % banned": lambda _, w, e: banned(w, e, 0.1),
        "nearest 20 % banned": lambda _, w, e: banned(w, e, 0.2),
        "loss by spreads (search)": lambda _, w, e: without(space.scores(w), space.cosines(e)[None]),
    }


def exclusions(space: Space) -> dict[str, Any]:
    """Way → how much of the top ten is excluded, how many queries have any there, and what is found of the wanted."""
    queries = make_queries(space.source, MOST)["exclusion"]
    texts = [text for q in queries for text in (q.text, q.plain, unwanted(q))]
    space.read(texts)
    found: dict[str, Any] = {"queries": len(queries), "tracks": len(space.tracks)}
    for name, way in ways(space).items():
        lists = [top(way(q.text, *space.read([q.plain, unwanted(q)])), TOP).tolist() for q in queries]
        bad = np.array([len(q.excluded.intersection(best)) / TOP for q, best in zip(queries, lists, strict=True)])
        good = [
            len(q.correct.intersection(best)) / min(TOP, len(q.correct)) for q, best in zip(queries, lists, strict=True)
        ]
        found[name] = {"excluded": float(bad.mean()), "any": float((bad > 0).mean()), "found": float(np.mean(good))}
    return found


def unwanted(query: TypedQuery) -> str:
    """What an exclusion excludes."""
    return query.text.removeprefix(f"{query.plain}, no ")


def weights(space: Space) -> dict[str, float | None]:
    """Share of the top ten that carries the first of two tags, with it counting 1/3, 1 and 3 times the second."""
    holders = space.source.terms.holders
    pairs = sorted({tuple(q.text.split(", ")[:2]) for q in make_queries(space.source, MOST)["tags"]})
    two = [pair for pair in pairs if len(pair) == 2 and all(each in holders for each in pair)]
    if two:
        space.read([text for pair in two for text in pair])
    shares: dict[str, float | None] = {"queries": len(two)}
    for name, first, second in (("1:3", 1.0, TIMES), ("1:1", 1.0, 1.0), ("3:1", TIMES, 1.0)):
        found = []
        for one, other in two:
            query = Query(wanted=(Part(one, first), Part(other, second)))
            best = top(space.scores(embed_query(query, space.read, _no_track, space.dim).vector), TOP)
            found.append(len(holders[one].intersection(best.tolist())) / TOP)
        shares[name] = float(np.mean(found)) if found else None
    return shares


def names(root: Path) -> dict[str, Any]:
    """How many queries that name a track find it, and how many descriptions hit a name."""
    library = Library(root)
    artists, titles, albums = (library.column(name).tolist() for name in ("artist", "title", "album"))
    known = TrackNames(artists, titles, albums, lambda: lyrics_of(library))

    def hit(text: str) -> set[int]:
        found = known.found(read_query(text)) if text.strip() else None
        return set() if found is None else set(np.flatnonzero(found.mask).tolist())

    rows = [row for row, (artist, title) in enumerate(zip(artists, titles, strict=True)) if artist and title]
    asked = {
        "artist": lambda row: artists[row].lower(),
        "calm and the artist": lambda row: f"calm {artists[row].lower()}",
        "title": lambda row: titles[row].lower(),
        "artist and title": lambda row: f"{artists[row]} {titles[row]}",
    }
    found: dict[str, Any] = {"tracks": len(rows)}
    found |= {name: sum(row in hit(query(row)) for row in rows) for name, query in asked.items()}
    captions = sorted({str(text) for text in library.caption_column("text")})
    tags = sorted({tag.strip() for text in captions for tag in text.split(",")})
    pairs = sorted({", ".join(text.split(", ")[:2]) for text in captions if ", " in text})
    for name, texts in (("captions", captions), ("tags", tags), ("pairs of tags", pairs)):
        found[f"{name} that hit a name"] = {"of": len(texts), "hits": [text for text in texts if hit(text)]}
    return found


def _no_track(track_id: str) -> Float32:
    raise LookupError(track_id)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("libraries", nargs="*", type=Path)
    parser.add_argument("--names", nargs="*", type=Path, default=[], help="libraries with artists and titles")
    parser.add_argument("--out", type=Path, default=RESULTS)
    chosen = parser.parse_args()
    found: dict[str, Any] = {}
    for root in chosen.libraries:
        space = Space(root)
        found[root.name] = {"not": exclusions(space), "weights": weights(space)}
        print(json.dumps({root.name: found[root.name]}, indent=1), flush=True)
    for root in chosen.names:
        found[f"names in {root.name}"] = names(root)
        print(json.dumps(found[f"names in {root.name}"], indent=1, ensure_ascii=False), flush=True)
    chosen.out.parent.mkdir(exist_ok=True)
    chosen.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
