"""Made sets of any number of tracks whose captions are lists of real tags, which a sentence encoder reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from antiphon.layout import Layout
from antiphon.library.phrases import caption_phrases
from antiphon.library.tracks import Library
from antiphon.texts import normalised_text
from benchmarks.lexical.sides import encoded
from benchmarks.phrases.sets import Told, reader
from benchmarks.quality.captioned import Captioned
from benchmarks.sizes.made import CAUSES, KINDS, TOGETHER, seen, wrongly

FEWEST, MOST = 3, 9
"""Tags of a track; moods have 7.9 on average."""


def told_of(data: Path, kind: str, tracks: int, *, side: str, seed: int) -> Told:
    """Tracks as ``benchmarks.sizes`` makes them, told by the tags of a library whose captions are lists.

    Each tag is a direction among the causes, some are said more often than others, and a track's are those that are
    strongest in what the text side sees of its causes.
    """
    rng, what = np.random.default_rng([seed, tracks]), KINDS[kind]
    group = np.repeat(np.arange(tracks), rng.integers(1, 5, tracks))[:tracks]
    shared, own = (rng.standard_normal((rows, CAUSES), dtype=np.float32) for rows in (int(group[-1]) + 1, tracks))
    causes = TOGETHER**0.5 * shared[group] + (1 - TOGETHER) ** 0.5 * own
    tags = _tags(data)
    directions = rng.standard_normal((CAUSES, len(tags)), dtype=np.float32) / CAUSES**0.5
    strength = wrongly(causes, what.noise, rng) @ directions + rng.standard_normal(len(tags)).astype(np.float32) / 2
    order, said = np.argsort(-strength, axis=1)[:, :MOST], rng.integers(FEWEST, MOST + 1, tracks)
    texts = [", ".join(tags[tag] for tag in sorted(row[:n])) for row, n in zip(order.tolist(), said, strict=True)]
    different, text_id = np.unique(texts, return_inverse=True)
    text = encoded(side, different.tolist())[text_id]
    whole = Captioned(
        audio=seen(causes, what, what.size, rng).astype(np.float16),
        text=text.astype(np.float16),
        track_of_caption=np.arange(tracks),
        text_id=text_id.astype(np.int64),
        groups=group,
        layout=Layout.flat(what.size),
        text_layout=Layout.flat(text.shape[1]),
    )
    return Told(whole=whole, text_of=dict(enumerate(different.tolist())), read=reader(side, texts))


def _tags(library: Path) -> list[str]:
    """The different items of a library's captions by people."""
    opened = Library(library)
    of_people = zip(opened.caption_column("text"), opened.caption_column("kind"), strict=True)
    found = (phrase for text, kind in of_people if kind == "human" for phrase in caption_phrases(text))
    return sorted({normalised_text(phrase) for phrase in found})
