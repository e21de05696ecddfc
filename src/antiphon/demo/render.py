"""Render the demo's library: audio files, ``manifest.csv`` and, beside it and not for training, ``recipes.jsonl``.

Nothing is downloaded; the same number of pieces and seed give the same library. A killed run leaves only whole
files, and the next run makes what is missing.
"""

from __future__ import annotations

import csv
import io
import json
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from antiphon.demo.catalogue import Piece, make_catalogue
from antiphon.demo.language.words import write_captions
from antiphon.demo.queries import QUERIES, DemoQuery
from antiphon.demo.recipe import PieceRecipe
from antiphon.demo.sound.encode import FORMATS, write_audio
from antiphon.demo.sound.mix import render
from antiphon.errors import ConfigError
from antiphon.library.files import write_text

__all__ = ["QUERIES", "DemoQuery", "holds_other_music", "read_recipes", "render_library"]

CAPTION_COLUMNS = ("caption", "alt_caption", "alt_caption_2")
SMALLEST, LARGEST = 1, 9999
CHUNK = 8
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def render_library(
    out: Path,
    *,
    pieces: int = 640,
    seed: int = 0,
    jobs: int | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Render a library of music with captions into ``out`` and return the path of its ``manifest.csv``.

    Parameters
    ----------
    out : folder, made if missing. Files of an earlier rendering with other settings are replaced.
    pieces : 1–9999; each is about 8 s, mono or stereo, 22.05 or 24 kHz, in five formats.
    seed : another seed, another library.
    jobs : processes; default one a processor core.
    on_progress : called with (files done, files in all) from this process as rendering goes on.

    Raises
    ------
    ConfigError : ``pieces``, ``jobs`` or ``seed`` is out of range.
    """
    if not SMALLEST <= pieces <= LARGEST:
        raise ConfigError(f"pieces is {pieces}.", fix=f"Use {SMALLEST} to {LARGEST}.")
    if jobs is not None and jobs < 1:
        raise ConfigError(f"jobs is {jobs}.", fix="Use 1 or more, or leave it out for one a processor core.")
    catalogue = make_catalogue(pieces, seed)
    manifest, recipes = out / "manifest.csv", out / "recipes.jsonl"
    _remove_stale(out, recipes, catalogue)
    captions = [write_captions(piece.recipe, np.random.default_rng([seed, piece.number, 4])) for piece in catalogue]
    write_text(recipes, _recipe_lines(catalogue))
    missing = [piece for piece in catalogue if not (out / piece.audio).is_file()]
    _render_missing(out, missing, jobs or os.cpu_count() or 1, len(catalogue), on_progress)
    write_text(manifest, _manifest(catalogue, captions))
    return manifest


def read_recipes(folder: Path) -> dict[str, PieceRecipe]:
    """The recipe of each track id in a rendered library: the ground truth that searches can be checked against."""
    lines = (folder / "recipes.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["id"]: PieceRecipe(**row["recipe"]) for row in map(json.loads, lines)}


def holds_other_music(folder: Path, *, pieces: int, seed: int) -> bool:
    """Whether ``folder`` was rendered with another number of pieces or another seed."""
    recipes = folder / "recipes.jsonl"
    if not recipes.is_file():
        return False
    there = [json.loads(line)["fingerprint"] for line in recipes.read_text(encoding="utf-8").splitlines()]
    return there != [piece.recipe.fingerprint() for piece in make_catalogue(pieces, seed)]


def _remove_stale(out: Path, recipes: Path, catalogue: list[Piece]) -> None:
    """Delete audio that an earlier run rendered from a recipe that is no longer wanted.

    It goes before the new recipes are written, so that a file that exists always has the recipe that stands there.
    """
    wanted = {piece.audio: piece.recipe.fingerprint() for piece in catalogue}
    known: dict[str, str] = {}
    if recipes.is_file():
        for line in recipes.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            known[row["audio"]] = row["fingerprint"]
    for audio in known.keys() | wanted.keys():
        if audio not in wanted or known.get(audio) != wanted[audio]:
            (out / audio).unlink(missing_ok=True)


def _recipe_lines(catalogue: list[Piece]) -> str:
    rows = (
        {
            "id": piece.track_id,
            "audio": piece.audio,
            "fingerprint": piece.recipe.fingerprint(),
            "recipe": asdict(piece.recipe),
        }
        for piece in catalogue
    )
    return "".join(json.dumps(row) + "\n" for row in rows)


def _manifest(catalogue: list[Piece], captions: list[list[str]]) -> str:
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["id", "audio", "title", "artist", "album", *CAPTION_COLUMNS])
    for piece, texts in zip(catalogue, captions, strict=True):
        padded = [*texts, *[""] * (len(CAPTION_COLUMNS) - len(texts))]
        writer.writerow([piece.track_id, piece.audio, piece.title, piece.artist, piece.album, *padded])
    return table.getvalue()


def _render_chunk(out: Path, chunk: list[Piece]) -> int:
    # Some processors' products round differently on several threads: a piece must not depend on how many there are.
    with threadpool_limits(1, user_api="blas"):
        for piece in chunk:
            sound = render(piece.recipe, rate=FORMATS[piece.recipe.container][3])
            write_audio(out / piece.audio, sound)
    return len(chunk)


@contextmanager
def _one_thread_a_process() -> Iterator[None]:
    """Let spawned processes start with one BLAS thread each; several per core only get in one another's way."""
    before = {name: os.environ.get(name) for name in THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """Processes that start in here never see Ctrl-C, which the terminal sends to all: this one stops them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _render_missing(
    out: Path, missing: list[Piece], jobs: int, total: int, on_progress: Callable[[int, int], None] | None
) -> None:
    done = total - len(missing)
    report = on_progress or (lambda _done, _total: None)
    report(done, total)
    chunks = [missing[start : start + CHUNK] for start in range(0, len(missing), CHUNK)]
    if jobs == 1 or len(chunks) <= 1:
        for chunk in chunks:
            done += _render_chunk(out, chunk)
            report(done, total)
        return
    context = multiprocessing.get_context("spawn")
    with _one_thread_a_process(), ProcessPoolExecutor(min(jobs, len(chunks)), mp_context=context) as pool:
        with _without_ctrl_c():
            futures = [pool.submit(_render_chunk, out, chunk) for chunk in chunks]
        try:
            for future in as_completed(futures):
                done += future.result()
                report(done, total)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
