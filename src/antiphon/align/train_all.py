"""Train several encoders of a library one after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from antiphon.align.checkpoint.naming import require_no_fusion, text_unasked, training_name
from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.align.train_result import TrainResult
from antiphon.align.training.distributed import started_processes
from antiphon.align.training.results.history import EpochRecord
from antiphon.align.training.run import Steps
from antiphon.errors import ConfigError, LibraryError
from antiphon.library.commands import as_typed, command
from antiphon.library.next_step import next_step
from antiphon.library.pairs import open_embedding
from antiphon.library.tracks import Library


def train_all(
    root: Path,
    encoders: str | Sequence[str] = "all",
    *,
    text: str | Sequence[str] | None = None,
    name: str | None = None,
    config: TrainConfig | None = None,
    resume: bool = False,
    overwrite: bool = False,
    again: bool = False,
    on_epoch: Callable[[str, EpochRecord], None] | None = None,
    on_step: Callable[[str, Steps], None] | None = None,
) -> dict[str, TrainResult]:
    """Train several encoders one after another, by default every one the library has vectors of; parameters as `train`.

    Of several text encoders every one is trained with every audio encoder; None takes what
    :func:`antiphon.align.checkpoint.naming.text_unasked` says.

    Raises
    ------
    LibraryError : there are no audio vectors at all, or none of one that is named: then nothing is trained.
    ConfigError : one name for several trainings. Otherwise as :func:`train`.
    """
    results = {}
    with started_processes():  # one group for all encoders
        for encoder, words in trainings(root, encoders, text, name, config, resume=resume):
            label = name or training_name(Path(root), encoder, words)
            tell = None if on_epoch is None else partial(on_epoch, label)
            before = None if on_epoch is None else partial(on_epoch, f"{label}, text frozen")
            results[label] = train(
                root,
                encoder,
                text=words,
                name=name,
                config=config,
                resume=resume,
                overwrite=overwrite,
                again=again,
                on_epoch=tell,
                on_step=None if on_step is None else partial(on_step, label),
                on_frozen=before,
            )
    return results


def trainings(
    root: Path,
    encoders: str | Sequence[str],
    text: str | Sequence[str] | None,
    name: str | None,
    config: TrainConfig | None = None,
    *,
    resume: bool = False,
) -> list[tuple[str, str]]:
    """Audio and text encoder of each training, of which the library has vectors; errors as :func:`train_all`."""
    chosen, tuned = named(root, encoders, name), config is not None and config.finetune_text != "none"
    if text is None:
        found = [(each, text_unasked(Path(root), name or each, resume=resume, tuned=tuned)) for each in chosen]
    else:
        found = [(each, words) for words in _different(text, name, chosen) for each in chosen]
    for encoder, words in found:  # of one that is not there it is known before hours of work on the others
        require_no_fusion(Path(root), encoder, words)
        open_embedding(Library(root), "audio", encoder)
        open_embedding(Library(root), "text", words)
    return found


def _different(text: str | Sequence[str], name: str | None, chosen: Sequence[str]) -> list[str]:
    """Text encoders that are named, each once.

    Raises
    ------
    ConfigError : one name for several trainings.
    """
    texts = [text] if isinstance(text, str) else list(dict.fromkeys(text))
    if name is not None and len(texts) > 1:
        raise ConfigError(
            f"--name {name} would be one name for {len(texts)} trainings ({', '.join(texts)}).",
            fix=f"Train them one by one, or leave it out: they are called {chosen[0]}@{texts[-1]} and the like.",
        )
    return texts


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
        raise LibraryError(f"{as_typed(root)} has no audio vectors yet.", fix=next_step(Library(root)))
    if name is not None and len(found) > 1:
        raise ConfigError(
            f"--name {name} would be one name for {len(found)} trainings ({', '.join(found)}).",
            fix=f"Train them one by one: {command(f'train --encoder {found[0]} --name {name}', root)}",
        )
    return found
