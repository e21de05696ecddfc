"""The training doctor on real trainings: an illness is planted, the doctor has to name it; healthy ones, nothing.

    python -m benchmarks.doctor [--seeds 3]

Every case is a library of made vectors (text and audio share a hidden cause), a training through the Python API, where
it says so an evaluation, and a diagnosis of the files that they left. Found means that the diagnosis holds one of the
findings of that illness; false alarms are warnings and problems of healthy trainings. Writes
benchmarks/results/doctor.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from tests.helpers.encoders.fake_plugin import install
from tests.helpers.encoders.fake_text import install_text_encoders
from tests.helpers.evaluated.in_use import make_chords, make_sentences
from tests.helpers.libraries.made_vectors import write_vectors

from antiphon import registry
from antiphon.align.checkpoint.paths import checkpoint_paths
from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.embed import embed_audio, embed_text
from antiphon.embed.robustness.check import check_encoders
from antiphon.errors import ConfigError
from antiphon.evaluate.benchmark import evaluate
from antiphon.evaluate.doctor.diagnose import diagnose
from antiphon.library.tracks import Caption, Library, Track, save_library

RESULT = Path(__file__).parent / "results" / "doctor.md"
Float = np.ndarray
HEADS = {"closed_form": "none"}
COLD = {"temperature": 0.01, "lr": 1e-5, "epochs": 5}
OVERFIT = {**HEADS, "dropout": 0.0, "weight_decay": 0.0, "soft_weight": 0.0, "temperature": 0.07, "hubness": "none"}


@dataclass
class Made:
    """Vectors of a library before they are written; illnesses change them in place."""

    audio: Float
    text: Float
    split: list[str]
    group: list[str] = field(default_factory=list)

    def rows(self, split: str) -> np.ndarray:
        return np.flatnonzero(np.array(self.split) == split)


def healthy_vectors(n: int, seed: int, *, numbers: int = 64, noise: float = 1.0) -> Made:
    """One caption a track; twelve causes, most of what each side varies by."""
    rng = np.random.default_rng(seed)
    cause = rng.standard_normal((n, 12))
    audio = cause @ rng.standard_normal((12, numbers)) + noise * rng.standard_normal((n, numbers))
    text = cause @ rng.standard_normal((12, 48)) + noise * rng.standard_normal((n, 48))
    places = rng.permutation(n)
    split = np.array(["train"] * n, dtype=object)
    split[places[: n // 5]], split[places[n // 5 : 2 * n // 5]] = "val", "test"
    return Made(audio, text, split.tolist(), [f"g{i}" for i in range(n)])


def write(root: Path, made: Made) -> None:
    ids = [f"t{i:05d}" for i in range(len(made.audio))]
    tracks = [Track(track_id=t, group=g, split=s) for t, g, s in zip(ids, made.group, made.split, strict=True)]
    captions = [Caption(caption_id=f"{t}#0", track_id=t, text=f"a piece called {t}") for t in ids]
    save_library(root, tracks, captions, {})
    write_vectors(root, "audio", "made", ids, made.audio)
    write_vectors(root, "text", "words", [f"{t}#0" for t in ids], made.text)


def findings(made: Made, settings: dict[str, Any], *, evaluated: bool = False, resplit: bool = False) -> dict[str, str]:
    """Id → severity of all that the doctor says of one training, also of one that broke."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(root, made)
        config = TrainConfig(**{"device": "cpu", "precision": "float32", **settings})
        try:
            train(root, "made", text="words", config=config)
        except ConfigError as error:
            if "diverged" not in str(error):
                raise
        if resplit:  # what was trained on is test now
            turned = {"train": "test", "test": "train"}
            made.split = [turned.get(each, each) for each in made.split]
            write(root, made)
        if evaluated:
            evaluate(root, checkpoint_paths(root, "made")["best_r1"], resamples=200)
        return {finding.id: finding.severity for finding in diagnose(root, "made").findings}


def wrong_captions(made: Made) -> None:
    made.text = np.random.default_rng(9).permutation(made.text)


def dead(made: Made) -> None:
    made.audio[:, :20] = 1.0


def other_val(made: Made) -> None:
    made.audio[made.rows("val")] += 4.0 * made.audio.std(0)


def twins(made: Made) -> None:
    rows = made.rows("train")
    half = len(rows) // 2
    made.text[rows[half : 2 * half]] = made.text[rows[:half]]
    made.text += 0.02 * np.random.default_rng(9).standard_normal(made.text.shape)


def crowded(made: Made) -> None:
    """Captions of val that all say nearly the same: whatever lies there is near to all of them."""
    rows = made.rows("val")
    made.text[rows] = 6.0 * made.text[rows[0]] + 0.3 * made.text[rows]


def line(made: Made) -> None:
    direction = np.random.default_rng(9).standard_normal(made.text.shape[1])
    made.text = np.outer(made.text[:, 0], direction) + 1e-4 * made.text


