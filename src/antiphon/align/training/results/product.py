"""What a training delivers: the space that is measured and saved after each epoch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from antiphon.align.checkpoint.adapter import Adapter
from antiphon.align.model import SharedSpace


class Product(Protocol):
    """The space that a training delivers, brought up to date with what the loop has trained.

    It may hold more than the loop trains: closed forms, or what was trained before.
    """

    @property
    def space(self) -> SharedSpace:
        """As of the last :meth:`update`."""

    @property
    def figures(self) -> Mapping[str, Any]:
        """For a checkpoint's ``val``, beside the epoch's own."""

    @property
    def adapter(self) -> Adapter | None:
        """What was changed in the text encoder, if that learns."""

    def update(self) -> None:
        """Take over what has been trained since."""


class AsTrained:
    """A product that is just what the loop trains, or what was solved once.

    Parameters
    ----------
    space : delivered as it is.
    figures : for a checkpoint's ``val``, beside the epoch's own.
    """

    adapter = None

    def __init__(self, space: SharedSpace, figures: Mapping[str, Any] | None = None) -> None:
        self.space = space
        self.figures = {} if figures is None else figures

    def update(self) -> None:
        """Nothing to take over."""
