"""A training that takes the place of one of its name: only once it is whole, and that one is kept.

While it is at work its files lie in ``runs/NAME/again``, and those that it has replaced lie in ``runs/NAME/before``:
both are laid out as a library is, so that ``cp -r runs/NAME/before/. .`` brings a training back. Files change places
one by one; ``moves.json`` says which ones from the moment on when nothing but that is left to do, so that whoever
comes after a crash does the rest.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from antiphon.align.checkpoint.paths import checkpoint_paths, curves_folder, run_folder, serving_path
from antiphon.align.data.learned import FILE as LEARNED
from antiphon.align.data.learned import Learned, read_learned
from antiphon.align.data.material import Material
from antiphon.align.training.results.divergence import FILE as DIVERGED
from antiphon.library.files import read_json, write_json

AGAIN, BEFORE, MOVES = "again", "before", "moves.json"
OF_RUN = ("history.jsonl", "config.toml", "test_metrics.json", "wandb_id", DIVERGED, LEARNED)


def apart(material: Material) -> Material:
    """The data of a training whose files lie apart from those of the one that it is to replace."""
    root = run_folder(material.root, material.name) / AGAIN
    curves_folder(root, material.name).parent.mkdir(parents=True, exist_ok=True)  # is watched from the first step on
    return replace(material, root=root)


def conclude(material: Material, home: Material, learned: Learned) -> Path | None:
    """Note what a whole training has learned from; one that lies apart takes its place.

    Parameters
    ----------
    material : its data, whose root is where its files lie.
    home : the same, of the library.

    Returns
    -------
    Where the training lies that was replaced; None where none was.
    """
    folder = run_folder(material.root, material.name)
    before = read_learned(folder)
    if before is None or not before.is_same(learned):  # one that was finished before is left as it is
        learned.write(folder)
    if material.root == home.root:
        return None
    take_place(home.root, home.name)
    return run_folder(home.root, home.name) / BEFORE


def take_place(root: Path, name: str) -> None:
    """Let what was trained apart take the place of the training of this name, which is kept."""
    new = run_folder(root, name) / AGAIN
    kept = new / BEFORE
    shutil.rmtree(kept, ignore_errors=True)
    come, there = (list(_files(folder, name)) for folder in (new, root))
    for path in there:
        _link(root / path, kept / path)
    write_json(new / MOVES, {"come": list(map(str, come)), "go": [str(path) for path in there if path not in come]})
    finish_taking_place(root, name)


def finish_taking_place(root: Path, name: str) -> None:
    """Do what is left of :func:`take_place` where a crash ended it; nothing where none did."""
    new, kept = run_folder(root, name) / AGAIN, run_folder(root, name) / BEFORE
    if not (new / MOVES).is_file():
        return
    moves = read_json(new / MOVES)
    go, come = ([path for path in moves[which] if _is_of(Path(path), name)] for which in ("go", "come"))
    for path in go:
        (root / path).unlink(missing_ok=True)
    for path in come:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # it has moved already
            (new / path).replace(root / path)
    if (new / BEFORE).is_dir():
        shutil.rmtree(kept, ignore_errors=True)
        (new / BEFORE).rename(kept)
    shutil.rmtree(new)


def _files(root: Path, name: str) -> Iterator[Path]:
    """The files of a training, as paths inside of a library."""
    curves = sorted(curves_folder(root, name).rglob("*"))
    every = (*_checkpoints(root, name), *_of_run(root, name), *curves)
    yield from (path.relative_to(root) for path in every if path.is_file())


def _checkpoints(root: Path, name: str) -> list[Path]:
    return [*checkpoint_paths(root, name).values(), serving_path(root, name)]


def _of_run(root: Path, name: str) -> list[Path]:
    return [run_folder(root, name) / file for file in OF_RUN]


def _is_of(path: Path, name: str) -> bool:
    """Whether a path inside of a library is that of a training's file: a library may have been written by anybody."""
    here = Path()
    return path in (*_checkpoints(here, name), *_of_run(here, name)) or (
        path.is_relative_to(curves_folder(here, name)) and ".." not in path.parts
    )


def _link(path: Path, also: Path) -> None:
    also.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(path, also)
    except OSError:  # a file system without links
        shutil.copy2(path, also)
