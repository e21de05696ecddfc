"""Named settings: a recipe is what someone would otherwise have to find out by trying.

``antiphon train --config NAME`` takes a recipe's name where it takes a file. What a recipe does not name keeps its
default, and what a default leaves to the data is chosen from the number of training tracks as always.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from antiphon.align.config import TrainConfig, config_from_dict, load_config
from antiphon.errors import ConfigError

RECIPES: dict[str, tuple[str, dict[str, Any]]] = {
    "default": ("heads beside closed forms; regularisation by the number of tracks", {}),
    "fast": (
        "closed forms alone: solved in seconds, nothing is trained",
        {"epochs": 0},
    ),
    "small": (
        "a few hundred tracks whatever their number: strong regularisation, closed forms",
        {
            "dropout": 0.5,
            "weight_decay": 1.0,
            "soft_weight": 0.3,
            "temperature": 0.2,
            "closed_form": "cca",
        },
    ),
    "large": (
        "tens of thousands of tracks: wider heads, light regularisation, more steps, no closed forms",
        {
            "dim": 512,
            "hidden": 1024,
            "dropout": 0.2,
            "weight_decay": 0.1,
            "soft_weight": 0.1,
            "temperature": 0.07,
            "epoch_steps": 20,
            "closed_form": "none",
        },
    ),
    "heads": ("trained heads alone, no closed forms", {"closed_form": "none"}),
    "plain": (
        "InfoNCE heads as most projects train them, to learn by and to compare with: batches of 32, a low learning "
        "rate, the usual temperature, no soft targets, no closed forms; its figures climb slowly from chance",
        {
            "batch_size": 32,
            "lr": 3e-4,
            "dropout": 0.1,
            "weight_decay": 0.1,
            "soft_weight": 0.0,
            "temperature": 0.07,
            "closed_form": "none",
        },
    ),
}
"""Name → what it is for, and the settings it names."""


def names() -> list[str]:
    """All recipes, the default first."""
    return list(RECIPES)


def recipe(name: str) -> TrainConfig:
    """The settings of a recipe.

    Raises
    ------
    ConfigError : there is none of that name.
    """
    if name not in RECIPES:
        raise ConfigError(f"Unknown recipe '{name}'.", fix=f"Recipes: {', '.join(names())}.")
    return config_from_dict(RECIPES[name][1], source=f"the recipe '{name}'")


def settings_from(source: str | Path) -> TrainConfig:
    """The settings of a recipe's name, or of a TOML file. A file called exactly like a recipe is named ``./NAME``.

    Raises
    ------
    ConfigError : neither a recipe nor a readable file, or :func:`antiphon.align.config.load_config` refuses it.
    """
    if str(source) in RECIPES:
        return recipe(str(source))
    path = Path(source)
    if not path.exists():
        raise ConfigError(
            f"There is neither a recipe nor a file called '{source}'.",
            fix=f"Recipes: {', '.join(names())}; or give the path of a TOML file.",
        )
    return load_config(path)