def one_group(made: Made) -> None:
    for row in made.rows("test"):
        made.group[row] = "the same artist"


def duplicated(made: Made) -> None:
    """Recordings of training under other ids in val and test, with captions of their own."""
    held, trained = [*made.rows("val"), *made.rows("test")][::5], made.rows("train")
    made.audio[held] = made.audio[trained[: len(held)]]


def corner(made: Made) -> None:
    """Captions of val are of a text encoder that says the same of them all, and a little of each."""
    _moved(made.text, made.rows("val"), 8.0)


def apart(made: Made) -> None:
    """Both sides of val lie beside where training's lie, in directions of their own."""
    for seed, side in enumerate((made.text, made.audio)):
        _moved(side, made.rows("val"), 1.7, seed)


def _moved(side: Float, rows: np.ndarray, by: float, seed: int = 0) -> None:
    side[rows] += by * side.std(0) * np.random.default_rng(seed).choice([-1, 1], side.shape[1])


def nothing(made: Made) -> None:
    del made


@dataclass(frozen=True)
class Illness:
    name: str
    ids: tuple[str, ...]
    settings: dict[str, Any] = field(default_factory=dict)
    plant: Callable[[Made], None] = nothing
    n: int = 500
    noise: float = 1.0
    numbers: int = 64
    after: dict[str, bool] = field(default_factory=dict)


@contextmanager
def text_encoders() -> Iterator[None]:
    """Fake ones are there, as a third party's package would be."""
    with tempfile.TemporaryDirectory() as folder:
        install_text_encoders(Path(folder))
        install(Path(folder))
        sys.path.insert(0, folder)
        registry.scan.cache_clear()
        try:
            yield
        finally:
            sys.path.remove(folder)
            registry.scan.cache_clear()


