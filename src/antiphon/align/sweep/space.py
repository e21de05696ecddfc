"""The settings that a sweep tries, and between which bounds.

What is not listed stays as the base settings have it. Bounds reach further to hold the base settings themselves, which
are the first trial: whatever a sweep finds is compared with what would have been used without it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from antiphon.align.config import TrainConfig
from antiphon.align.losses.find import find_loss

Value = float | int | str


@dataclass(frozen=True, kw_only=True)
class Swept:
    """One setting's range.

    Parameters
    ----------
    name : of a :class:`TrainConfig` field.
    low, high : bounds, both included; None for a choice.
    log : whether it is drawn on a logarithmic scale.
    whole : whether it is an integer.
    choices : instead of bounds.
    """

    name: str
    low: float | None = None
    high: float | None = None
    log: bool = False
    whole: bool = False
    choices: tuple[Value, ...] = ()

    def holding(self, value: Value) -> Swept:
        """The range, widened where ``value`` lies outside."""
        if self.choices:
            return self if value in self.choices else replace(self, choices=(*self.choices, value))
        number, low, high = float(value), self.low or 0.0, self.high or 0.0
        if self.log and number <= 0:
            return replace(self, low=0.0, high=high, log=False)
        return replace(self, low=min(low, number), high=max(high, number))

    def drawn(self, trial: Any) -> Value:
        """A value of an Optuna trial."""
        value: Value
        if self.choices:
            value = trial.suggest_categorical(self.name, list(self.choices))
        elif self.whole:
            value = trial.suggest_int(self.name, int(self.low or 0), int(self.high or 0), log=self.log)
        else:
            value = trial.suggest_float(self.name, self.low, self.high, log=self.log)
        return value

    def to_dict(self) -> dict[str, Any]:
        """Plain values for ``sweep.json``."""
        if self.choices:
            return {"name": self.name, "choices": list(self.choices)}
        return {"name": self.name, "low": self.low, "high": self.high, "log": self.log}


SPACE = (
    Swept(name="lr", low=5e-4, high=1e-2, log=True),
    Swept(name="epoch_steps", low=1, high=8, log=True, whole=True),
    Swept(name="dropout", low=0.1, high=0.8),
    Swept(name="weight_decay", low=0.01, high=10.0, log=True),
    Swept(name="temperature", low=0.03, high=0.5, log=True),
    Swept(name="soft_weight", low=0.0, high=0.6),
    Swept(name="audio_head", choices=("mlp", "linear")),
    Swept(name="text_head", choices=("mlp", "linear")),
    Swept(name="dim", choices=(128, 256, 512)),
    Swept(name="closed_form", choices=("auto", "none")),
)


def space_for(base: TrainConfig) -> tuple[Swept, ...]:
    """What to try around resolved settings; what has no meaning with them is left out."""
    idle = set() if find_loss(base.loss).takes_soft_targets else {"soft_weight"}
    if base.audio_head == "identity":
        idle |= {"audio_head", "dim", "closed_form"}
    kept = (swept for swept in SPACE if swept.name not in idle)
    space = []
    for swept in kept:
        if swept.name == "closed_form" and base.closed_form == "cca":  # "auto" would be the same, or nothing
            swept = replace(swept, choices=("cca", "none"))
        space.append(swept.holding(getattr(base, swept.name)))
    return tuple(space)
