"""What bfloat16 and torch.compile change on a processor: the time of a window, and what comes out.

    python -m benchmarks.embed.arithmetic [mert-95m] [--rounds 5] [--pieces 16] [--seconds 5]

Prints one JSON object. Ways take turns on one window after another; times are processor seconds of one process, medians
after two windows of warming up. Random weights of full size. For retrieval, generated pieces are cut into two halves,
each first half looks for its second half; ``pieces`` 0 leaves that out. The verdicts: docs/experiments/compile.md.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from antiphon import registry
from antiphon.metrics.ranks import one_each, ranks
from antiphon.registry import LoadOptions
from benchmarks.embed import machine
from benchmarks.embed.speed import FULL_SIZE

WAYS: dict[str, dict[str, Any]] = {
    "float32": {},
    "bfloat16": {"dtype": "bfloat16"},
    "compiled": {"compile": True},
    "compiled bfloat16": {"dtype": "bfloat16", "compile": True},
}


def piece(seed: int, seconds: float, rate: int) -> np.ndarray:
    """A made-up piece: a few notes with a beat under noise, each seed its own."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * rate)) / rate
    notes = rng.uniform(80, 1_500, size=4)
    beat = 0.5 + 0.5 * np.sin(2 * np.pi * rng.uniform(1, 4) * t)
    tones = sum(np.sin(2 * np.pi * note * t) * (np.floor(t * 2 + n) % 2) for n, note in enumerate(notes))
    return (0.15 * tones * beat + 0.05 * rng.uniform() * rng.standard_normal(len(t))).astype(np.float32)


def times(encoders: dict[str, Any], windows: list[np.ndarray]) -> dict[str, Any]:
    """Processor seconds of a window, in turns, and how far the frames are from the first way's."""
    spent: dict[str, list[float]] = {way: [] for way in encoders}
    errors: dict[str, list[float]] = {way: [] for way in encoders}
    for number, window in enumerate(windows):
        exact = None
        for way, encoder in encoders.items():
            begun = time.process_time()
            frames = encoder.frames(window[None])
            if number >= 2:
                spent[way].append(time.process_time() - begun)
            exact = frames if exact is None else exact
            errors[way].append(float(np.linalg.norm(frames - exact) / np.linalg.norm(exact)))
    base = statistics.median(spent["float32"])
    return {
        way: {
            "processor seconds a window": round(statistics.median(found), 2),
            "float32 / this": round(base / statistics.median(found), 2),
            "relative error": float(f"{max(errors[way]):.2g}"),
        }
        for way, found in spent.items()
    }


def retrieval(encoders: dict[str, Any], pieces: int, seconds: float, rate: int) -> dict[str, Any]:
    """Standardised vectors of first halves against second halves, each way's queries among float32's items."""
    made = [piece(seed, 2 * seconds, rate) for seed in range(pieces)]
    halves: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for way, encoder in encoders.items():
        cut = [np.split(sound, 2) for sound in made]
        frames = [np.concatenate([encoder.frames(half[None])[0] for half in side]) for side in zip(*cut, strict=True)]
        halves[way] = (frames[0].astype(np.float16), frames[1].astype(np.float16))
    first, second = halves["float32"]
    both = np.concatenate([first, second]).astype(np.float64)
    centre, scale = both.mean(axis=0), both.std(axis=0) + 1e-6

    def unit(vectors: np.ndarray) -> np.ndarray:
        scaled = (vectors.astype(np.float64) - centre) / scale
        return scaled / np.linalg.norm(scaled, axis=1, keepdims=True)

    own = one_each(np.arange(pieces))
    places = {way: ranks(unit(queries), unit(second), own) for way, (queries, _) in halves.items()}
    return {
        way: {
            "MRR": round(float(np.mean(1 / places[way])), 4),
            "same rank": round(float(np.mean(places[way] == places["float32"])), 3),
            "lowest cosine": round(float((unit(queries) * unit(first)).sum(1).min()), 6),
        }
        for way, (queries, _) in halves.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("encoder", nargs="?", default="mert-95m", choices=list(FULL_SIZE))
    parser.add_argument("--ways", nargs="+", default=list(WAYS), choices=list(WAYS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pieces", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=5.0)
    chosen = parser.parse_args()
    rate = registry.find(chosen.encoder).card.rate or 0
    windows = [piece(1_000 + n, chosen.seconds, rate) for n in range(chosen.rounds + 2)]
    with TemporaryDirectory() as folder:
        weights = str(FULL_SIZE[chosen.encoder](Path(folder)))
        encoders: dict[str, Any] = {}
        first_call: dict[str, float] = {}
        for way in dict.fromkeys(["float32", *chosen.ways]):
            encoders[way] = registry.load(
                chosen.encoder, LoadOptions(weights=weights, device="cpu", **WAYS[way]), kind="audio"
            )
            begun = time.process_time()
            encoders[way].frames(windows[0][None])
            first_call[way] = round(time.process_time() - begun, 1)
            print(way, first_call[way], file=sys.stderr)
        found: dict[str, Any] = {"machine": machine(), "encoder": chosen.encoder, "first call": first_call}
        found["times"] = times(encoders, windows)
        print(json.dumps(found["times"]), file=sys.stderr)
        if chosen.pieces:
            found["retrieval"] = retrieval(encoders, chosen.pieces, chosen.seconds, rate)
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
