"""What a sweep came to, for people and for programs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from antiphon.align.config import TrainConfig
from antiphon.align.sweep.space import Swept
from antiphon.metrics.selection import Optimism
from antiphon.printed import Printed


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One trial.

    Parameters
    ----------
    number : from 0, the base settings.
    state : ``"complete"``, ``"pruned"`` (given up early) or ``"failed"``.
    mrr : mean of both directions on val; of a trial that was given up, the last epoch's; None of one that failed.
    settings : what was tried, by name.
    epochs, seconds : how long it trained.
    problem : why it failed.
    """

    number: int
    state: str
    mrr: float | None
    settings: dict[str, Any]
    epochs: int = 0
    seconds: float = 0.0
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class SweepResult(Printed):
    """What a sweep came to.

    Parameters
    ----------
    encoder, text_encoder : names.
    trials : all of them, those of earlier calls included.
    best : the complete one with the highest val MRR (the first at a tie).
    config : the base settings with the best trial's.
    optimism : what the best is worth on tracks it was not chosen by; None where that cannot be told.
    space : what was tried.
    seed : of the proposals; ``config.seed`` is that of every training.
    recipe, report : the files that were written.
    """

    encoder: str
    text_encoder: str
    trials: tuple[Trial, ...]
    best: Trial
    config: TrainConfig
    optimism: Optimism | None
    space: tuple[Swept, ...]
    seed: int
    recipe: Path
    report: Path

    def to_dict(self) -> dict[str, Any]:
        """The content of ``sweep.json``."""
        return {
            "encoder": self.encoder,
            "text_encoder": self.text_encoder,
            "seed": self.seed,
            "space": [swept.to_dict() for swept in self.space],
            "best": vars(self.best),
            "optimism": None if self.optimism is None else self.optimism.to_dict(),
            "config": self.config.to_dict(),
            "trials": [vars(trial) for trial in self.trials],
        }

    def lines(self) -> list[str]:
        """The result for people."""
        count = {state: sum(t.state == state for t in self.trials) for state in ("complete", "pruned", "failed")}
        said = [
            f"{self.encoder}: {len(self.trials)} trials ({count['pruned']} given up early, {count['failed']} failed); "
            f"best is trial {self.best.number}, val MRR {self.best.mrr or 0:.4f}"
        ]
        found = self.optimism
        if found is None:
            return [*said, f"  Settings: {self.recipe}"]
        low, high = found.gain_ci95
        said.append(
            f"  {found.gain:+.4f} over the base settings ({found.reference:.4f}), of which {found.noise:+.4f} is "
            f"selection noise: expected on other tracks {found.expected_gain:+.4f} (95% {low:+.4f} to {high:+.4f})"
        )
        if low <= 0:
            said.append(
                "  No significant gain: val cannot tell these settings from the base. Keep the base, or add val tracks."
            )
        return [*said, f"  Settings: {self.recipe}"]
