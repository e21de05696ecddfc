"""The losses there are, by name; the file of one is read when it is asked for."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from antiphon.align.losses.loss import Loss

LOSSES = {"infonce": "InfoNCE", "siglip": "SigLIP"}
"""Name, which is that of its file in this folder, → class."""


@cache
def find_loss(name: str) -> Loss:
    """The loss of a name in ``LOSSES``."""
    found: Loss = getattr(import_module(f"antiphon.align.losses.{name}"), LOSSES[name])()
    return found
