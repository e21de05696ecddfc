"""What the main process and its workers say to one another. All of it is pickled; none of it imports a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from antiphon.registry import EncoderCard, LoadOptions

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class Cut:
    """How an encoder wants its sound: rate in Hz, window and hop in seconds, and the tail rule."""

    rate: int
    window_s: float
    hop_s: float
    tail: Literal["align", "short", "wrap"]

    @classmethod
    def of(cls, card: EncoderCard) -> Cut:
        """The cut that a card states.

        Raises
        ------
        ValueError : an audio encoder's card lacks it, a mistake of the plugin.
        """
        if card.rate is None or card.window_s is None or card.hop_s is None:
            raise ValueError(f"the card of audio encoder '{card.name}' must state rate, window_s and hop_s")
        return cls(card.rate, card.window_s, card.hop_s, card.tail)


@dataclass(frozen=True, kw_only=True)
class Setup:
    """First message to a worker.

    Parameters
    ----------
    signal : encoders that the worker itself runs.
    models : encoders that run in the main process, and the windows they want.
    options : how to load the former.
    """

    signal: tuple[str, ...]
    models: dict[str, Cut]
    options: LoadOptions


@dataclass(frozen=True)
class Ready:
    """A worker's first answer. ``problem`` says why it cannot work, and ``fix`` what to do about it."""

    problem: str = ""
    fix: str | None = None


@dataclass(frozen=True)
class Task:
    """One file to decode, and the encoders that want it."""

    number: int
    path: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Chunk:
    """Windows of a file for the models that share a cut; they follow those of the chunk before."""

    number: int
    names: tuple[str, ...]
    windows: list[Float32]


@dataclass(frozen=True)
class Result:
    """A file is done.

    Parameters
    ----------
    number : of the task.
    error : why the file as a whole failed, or empty.
    vectors : of the signal encoders, by name.
    failures : of single signal encoders, by name.
    seconds : of sound.
    """

    number: int
    error: str = ""
    vectors: dict[str, Float32] | None = None
    failures: dict[str, str] | None = None
    seconds: float = 0.0
