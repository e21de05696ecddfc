"""How fast an encoder is: as it was timed in this library, else measured now on a few of its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from antiphon.embed.loading import cores, load_models
from antiphon.embed.report import read_timing
from antiphon.embed.workers.engine import Engine
from antiphon.embed.workers.messages import Task
from antiphon.registry import LoadOptions

FILES = 3
"""Files that are heard to measure a speed."""
ENOUGH_S = 600.0
"""Seconds of sound that have to have been timed before a record is believed."""


@dataclass(frozen=True, kw_only=True)
class Speed:
    """What an encoder takes for a second of sound.

    Parameters
    ----------
    seconds : on the clock.
    source : "timed" (in earlier runs on this library) or "measured" (now).
    """

    seconds: float
    source: str


def timed(folder: Path) -> Speed | None:
    """By the record of earlier runs; None where there is none, or one of too little sound."""
    found = read_timing(folder)
    if found is None or found.audio_seconds < ENOUGH_S or found.seconds <= 0:
        return None
    return Speed(seconds=found.seconds / found.audio_seconds, source="timed")


def measure_speed(
    names: Sequence[str], files: Sequence[str], options: LoadOptions, *, jobs: int | None, batch_seconds: float
) -> dict[str, Speed]:
    """By hearing a few files, whose vectors are thrown away; those of ``names`` alone.

    Loading models is not counted. Signal encoders run in as many processes as there are jobs, so that what each
    takes is divided by them; decoding is counted once, evenly among the encoders.

    Raises
    ------
    EncoderError : an encoder cannot be loaded.
    """
    models = load_models(names, options)
    jobs = jobs or cores()
    tasks = [Task(number, path, tuple(names)) for number, path in enumerate(files)]
    spent, sound, decoding = dict.fromkeys(names, 0.0), 0.0, 0.0
    signal = [name for name in names if name not in models]
    with Engine(signal=signal, models=models, options=options, jobs=jobs, batch_seconds=batch_seconds) as engine:
        for step in engine.run(tasks):
            sound, decoding = sound + step.seconds, decoding + step.decoding
            for name, seconds in step.spent.items():
                spent[name] += seconds
    if not sound:
        return {}
    common = decoding / jobs / len(names)
    each = {name: (spent[name] / (jobs if name in signal else 1) + common) / sound for name in names}
    return {name: Speed(seconds=seconds, source="measured") for name, seconds in each.items()}
