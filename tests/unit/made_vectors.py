"""A small library whose vectors are made: text and audio share a hidden cause, so there is something to learn."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from antiphon.layout import Layout
from antiphon.library.provenance import Provenance
from antiphon.library.store import Row, VectorWriter
from antiphon.library.tracks import Caption, Library, Track, save_library


def make_library(
    root: Path,
    *,
    train: int = 40,
    val: int = 12,
    test: int = 0,
    captions: int = 2,
    layout: Layout | None = None,
    names: tuple[str, ...] = ("made",),
    same_text: int = 0,
    seed: int = 0,
) -> Library:
    """``same_text`` tracks of the train split share one and the same caption text."""
    layout = layout or Layout.flat(24)
    rng = np.random.default_rng(seed)
    n = train + val + test
    splits = ["train"] * train + ["val"] * val + ["test"] * test
    tracks = [Track(track_id=f"t{i:03d}", group=f"t{i:03d}", split=split) for i, split in enumerate(splits)]
    texts = [
        Caption(
            caption_id=f"{t.track_id}#{k}",
            track_id=t.track_id,
            text="the same" if i < same_text and k == 0 else f"words {k} about {t.track_id}",
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
    words = Provenance(encoder="words", kind="text", layout=Layout.flat(16), weights_id="none")
    with VectorWriter(root / "embeddings" / "text" / "words", words) as writer:
        vectors = np.repeat(cause @ rng.normal(size=(6, 16)), captions, axis=0)
        writer.write([Row(c.caption_id, "ok") for c in texts], vectors + 0.3 * rng.normal(size=vectors.shape))
    return library
