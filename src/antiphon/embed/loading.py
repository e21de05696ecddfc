"""Loading the encoders of a run, and saying what will make their vectors."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from antiphon import registry
from antiphon.embed.target import Maker, provenance_of
from antiphon.errors import ConfigError
from antiphon.registry import AudioEncoder, LoadOptions, Plugin


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


def made_by(names: Sequence[str], models: Mapping[str, AudioEncoder], options: LoadOptions) -> list[Maker]:
    """What makes the vectors of some encoders, given those of them that are models.

    Raises
    ------
    EncoderError : the tags of one that is a tagger too cannot be read.
    """
    return [_maker(registry.find(name, "audio"), models.get(name), options.of(name)) for name in names]


def _maker(plugin: Plugin, model: AudioEncoder | None, options: LoadOptions) -> Maker:
    """A plugin with taggers has a function ``tag_map(card, options)``, None for a card without tags."""
    tag_map = getattr(plugin.module, "tag_map", None)
    card = plugin.card if model is None else model.card
    return Maker(provenance_of(card, model, options), None if tag_map is None else tag_map(plugin.card, options))


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


def threads_wait_asleep() -> None:
    """Let a model's threads give up their core while they wait for one another.

    By default they spin, and where another process has a core (a media server, or our own processes that decode) all
    of them spin until that one lets go: on two busy cores MusiCNN then takes four to five times as long. OpenMP reads
    this once, when torch is loaded, so it has to be said before; what the user says stands.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
