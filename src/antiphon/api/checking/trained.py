"""What trainings left: checkpoints, histories, settings, results, curves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.file import stored_checksum
from antiphon.align.checkpoint.paths import SERVING
from antiphon.align.config import load_config
from antiphon.align.training.results.history import read_history
from antiphon.align.training.results.trackers.event_file import first_damage
from antiphon.api.checking.found import CheckedFile, Context
from antiphon.api.checking.tables import check_json
from antiphon.errors import AntiphonError, CheckpointError, ConfigError
from antiphon.library.commands import command


def check_trained(context: Context) -> Iterator[CheckedFile]:
    """Checkpoints, then what stands in ``runs`` and ``logs``."""
    for path in sorted((context.root / "checkpoints").glob("*.pt")):
        yield _checkpoint(context, path)
    for folder in sorted((context.root / "runs").glob("*/")):
        yield from _run(context, folder)
    for path in sorted((context.root / "logs" / "tensorboard").rglob("*tfevents*")):
        yield _curves(context, path)


def _checkpoint(context: Context, path: Path) -> CheckedFile:
    try:
        Bundle.load(path)
    except CheckpointError as error:
        if "has format" in error.problem:
            return context.newer(path, error.problem)
        return context.damaged(path, error.problem, _mended(context, path))
    except OSError as error:
        return context.damaged(path, error.strerror, "Look at the disk, or restore it from a copy.")
    context.read(path)
    if not stored_checksum(path):
        return context.unsealed(path, "it is from before there were checksums")
    return context.sound(path)


def _mended(context: Context, path: Path) -> str:
    """One fitted for search is made again by a training; of the others a copy is worth most."""
    name, _, kind = path.stem.rpartition("_")
    if kind == SERVING:
        return f"Delete it: {command('index', context.root)} then takes {name}_best_r1.pt."
    training = path.stem.removesuffix("_best_r1").removesuffix("_best_loss").removesuffix("_last")
    return f"Restore it from a copy, or: {command(f'train --name {training} --overwrite', context.root)}"


def _run(context: Context, folder: Path) -> Iterator[CheckedFile]:
    train = command(f"train --name {folder.name} --overwrite", context.root)
    evaluate = command(f"evaluate {folder.name}", context.root)
    history, settings = folder / "history.jsonl", folder / "config.toml"
    if history.exists():
        try:
            read_history(history)
            context.read(history)
            yield context.unsealed(history)
        except AntiphonError as error:
            later = "has format" in error.problem
            yield context.newer(history, error.problem) if later else context.damaged(history, error.problem, train)
    if settings.exists():
        yield _settings(context, settings, train)
    for name, fix in (("test_metrics.json", evaluate), ("fusion.json", command("fuse A B", context.root))):
        if (folder / name).exists():
            yield check_json(context, folder / name, fix)


def _settings(context: Context, path: Path, train: str) -> CheckedFile:
    """Settings of another version are a record of how it was trained, and nothing is wrong with it."""
    context.read(path)
    try:
        load_config(path)
    except ConfigError as error:
        if "cannot be read as TOML" in error.problem:
            return context.damaged(path, error.problem, train)
        if "has format" in error.problem:
            return context.newer(path, error.problem)
        return context.unsealed(path, "another version of Antiphon has these settings, this one not all of them")
    return context.unsealed(path)


def _curves(context: Context, path: Path) -> CheckedFile:
    """Records of TensorBoard have checksums; a torn last one is what a killed training leaves."""
    try:
        damage = first_damage(path)
    except OSError as error:
        return context.damaged(path, error.strerror, "Look at the disk.")
    context.read(path)
    if damage is not None:
        said = f"record {damage} is not as it was written"
        return context.damaged(path, said, "Delete it: what its curves showed stands in runs/ as numbers.")
    return context.sound(path)
