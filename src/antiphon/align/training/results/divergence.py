"""Where a training broke: the step whose loss or gradient was no number, kept until an epoch after it is saved."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from antiphon.errors import ConfigError
from antiphon.library.files import read_json, write_json

FILE = "diverged.json"


class DivergedError(ConfigError):
    """A training broke: its loss or gradient is no number any more.

    Parameters
    ----------
    broke : where, and at which numbers; a sentence.
    saved : the last epoch that is saved, 0 for none: of no use to whoever trains in a folder that does not stay.
    fix : which settings to change.
    """

    def __init__(self, broke: str, *, saved: int, fix: str) -> None:
        super().__init__(f"{broke} {f'Epoch {saved} is saved' if saved else 'Nothing was saved'}.", fix=fix)
        self.broke = broke


@dataclass(frozen=True, kw_only=True)
class Divergence:
    """A step that broke.

    Parameters
    ----------
    epoch, step : 1-based; the first step of that epoch whose loss or gradient norm was not finite.
    steps : of an epoch.
    lr : the learning rate that was asked for.
    temperature : at the start.
    """

    epoch: int
    step: int
    steps: int
    lr: float
    temperature: float

    def __str__(self) -> str:
        return f"epoch {self.epoch}, in step {self.step} of {self.steps}"

    def write(self, folder: Path) -> None:
        """Keep it in a training's folder."""
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / FILE, asdict(self))


def read_divergence(folder: Path) -> Divergence | None:
    """What broke the training of a folder; None where nothing did, or nobody can read it any more."""
    try:
        return Divergence(**read_json(folder / FILE))
    except (OSError, ValueError, TypeError):
        return None