def asked_in_tags(reader: str, seed: int) -> dict[str, str]:
    """Findings of a training on sentences that is asked what people type."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        make_sentences(root, n=400, seed=seed)
        embed_text(root, reader)
        path = train(root, "made", text=reader, config=TrainConfig(device="cpu", epochs=10)).checkpoints["best_r1"]
        evaluate(root, path, typed=True, resamples=200)
        return {finding.id: finding.severity for finding in diagnose(root, "made").findings}


def heard_changed(encoder: str, seed: int) -> dict[str, str]:
    """Findings of a training whose audio encoder was checked on sounds that it has vectors of."""
    with tempfile.TemporaryDirectory() as folder:
        library = make_chords(Path(folder), n=16, seed=seed)
        ids, card = library.column("track_id").tolist(), registry.find(encoder, "audio").card
        splits = ["train"] * 10 + ["val"] * 3 + ["test"] * 3
        tracks = [Track(track_id=t, path=f"{t}.wav", group=t, split=s) for t, s in zip(ids, splits, strict=True)]
        captions = [Caption(caption_id=f"{t}#0", track_id=t, text=f"a piece called {t}") for t in ids]
        save_library(library.root, tracks, captions, library.meta)
        embed_audio(library.root, [encoder], jobs=1)
        rng = np.random.default_rng(seed)
        write_vectors(library.root, "text", "words", [c.caption_id for c in captions], rng.normal(size=(16, 24)))
        train(library.root, card.name, text="words", config=TrainConfig(device="cpu", epochs=3))
        check_encoders(Library(library.root), [encoder])
        return {finding.id: finding.severity for finding in diagnose(library.root, card.name).findings}


RATES = ("rate-too-high", "jagged", "collapsed")
CHANCE = ("val-problem", "val-warning", "test-chance-t2a", "collapsed")
ILLNESSES = (
    Illness("learning rate far too high", RATES, {**HEADS, "lr": 5.0, "epochs": 12}),
    Illness("learning rate far too low", ("rate-too-low",), {**HEADS, "lr": 1e-7, "epochs": 12}),
    Illness("stopped long before its end", ("still-rising",), {**HEADS, "lr": 5e-5, "epochs": 10, "patience": 0}),
    Illness(
        "learns by heart", ("overfitting", "large-gap", "overconfident"), {**OVERFIT, "epochs": 60, "patience": 0},
        n=150, noise=6.0, numbers=400,
    ),
    Illness("captions beside the wrong tracks", CHANCE, plant=wrong_captions, after={"evaluated": True}),
    Illness("the same, heads alone", CHANCE, HEADS, plant=wrong_captions),
    Illness("a third of the audio vector is constant", ("dead-features",), plant=dead),
    Illness("val comes from another source", ("shifted",), plant=other_val),
    Illness("each second caption has a twin on another track", ("false-negatives",), plant=twins),
    Illness("all captions on one line", ("narrow-vectors",), plant=line),
    Illness("one track answers everything", ("hub", "few-directions"), {"hubness": "none"}, plant=crowded),
    Illness("four tracks a step", ("few-negatives",), {"batch_size": 4, "epochs": 5}),
    Illness("temperature at its lower bound", ("temperature-lower",), {**HEADS, **COLD}),
    Illness("temperature at its upper bound", ("temperature-upper",), {**HEADS, **COLD, "temperature": 0.5}),
    Illness("a step makes numbers that are none", ("diverged",), {**HEADS, "lr": 0.5, "weight_decay": 100.0}),
    Illness("recordings on both sides of the split", ("duplicates-across-splits",), plant=duplicated),
    Illness("val's captions in a corner", ("crowded", "shifted"), plant=corner),
    Illness("captions and tracks of val in two places", ("modality-gap", "shifted"), plant=apart),
    Illness("ten tracks in val", ("small-val",), n=50),
    Illness("few tracks, heads alone, much noise", ("early-plateau", "large-gap", "overfitting", "overconfident",
            "fell-back"), {**HEADS, "epochs": 20, "patience": 0}, n=200, noise=4.0),
    Illness("heads that a closed form beats", ("worse-than-baseline",), {**HEADS, "lr": 1e-5, "epochs": 12},
            after={"evaluated": True}),
    Illness("test tracks that were trained on", ("leak",), after={"evaluated": True, "resplit": True}),
    Illness("a test split of one artist", ("one-group-t2a",), plant=one_group, after={"evaluated": True}),
)  # fmt: skip
Use = Callable[[str, int], dict[str, str]]
IN_USE: tuple[tuple[str, str, Use, str], ...] = (
    ("trained on sentences, asked in tags that its text encoder reads otherwise", "asked-otherwise", asked_in_tags,
     "sentence-bag"),
    ("an audio encoder that hears how loud a file is", "changes-with-sound", heard_changed, "fake-signal"),
)  # fmt: skip
HEALTHY_IN_USE: tuple[tuple[str, str, Use, str], ...] = (
    ("trained on sentences, asked in tags, words read alike", "asked-otherwise", asked_in_tags, "word-bag"),
    ("an audio encoder that hears timbre", "changes-with-sound", heard_changed, "timbre"),
)
"""Name, the finding that would be right or wrong, what is done, and with which encoder."""
HEALTHY = (150, 1000, 4000)
KNOWN = {"small-val"}
"""Said of a healthy training too where it is true: a small val is no false alarm."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--seeds", type=int, default=3)
    seeds = range(parser.parse_args().seeds)
    rows = ["| illness | named | as |", "| --- | ---: | --- |"]
    named = 0
    for illness in ILLNESSES:
        found = []
        for seed in seeds:
            made = healthy_vectors(illness.n, seed, numbers=illness.numbers, noise=illness.noise)
            illness.plant(made)
            found.append(findings(made, illness.settings, **illness.after))
        hits = [sorted(set(each) & set(illness.ids)) for each in found]
        named += sum(map(bool, hits))
        said = ", ".join(sorted({name for hit in hits for name in hit})) or "–"
        rows.append(f"| {illness.name} | {sum(map(bool, hits))} of {len(hits)} | {said} |")
        others = sorted(
            {i for each in found for i, s in each.items() if s in ("warning", "problem")} - set(illness.ids)
        )
        print(rows[-1], "also:", ", ".join(others), flush=True)
    for name, wanted, use, encoder in IN_USE:
        with text_encoders():
            times = sum(wanted in use(encoder, seed) for seed in seeds)
        named += times
        rows.append(f"| {name} | {times} of {len(seeds)} | {wanted if times else '–'} |")
        print(rows[-1], flush=True)
    table = ["| healthy training | false alarms | of |", "| --- | ---: | ---: |"]
    for n in HEALTHY:
        for name, settings in (("closed forms and heads", {}), ("heads alone", {"closed_form": "none"})):
            said = [findings(healthy_vectors(n, 100 + seed), settings, evaluated=n < 4000) for seed in seeds]
            wrong = [i for each in said for i, s in each.items() if s in ("warning", "problem") and i not in KNOWN]
            false = " ".join([str(len(wrong)), *sorted(set(wrong))])
            table.append(f"| {3 * n // 5:,} tracks, {name} | {false} | {len(said)} |")
            print(table[-1], flush=True)
    for name, wanted, use, encoder in HEALTHY_IN_USE:
        with text_encoders():
            times = sum(wanted in use(encoder, seed) for seed in seeds)
        table.append(f"| {name} | {f'{times} {wanted}' if times else 0} | {len(seeds)} |")
        print(table[-1], flush=True)
    told = f"{named} of {(len(ILLNESSES) + len(IN_USE)) * len(seeds)} planted illnesses were named."
    command = "Command: `python -m benchmarks.doctor`; what is planted stands in it."
    page = ["# The doctor: illnesses planted, healthy trainings", "", f"{told} {command}", "", *rows, "", *table, ""]
    RESULT.write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    main()
