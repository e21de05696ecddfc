"""A small library with made-up vectors: what is said of a track and how it sounds share a hidden meaning."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from antiphon.layout import Layout
from antiphon.library.tracks import Caption, Library, Track, save_library
from antiphon.library.vectors.provenance import Provenance
from antiphon.library.vectors.store import Row, VectorWriter

MEANING = 8


def provenance(name: str, kind: str, size: int, **changes: Any) -> Provenance:
    values: dict[str, Any] = {"encoder": name, "kind": kind, "layout": Layout.flat(size), "weights_id": "none"}
    return Provenance(**{**values, **changes})


def write_vectors(root: Path, kind: str, name: str, ids: list[str], vectors: np.ndarray) -> None:
    made = provenance(name, kind, vectors.shape[1])
    with VectorWriter(root / "embeddings" / kind / name, made) as writer:
        writer.write([Row(i, "ok") for i in ids], vectors)


def make_library(
    root: Path, *, n: int = 160, encoders: dict[str, tuple[int, float]] | None = None, seed: int = 0, n_test: int = 60
) -> Library:
    """n tracks (60 test, 40 val, the rest train), the first of each pair with two captions.

    Parameters
    ----------
    encoders : audio encoder → (size of its vectors, noise in them).
    """
    rng = np.random.default_rng(seed)
    meaning = rng.standard_normal((n, MEANING))
    ids = [f"t{i:03d}" for i in range(n)]
    splits = ["test"] * n_test + ["val"] * 40 + ["train"] * (n - n_test - 40)
    tracks = [Track(track_id=t, group=f"g{i // 2}", split=s) for i, (t, s) in enumerate(zip(ids, splits, strict=True))]
    owners = [i for i in range(n) for _ in range(2 - i % 2)]
    captions = [
        Caption(caption_id=f"{ids[o]}#{int(j > 0 and owners[j - 1] == o)}", track_id=ids[o], text=f"caption {j}")
        for j, o in enumerate(owners)
    ]
    library = save_library(root, tracks, captions, {"split_seed": seed})
    words = meaning[owners] @ rng.standard_normal((MEANING, 20)) + 0.3 * rng.standard_normal((len(owners), 20))
    write_vectors(root, "text", "minilm", [c.caption_id for c in captions], words)
    for name, (size, noise) in (encoders or {"clear": (24, 0.3)}).items():
        sound = meaning @ rng.standard_normal((MEANING, size)) + noise * rng.standard_normal((n, size))
        write_vectors(root, "audio", name, ids, sound)
    return library
