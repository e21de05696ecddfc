"""A split with planted mistakes: a caption said again in other words on another id of the same recording."""

from __future__ import annotations

import numpy as np

from antiphon.align.data.features import Rows
from antiphon.align.data.pair_set import PairSet
from antiphon.arrays import unit_length
from antiphon.evaluate.split_vectors import SplitVectors
from antiphon.library.pairs import Pairs
from tests.helpers.libraries.made_vectors import provenance


def planted_split(
    n: int = 200, planted: int = 20, *, paraphrase: float = 0.25, other_sound: float = 0.0, seed: int = 0
) -> tuple[SplitVectors, set[tuple[str, str]]]:
    """A split of ``n`` tracks with a caption each, and ``planted`` further ones; (text, track) of what was planted.

    Parameters
    ----------
    paraphrase : deviation of a planted caption's vector from that of the caption it says again, where the captions
        themselves deviate by 1.
    other_sound : the same of its recording.
    """
    rng = np.random.default_rng(seed)
    cause = rng.normal(size=(n, 12))
    text = cause @ rng.normal(size=(12, 48)) + rng.normal(size=(n, 48))
    sound = cause @ rng.normal(size=(12, 64)) + 2 * rng.normal(size=(n, 64))
    text, sound = _with_near(text, paraphrase, planted, rng), _with_near(sound, 0.05 + other_sound, planted, rng)
    near = np.concatenate([cause, cause[:planted]])
    ids = np.array([f"t{i:03d}" for i in range(n + planted)], dtype=object)
    texts = np.array([f"words {i}" for i in range(n + planted)], dtype=object)
    shared = [unit_length(near + 0.4 * rng.normal(size=near.shape)) for _ in range(2)]
    pairs = _pairs(ids, texts, text)
    raw = PairSet(
        Rows.all_of(sound.astype(np.float32)), Rows.all_of(text.astype(np.float32)), np.arange(len(ids)), pairs.text_id
    )
    vectors = SplitVectors(text=shared[0], audio=shared[1], pairs=pairs, clusters=np.arange(len(ids)), raw=raw)
    again = {(f"words {i}", f"t{n + i:03d}") for i in range(planted)}
    return vectors, again | {(f"words {n + i}", f"t{i:03d}") for i in range(planted)}


def _with_near(vectors: np.ndarray, deviation: float, planted: int, rng: np.random.Generator) -> np.ndarray:
    """Vectors, and the first of them once more a little beside where they are."""
    near = vectors[:planted] + deviation * rng.normal(size=(planted, vectors.shape[1])) * vectors.std()
    return np.concatenate([vectors, near])


def _pairs(ids: np.ndarray, texts: np.ndarray, text: np.ndarray) -> Pairs:
    return Pairs(
        track_ids=ids,
        audio=np.empty((len(ids), 0), np.float16),
        caption_ids=np.array([f"{track}#0" for track in ids], dtype=object),
        texts=texts,
        text=text.astype(np.float16),
        track_of_caption=np.arange(len(ids)),
        text_id=np.arange(len(ids)),
        kinds=np.array(["human"] * len(ids), dtype=object),
        audio_provenance=provenance("made", "audio", 64),
        text_provenance=provenance("words", "text", 48),
        left_out={},
    )
