"""What players ask of a library before any training: one question at a time, and eight at once."""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from urllib.request import urlopen

from benchmarks.loss import processor
from benchmarks.serve.process import memory_mb, server

ONE_BY_ONE, AT_ONCE = 20, 8
TRAINED = ("checkpoints", "index", "runs", "logs")
"""What a training leaves in a library."""
QUESTIONS: dict[str, Callable[[int], str]] = {
    "similar_tracks of a plug-in": lambda n: f"api/similar_tracks?item_id={_track(n)}&n=20",
    "/v1/tracks/ID/similar": lambda n: f"v1/tracks/{_track(n)}/similar?k=20",
    "getSonicSimilarTracks": lambda n: f"rest/getSonicSimilarTracks?id={_track(n)}&count=20&f=json",
    "find_path": lambda n: f"api/find_path?start_song_id={_track(n)}&end_song_id={_track(n + 500)}&max_steps=25",
}


def _track(n: int) -> str:
    return f"t{n:07}"


def section(library: Path, load: float) -> str:
    """Of the result; ``library`` is one that benchmarks.cold_search made, whose training is left aside."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "untrained"
        shutil.copytree(library, copy, ignore=shutil.ignore_patterns(*TRAINED))
        tracks = sum(1 for _ in (library / "tracks.csv").open()) - 1
        begun = time.monotonic()
        with server(copy) as (port, pid):
            opened = time.monotonic() - begun
            rows = [row(name, lambda n, ask=ask: took(port, ask(n))) for name, ask in QUESTIONS.items()]  # type: ignore[misc]
            own, _ = memory_mb(pid)
    about = (
        f"{date.today()}, {os.cpu_count()} cores of {processor('cpu')}, load {load:.1f} before; "
        f"{tracks:,} tracks, vectors of one encoder, 256 numbers each. "
        f"Made by `python -m benchmarks.serve --untrained DIR`. The server listened after {opened:.0f} s, and at last "
        f"its process held {own:.0f} MB of its own. *Alone*: median and longest of {ONE_BY_ONE} questions one after "
        f"another; *at once*: of {AT_ONCE} that came together. Plug-ins give up after 7 s, or later."
    )
    head = "| question | alone, ms | longest, ms | at once, ms | longest, ms |"
    return "\n".join(["## Before any training", "", about, "", head, "| --- | --- | --- | --- | --- |", *rows])


def row(name: str, ask: Callable[[int], float]) -> str:
    """Of the table."""
    alone = [ask(n) for n in range(ONE_BY_ONE)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        together = list(pool.map(ask, range(100, 100 + AT_ONCE)))
    cells = (figure for took in (alone, together) for figure in (statistics.median(took), max(took)))
    return f"| {name} | {' | '.join(f'{1000 * cell:.0f}' for cell in cells)} |"


def took(port: int, question: str) -> float:
    """Seconds until it is answered.

    Raises
    ------
    OSError : it is refused, or not answered at all.
    """
    begun = time.monotonic()
    with urlopen(f"http://127.0.0.1:{port}/{question}", timeout=300) as answer:
        answer.read()
    return time.monotonic() - begun
