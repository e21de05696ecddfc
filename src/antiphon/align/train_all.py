"""Train several encoders of a library one after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from antiphon.align.checkpoint.naming import training_name
from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.align.train_result import TrainResult
from antiphon.align.training.distributed import started_processes
from antiphon.align.training.results.history import EpochRecord
from antiphon.align.training.run import Steps
from antiphon.errors import ConfigError, LibraryError
from antiphon.library.commands import command, place
from antiphon.library.next_step import next_step
from antiphon.library.tracks import Library


def train_all(
    root: Path,
    encoders: str | Sequence[str] = "all",
    *,
    text: str = "minilm",
    name: str | None = None,
    config: TrainConfig | None = None,
    resume: bool = False,
    overwrite: bool = False,
    on_epoch: Callable[[str, EpochRecord], None] | None = None,
    on_step: Callable[[str, Steps], None] | None = None,
) -> dict[str, TrainResult]:
    """Train several encoders one after another, by default every one the library has vectors of; parameters as `train`.

    Raises
    ------
    LibraryError : there are no audio vectors at all.
    ConfigError : one name for several trainings. Otherwise as :func:`train`.
    """
    results = {}
    with started_processes():  # one group for all encoders
        for encoder in named(root, encoders, name):
            label = name or training_name(Path(root), encoder, text)
            tell = None if on_epoch is None else partial(on_epoch, label)
            before = None if on_epoch is None else partial(on_epoch, f"{label}, text frozen")
            results[label] = train(
                root,
                encoder,
                text=text,
                name=name,
                config=config,
                resume=resume,
                overwrite=overwrite,
                on_epoch=tell,
                on_step=None if on_step is None else partial(on_step, label),
                on_frozen=before,
            )
    return results


def named(root: Path, encoders: str | Sequence[str], name: str | None) -> list[str]:
    """Encoders to train, "all" put in full; one, where the training is to have a name.

    Raises
    ------
    LibraryError : there are no audio vectors at all.
    ConfigError : one name for several trainings.
    """
    found = [encoders] if isinstance(encoders, str) else list(encoders)
    if found == ["all"]:
        found = Library(root).embedded("audio")
    if not found:
        raise LibraryError(f"{place(root)} has no audio vectors yet.", fix=next_step(Library(root)))
    if name is not None and len(found) > 1:
        raise ConfigError(
            f"--name {name} would be one name for {len(found)} trainings ({', '.join(found)}).",
            fix=f"Train them one by one: {command(f'train --encoder {found[0]} --name {name}', root)}",
        )
    return found
