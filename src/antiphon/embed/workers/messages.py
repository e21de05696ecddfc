"""What the main process and its workers say to one another. All of it is pickled; none of it imports a model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from antiphon.library.vectors.windows import Windows
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
    windows : encoders whose window vectors are asked for, too.
    """

    signal: tuple[str, ...]
    models: dict[str, Cut]
    options: LoadOptions
    windows: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Ready:
    """A worker's first answer. ``problem`` says why it cannot work, and ``fix`` what to do about it."""

    problem: str = ""
    fix: str | None = None


@dataclass(frozen=True)
class Task:
    """One file to decode, its path or address, and the encoders that want it."""

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
    windows : of those of them whose windows were asked for, by name.
    failures : of single signal encoders, by name.
    seconds : of sound.
    spent : processor seconds in each signal encoder.
    decoding : processor seconds in everything else.
    note : what could not be read of a file that has vectors all the same, or empty.
    sound : a hash of the file's sound (:mod:`antiphon.embed.workers.packets`), or empty.
    """

    number: int
    error: str = ""
    vectors: dict[str, Float32] = field(default_factory=dict)
    windows: dict[str, Windows] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    spent: dict[str, float] = field(default_factory=dict)
    decoding: float = 0.0
    note: str = ""
    sound: str = ""


@dataclass(frozen=True)
class Alive:
    """A file is being worked at: nothing is done, but it goes on."""

    number: int


@dataclass(frozen=True)
class Outcome:
    """What came of one file with one encoder: a vector, or why there is none; what is wanting in the vector, the
    windows where they were asked for, and which sound it was."""

    number: int
    name: str
    value: Float32 | str
    note: str = ""
    windows: Windows | None = None
    sound: str = ""


@dataclass(frozen=True)
class Step:
    """A piece of a run: outcomes, and the sound and time behind them (``spent`` and ``decoding`` as in Result)."""

    outcomes: tuple[Outcome, ...] = ()
    seconds: float = 0.0
    spent: dict[str, float] = field(default_factory=dict)
    decoding: float = 0.0


NOTHING = Step()
"""Nothing is done yet; a moment to look whether it is time to write, or to stop."""
