"""A small library whose vectors are made: text and audio share a hidden cause, so there is something to learn."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from antiphon.layout import Layout
from antiphon.library.phrases import caption_phrases, phrases_folder
from antiphon.library.tracks import Caption, Library, Track, save_library
from antiphon.library.vectors.provenance import Provenance
from antiphon.library.vectors.store import Row, VectorWriter

COMPARED: dict[str, Any] = {"train": 60, "val": 40, "test": 60, "captions": (2, 1), "group_size": 2, "text": "minilm"}
"""Of a library whose trainings are compared: test captions enough for a test, in groups of two tracks."""


def provenance(name: str, kind: str, layout: Layout | int, **changes: Any) -> Provenance:
    """What made vectors that are made up; ``layout`` may be a size."""
    composed = Layout.flat(layout) if isinstance(layout, int) else layout
    return Provenance(**{"encoder": name, "kind": kind, "layout": composed, "weights_id": "none", **changes})


def write_vectors(
    root: Path, kind: str, name: str, ids: list[str], vectors: np.ndarray, layout: Layout | None = None
) -> None:
    """Store vectors as if an encoder of this name had made them."""
    made = provenance(name, kind, layout or vectors.shape[1])
    with VectorWriter(root / "embeddings" / kind / name, made) as writer:
        writer.write([Row(item, "ok") for item in ids], vectors)


def make_library(
    root: Path,
    *,
    train: int = 40,
    val: int = 12,
    test: int = 0,
    captions: int | tuple[int, ...] = 2,
    group_size: int = 1,
    layout: Layout | tuple[Layout, ...] | None = None,
    names: tuple[str, ...] = ("made",),
    noise: tuple[float, ...] = (),
    text: str = "words",
    same_text: int = 0,
    listed: bool = False,
    seed: int = 0,
) -> Library:
    """A library of made vectors.

    Parameters
    ----------
    train, val, test : tracks, in this order.
    captions : of each track; several numbers take turns.
    group_size : tracks of a group, one after another.
    layout : of the audio vectors, one for all encoders or one for each; 24 numbers without it.
    names, text : of the audio encoders and of the text encoder.
    noise : of each audio encoder, 0.3 without it.
    same_text : tracks of the train split that share one and the same text.
    listed : captions are lists of tags.
    """
    layouts = layout if isinstance(layout, tuple) else (layout or Layout.flat(24),) * len(names)
    rng = np.random.default_rng(seed)
    splits = ["train"] * train + ["val"] * val + ["test"] * test
    n = len(splits)
    ids = [f"t{i:03d}" for i in range(n)]
    groups = [ids[i - i % group_size] for i in range(n)]
    tracks = [Track(track_id=t, group=g, split=s) for t, g, s in zip(ids, groups, splits, strict=True)]
    turns = (captions,) if isinstance(captions, int) else captions
    counts = [turns[i % len(turns)] for i in range(n)]
    texts = [
        Caption(caption_id=f"{t}#{k}", track_id=t, text=_text(i, k, t, same=i < same_text and k == 0, listed=listed))
        for i, t in enumerate(ids)
        for k in range(counts[i])
    ]
    library = save_library(root, tracks, texts, {})
    cause = rng.normal(size=(n, 6))
    for name, own, spread in zip(names, layouts, noise or [0.3] * len(names), strict=True):
        sound = cause @ rng.normal(size=(6, own.size)) + spread * rng.normal(size=(n, own.size))
        write_vectors(root, "audio", name, ids, sound, own)
    words = np.repeat(cause @ rng.normal(size=(6, 16)), counts, axis=0)
    words += 0.3 * rng.normal(size=words.shape)
    write_vectors(root, "text", text, [c.caption_id for c in texts], words)
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
    words = provenance("words", "text", 16, weights_id=weights_id)
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
