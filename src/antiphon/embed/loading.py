"""Loading the encoders of a run, and saying what will make their vectors."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from antiphon import registry
from antiphon.embed.target import provenance_of
from antiphon.errors import ConfigError
from antiphon.library.tracks import Library
from antiphon.library.vectors.provenance import Provenance
from antiphon.registry import AudioEncoder, LoadOptions


def load_models(names: Sequence[str], options: LoadOptions) -> dict[str, AudioEncoder]:
    """Those of some audio encoders that have weights; the others are for the workers to load.

    Raises
    ------
    EncoderError : one is unknown, or cannot be loaded.
    """
    models: dict[str, AudioEncoder] = {}
    for name in names:
        if registry.find(name, "audio").card.parameters == 0:
            continue
        model = registry.load(name, options.of(name), kind="audio")
        if not isinstance(model, AudioEncoder):
            raise TypeError(f"encoder '{name}' has no frames(windows)")
        models[name] = model
    return models


def made_by(names: Sequence[str], models: Mapping[str, AudioEncoder], options: LoadOptions) -> list[Provenance]:
    """What makes the vectors of some encoders, given those of them that are models."""
    cards = {name: models[name].card if name in models else registry.find(name, "audio").card for name in names}
    return [provenance_of(card, models.get(name), options.of(name)) for name, card in cards.items()]


def keep_tag_maps(library: Library, names: Sequence[str], options: LoadOptions) -> None:
    """Put the tags of encoders that have some beside their vectors: a function ``tag_map(card, options)`` of theirs.

    Raises
    ------
    EncoderError : as for loading it.
    """
    for name in names:
        plugin = registry.find(name, "audio")
        tag_map = getattr(plugin.module, "tag_map", None)
        if tag_map is not None:
            tag_map(plugin.card, options.of(name)).write(library.embedding_folder("audio", name))


def require_sensible(*, batch_seconds: float, **counts: int | None) -> None:
    """Refuse numbers with which nothing would ever be done.

    Parameters
    ----------
    batch_seconds : sound that a model hears at once, seconds.
    counts : of processes, by the name of the option; None for the default.

    Raises
    ------
    ConfigError : a count is below 1, or ``batch_seconds`` not above 0.
    """
    for name, count in counts.items():
        if count is not None and count < 1:
            raise ConfigError(f"--{name} has to be at least 1, not {count}.", fix="Leave it out for the default.")
    if not 0 < batch_seconds < float("inf"):
        raise ConfigError(f"--batch-seconds has to be above 0, not {batch_seconds:g}.", fix="Leave it out for 120.")


def cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
