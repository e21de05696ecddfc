"""Whether the moment that a search names is the right one: pairs of pieces, one after the other, asked for one of them.

    python -m benchmarks.moments LIBRARY … [--pairs 160] [--encoders timbre harmony rhythm musicnn] [--out FILE.json]

Each library is one that was ingested and embedded, and whose captions people wrote. Two tracks of different groups and
captions, each cut or repeated to a random 12 to 20 s, are heard as one sound, in random order; the model was trained
without the folds of either. The query is a caption of one of them: right is a best window whose middle lies in it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from antiphon import registry
from antiphon.align.checkpoint.model import Model
from antiphon.align.recipes import recipe
from antiphon.align.train import train
from antiphon.audio.decode import load
from antiphon.audio.track_pool import TrackPool, WindowMeans
from antiphon.audio.windows import cut
from antiphon.library.tracks import Caption, Library, save_library
from antiphon.library.vectors.windows import with_means
from antiphon.registry import AudioEncoder
from benchmarks.any_library.folds import Folds

Float32 = NDArray[np.float32]
ENCODERS = ("timbre", "harmony", "rhythm", "musicnn")
SHORTEST_S, LONGEST_S = 12.0, 20.0
FOLDS = 5


@dataclass(frozen=True, kw_only=True)
class Planted:
    """Two pieces as one sound, and which of them is asked for."""

    asked: Caption
    other: str
    lengths: tuple[float, float]
    asked_first: bool

    def right(self, middles: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether times lie in the piece that is asked for."""
        edge = self.lengths[0] if self.asked_first else self.lengths[1]
        return (middles < edge) == self.asked_first


def main() -> None:
    """Print a line a library and a choice of encoders whose windows are used."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("libraries", nargs="*", type=Path)
    parser.add_argument("--pairs", type=int, default=160)
    parser.add_argument("--encoders", nargs="*", default=list(ENCODERS))
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    if not asked.libraries:
        print("Name libraries that were embedded and that people described; without one there is nothing to measure.")
        return
    found = {path.name: measured(Library(path), asked.encoders, asked.pairs) for path in asked.libraries}
    if asked.out:
        asked.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def measured(library: Library, names: list[str], pairs: int) -> dict[str, list[float]]:
    """What has windows → share of right moments, and its interval of 95 %."""
    folds = Folds(library, folds=FOLDS)
    fold_of = {caption.track_id: fold for fold in range(FOLDS) for caption in folds.tested(fold)}
    encoders = [_encoder(name) for name in names]
    chosen = {"all": names, **({name: [name] for name in names} if len(names) > 1 else {})}
    right: dict[str, list[float]] = {"chance": [], **{key: [] for key in chosen}}
    models: dict[tuple[int, ...], Model] = {}
    with tempfile.TemporaryDirectory() as folder:
        for planted in _pairs(library, folds.captions, pairs):
            away = tuple(sorted({fold_of[planted.asked.track_id], fold_of[planted.other]}))
            if away not in models:
                models[away] = _model(folds, fold_of, away, names, Path(folder) / "-".join(map(str, away)))
            query = models[away].score_text([planted.asked.text])[0]
            whole, windows, middles = _heard(library, planted, encoders)
            is_right = planted.right(middles)
            right["chance"].append(float(is_right.mean()))
            for key, used in chosen.items():
                mixed = [w if n in used else v for n, v, w in zip(names, whole, windows, strict=True)]
                best = int((models[away].score_audio(np.concatenate(mixed, axis=1)) @ query).argmax())
                right[key].append(float(is_right[best]))
    found = {key: _interval(np.array(values)) for key, values in right.items()}
    for key, (mean, low, high) in found.items():
        print(f"{library.root.name}: {key:10} {mean:5.1f} [{low:.1f}, {high:.1f}] of {len(right[key])}", flush=True)
    return found


def _interval(values: NDArray[np.float64]) -> list[float]:
    drawn = np.random.default_rng(0).integers(0, len(values), (4000, len(values)))
    low, high = np.percentile(values[drawn].mean(axis=1), (2.5, 97.5))
    return [round(100 * float(each), 1) for each in (values.mean(), low, high)]


def _encoder(name: str) -> AudioEncoder:
    encoder = registry.load(name, kind="audio")
    if not isinstance(encoder, AudioEncoder):
        raise TypeError(f"{name} hears no sound")
    return encoder


def _pairs(library: Library, captions: list[Caption], count: int) -> Iterator[Planted]:
    rng = np.random.default_rng(7)
    group = {track: library.track(track).group or track for track in library.column("track_id")}
    for at in rng.permutation(len(captions))[:count]:
        asked = captions[at]
        others = [c for c in captions if group[c.track_id] != group[asked.track_id] and c.text != asked.text]
        first, second = rng.uniform(SHORTEST_S, LONGEST_S, 2)
        other = others[int(rng.integers(len(others)))].track_id
        yield Planted(
            asked=asked, other=other, lengths=(float(first), float(second)), asked_first=bool(rng.random() < 0.5)
        )


def _heard(
    library: Library, planted: Planted, encoders: list[AudioEncoder]
) -> tuple[list[Float32], list[Float32], NDArray[np.float64]]:
    """For each encoder the vector of the whole sound, repeated, and those of its windows; the windows' middles."""
    sounds = {rate: _sound(library, planted, rate) for rate in {encoder.card.rate or 0 for encoder in encoders}}
    whole, windows = [], []
    for encoder in encoders:
        card, sound = encoder.card, sounds[encoder.card.rate or 0]
        rate, piece_s, hop_s = card.rate or 0, card.window_s or 0.0, card.hop_s or 0.0
        collected = TrackPool(card.layout, card.pooling, WindowMeans(piece_s, hop_s))
        for piece in cut([sound], rate=rate, window_s=piece_s, hop_s=hop_s, tail=card.tail):
            collected.add(encoder.frames(piece[None])[0], len(piece) / rate)
        made = collected.described(sum(planted.lengths))
        assert made.windows is not None
        whole.append(np.repeat(made.vector[None], len(made.windows.means), axis=0))
        windows.append(with_means(made.vector, made.windows.means))
    starts = 10.0 * np.arange(len(whole[0]))
    return whole, windows, (starts + np.append(starts[1:], sum(planted.lengths))) / 2


def _sound(library: Library, planted: Planted, rate: int) -> Float32:
    parts = [
        np.resize(load(Path(library.sound_at(library.track(track).path)), rate), round(length * rate))
        for track, length in zip((planted.asked.track_id, planted.other), planted.lengths, strict=True)
    ]
    return np.concatenate(parts if planted.asked_first else parts[::-1]).astype(np.float32)


def _model(folds: Folds, fold_of: dict[str, int], away: tuple[int, ...], names: list[str], root: Path) -> Model:
    """Closed forms that were fitted without the tracks of some folds."""
    library = folds.library
    splits = zip(folds.track_ids, folds.splits(away[0]), strict=True)
    split_of = {track: "test" if fold_of.get(track) in away else split for track, split in splits}
    tracks = [replace(library.track(track), split=split) for track, split in split_of.items()]
    captions = [caption for caption in folds.captions if fold_of[caption.track_id] not in away]
    save_library(root, tracks, captions, {"audio_root": library.meta["audio_root"]})
    (root / "embeddings").symlink_to(library.root.resolve() / "embeddings")
    return Model.load(train(root, "+".join(names), config=recipe("fast")).checkpoints["best_r1"])


if __name__ == "__main__":
    main()
