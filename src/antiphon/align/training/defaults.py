"""Settings that are left to the data: chosen from how many tracks there are, and how wide their vectors are."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from antiphon.align.config import TrainConfig
from antiphon.align.losses.find import find_loss
from antiphon.errors import ConfigError

FEW = 2000
"""Training tracks up to which a set counts as small; what small sets are given was measured on some hundred."""
STRONG, LIGHT = 500, 8_000
"""Training tracks up to which heads are regularised most, and from which they are least: real sets of some hundred want
the first, made sets of 6,400 the second, and at 800 and 1,600 what lies between was best (docs/experiments/sizes.md).
"""


def has_closed_forms(config: TrainConfig) -> bool:
    """Whether closed forms stand beside the trained heads; by default where heads are free to learn."""
    asked = config.closed_form == "cca" or config.epochs == 0
    return asked or (config.closed_form == "auto" and config.audio_head != "identity")


def resolve_from_data(
    config: TrainConfig, n_tracks: int, *, phrases: bool = False, kinds: str = "human"
) -> TrainConfig:
    """Fill the settings left to the data: small sets are regularised heavily, large ones lightly.

    Parameters
    ----------
    n_tracks : training tracks; between ``STRONG`` and ``LIGHT`` the values change evenly on a logarithmic scale.
    phrases : whether captions' phrases have vectors.
    kinds : of the captions that take part, joined by +.

    Raises
    ------
    ConfigError : ``soft_weight`` was asked for, and the loss has no soft targets.
    """
    large = min(1.0, max(0.0, math.log(max(n_tracks, 1) / STRONG) / math.log(LIGHT / STRONG)))
    softens = find_loss(config.loss).takes_soft_targets
    if config.soft_weight and not softens:
        raise ConfigError(f"The loss {config.loss} has no soft targets.", fix="Leave soft_weight out, or put 0.")
    few, free = n_tracks <= FEW, config.audio_head != "identity"
    beside = few and has_closed_forms(config)
    chosen: dict[str, Any] = {
        "batch_size": min(max(n_tracks, 2), 1024),
        "dropout": round(0.5 - 0.3 * large, 3),
        "temperature": round(0.2 * (0.07 / 0.2) ** large, 4),
        "weight_decay": round(10 ** (-1.0 * large), 4),
        "hubness": "always" if beside and free else "none",
        "caption_phrases": 0.1 if beside and phrases else 0.0,
        "caption_kinds": kinds,
        "soft_weight": round(0.3 - 0.2 * large, 3) if softens else 0.0,
    }
    return dataclasses.replace(config, **{k: v for k, v in chosen.items() if getattr(config, k) is None})


def left_to_data(config: TrainConfig, n_tracks: int, *, phrases: bool = False) -> TrainConfig:
    """Settings as they were asked for, as far as a resolved config tells: the inverse of :func:`resolve_from_data`.

    Settings that have the value which the data would choose are left to the data again, so that a recipe can be
    refitted on other tracks. The kinds of captions stay as they are: nothing says whether they were asked for.

    Parameters
    ----------
    n_tracks, phrases : of the training that the config was resolved for.
    """
    left = [
        field.name for field in dataclasses.fields(config) if field.default is None and field.name != "caption_kinds"
    ]
    unset: dict[str, Any] = dict.fromkeys(left)
    blank = dataclasses.replace(config, **unset)
    chosen = resolve_from_data(blank, n_tracks, phrases=phrases, kinds=config.caption_kinds or "human")
    same: dict[str, Any] = {name: None for name in left if getattr(chosen, name) == getattr(config, name)}
    return dataclasses.replace(config, **same)
