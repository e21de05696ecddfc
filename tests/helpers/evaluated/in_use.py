"""Libraries whose trainings are used otherwise than they were trained: asked in tags, heard through changed files."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from antiphon.library.tracks import Caption, Library, Track, save_library
from tests.helpers.libraries.made_vectors import write_vectors
from tests.helpers.libraries.plain import plain_library
from tests.helpers.libraries.sounds import write

TAGS = ("piano", "drums", "guitar", "choir", "violin", "harp", "flute", "organ", "cello", "synth")
CHORDS = ((220, 277, 330), (196, 247, 294), (262, 330, 392), (175, 220, 262), (233, 294, 349), (208, 262, 311))
RATE = 22_050


def make_sentences(root: Path, *, n: int = 240, seed: int = 0) -> Library:
    """Tracks of two tags each, described in sentences of ten words; their audio vectors (``made``) are of the tags."""
    rng = np.random.default_rng(seed)
    held = [sorted(rng.choice(len(TAGS), 2, replace=False)) for _ in range(n)]
    splits = ["train"] * (n // 2) + ["val"] * (n // 4) + ["test"] * (n - n // 2 - n // 4)
    ids = [f"t{i:03d}" for i in range(n)]
    tracks = [Track(track_id=t, group=t, split=s) for t, s in zip(ids, splits, strict=True)]
    said = [f"In take {i} there is a {TAGS[a]} beside a {TAGS[b]}." for i, (a, b) in enumerate(held)]
    captions = [Caption(caption_id=f"{t}#0", track_id=t, text=s) for t, s in zip(ids, said, strict=True)]
    library = save_library(root, tracks, captions, {})
    sound = np.array([[float(k in pair) for k in range(len(TAGS))] for pair in held]) @ rng.normal(size=(len(TAGS), 24))
    write_vectors(root, "audio", "made", ids, sound + 0.2 * rng.normal(size=sound.shape))
    return library


def make_chords(root: Path, *, n: int = 6, seed: int = 0) -> Library:
    """Chords of several levels, two seconds each, in as much hiss as a room has; nothing is embedded."""
    t, rng = np.arange(2 * RATE) / RATE, np.random.default_rng(seed)
    paths = {f"c{number:02d}": f"c{number:02d}.wav" for number in range(n)}
    for number, path in enumerate(paths.values()):
        notes = np.array(CHORDS[number % len(CHORDS)]) * 2 ** ((number // len(CHORDS)) / 3)
        tone = sum(np.sin(2 * np.pi * note * t) for note in notes) / len(notes)
        tone = tone * np.exp(-(t % (0.3 + 0.1 * (number % 7)))) + 0.1 * rng.standard_normal(len(t))
        write(root / path, (0.1 * (number % 6 + 1) * tone)[None], RATE)
    return plain_library(root / "lib", dict.fromkeys(paths, ""), paths=paths, audio_root=str(root))
