"""What the training doctor looks at, and what it says."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from antiphon.align.config import TrainConfig
from antiphon.align.training.history import EpochRecord

Severity = Literal["good", "note", "warning", "problem"]
SEVERITIES: tuple[Severity, ...] = ("problem", "warning", "note", "good")
SETTINGS = "settings.toml"
"""What commands call the file that a user writes changed settings into."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One observation.

    Parameters
    ----------
    severity : ``"good"``, ``"note"``, ``"warning"`` or ``"problem"``.
    title : what was found.
    evidence : the numbers behind it.
    advice : what to do; empty where nothing is to be done.
    command : the command that does it; empty where there is none.
    """

    severity: Severity
    title: str
    evidence: str
    advice: str = ""
    command: str = ""

    def to_dict(self) -> dict[str, str]:
        """Plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Case:
    """All that is known of one training.

    Parameters
    ----------
    encoder : name.
    history : epochs in order, at least one; none of a fusion.
    chance : val's figures by chance, ``{"t2a": {…}, "a2t": {…}}``.
    n_val, n_train : tracks of these splits that took part.
    config : settings of the run.
    closed_form_weight : of the closed forms in the checkpoint, 0 … 1; 0 without any.
    test : content of ``test_metrics.json``; None before ``antiphon evaluate``.
    library : folder, for commands.
    """

    encoder: str
    history: tuple[EpochRecord, ...]
    chance: Mapping[str, Mapping[str, float]]
    n_val: int
    n_train: int
    config: TrainConfig = field(default_factory=TrainConfig)
    closed_form_weight: float = 0.0
    test: Mapping[str, Any] | None = None
    library: str = "."

    @property
    def judged(self) -> tuple[EpochRecord, ...]:
        """Epochs with val figures."""
        return tuple(r for r in self.history if r.val is not None and r.val_loss is not None)

    @property
    def best(self) -> EpochRecord | None:
        """The epoch with the highest val t2a R@1 (the better mean MRR, then the earlier one, among equals)."""
        judged = self.judged
        if not judged:
            return None
        return max(judged, key=lambda r: (figure(r, "R@1"), r.mean_mrr or 0.0, -r.epoch))

    def train_command(self, *options: str) -> str:
        """A training command for this encoder and library."""
        return " ".join(["antiphon train --encoder", self.encoder, *options, *self._where()])

    def command(self, name: str, *arguments: str) -> str:
        """Another command for this library."""
        return " ".join([f"antiphon {name}", *arguments, *self._where()])

    def _where(self) -> list[str]:
        return [] if self.library == "." else ["--library", shlex.quote(self.library)]


def figure(record: EpochRecord, key: str, way: str = "t2a") -> float:
    """A val figure of an epoch that has been judged."""
    if record.val is None:
        raise ValueError(f"epoch {record.epoch} was not judged on val")
    return float(record.val[way][key])


def val_loss(record: EpochRecord) -> float:
    """The val loss of an epoch that has been judged."""
    if record.val_loss is None:
        raise ValueError(f"epoch {record.epoch} was not judged on val")
    return record.val_loss
