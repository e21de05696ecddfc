"""A small library whose vectors are made: text and audio share a hidden cause, so there is something to learn."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from antiphon.layout import Layout
from antiphon.library.phrases import caption_phrases, phrases_folder
from antiphon.library.tracks import Caption, Library, Track, save_library
from antiphon.library.vectors.provenance import Provenance
from antiphon.library.vectors.store import Row, VectorWriter


def make_library(
    root: Path,
    *,
    train: int = 40,
    val: int = 12,
    test: int = 0,
    captions: int = 2,
    layout: Layout | None = None,
    names: tuple[str, ...] = ("made",),
    text: str = "words",
    same_text: int = 0,
    listed: bool = False,
    seed: int = 0,
) -> Library:
    """``same_text`` tracks of the train split share one and the same text; ``listed`` captions are lists of tags.

    ``names`` and ``text`` are those of the encoders.
    """
    layout = layout or Layout.flat(24)
    rng = np.random.default_rng(seed)
    n = train + val + test
    splits = ["train"] * train + ["val"] * val + ["test"] * test
    tracks = [Track(track_id=f"t{i:03d}", group=f"t{i:03d}", split=split) for i, split in enumerate(splits)]
    texts = [
        Caption(
            caption_id=f"{t.track_id}#{k}",
            track_id=t.track_id,
            text=_text(i, k, t.track_id, same=i < same_text and k == 0, listed=listed),
        )
        for i, t in enumerate(tracks)
        for k in range(captions)
    ]
    library = save_library(root, tracks, texts, {})
    cause = rng.normal(size=(n, 6))
    for name in names:
        sound = Provenance(encoder=name, kind="audio", layout=layout, weights_id="none")
        with VectorWriter(root / "embeddings" / "audio" / name, sound) as writer:
            vectors = cause @ rng.normal(size=(6, layout.size)) + 0.3 * rng.normal(size=(n, layout.size))
            writer.write([Row(t.track_id, "ok") for t in tracks], vectors)
    words = Provenance(encoder=text, kind="text", layout=Layout.flat(16), weights_id="none")
    with VectorWriter(root / "embeddings" / "text" / text, words) as writer:
        vectors = np.repeat(cause @ rng.normal(size=(6, 16)), captions, axis=0)
        writer.write([Row(c.caption_id, "ok") for c in texts], vectors + 0.3 * rng.normal(size=vectors.shape))
    return library


def _text(i: int, k: int, track_id: str, *, same: bool, listed: bool) -> str:
    if same:
        return "the same"
    return f"mood {i % 5}, take {k}, {track_id}" if listed else f"words {k} about {track_id}"


def add_phrases(
    library: Library,
    numbers: dict[str, float] | None = None,
    *,
    split: str = "all",
    weights_id: str = "none",
    seed: int = 0,
) -> None:
    """Vectors of captions' phrases in place of what is there: ``numbers``, or random ones for a split's captions."""
    shutil.rmtree(phrases_folder(library, "words"), ignore_errors=True)
    words = Provenance(encoder="words", kind="text", layout=Layout.flat(16), weights_id=weights_id)
    tracks = set(library.column("track_id")[library.tracks_in(split)])
    captions = zip(library.caption_column("track_id"), library.caption_column("text"), strict=True)
    phrases = numbers or {
        phrase: 0.0 for track, text in captions if track in tracks for phrase in caption_phrases(text)
    }
    random = np.random.default_rng(seed).normal(size=(len(phrases), 16))
    with VectorWriter(phrases_folder(library, "words"), words, column="phrase") as writer:
        writer.write(
            [Row(p, "ok") for p in phrases], np.array([[x] * 16 for x in numbers.values()]) if numbers else random
        )
