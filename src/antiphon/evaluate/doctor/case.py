"""All that the training doctor knows of one training when it judges."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from antiphon.align.checkpoint.naming import train_options
from antiphon.align.config import TrainConfig
from antiphon.align.training.results.divergence import Divergence
from antiphon.align.training.results.history import EpochRecord
from antiphon.embed.robustness.result import Robustness
from antiphon.evaluate.doctor.bands import above_chance
from antiphon.evaluate.doctor.examinations.duplicates import Duplicates
from antiphon.evaluate.doctor.examinations.pairs import PairFigures
from antiphon.evaluate.doctor.examinations.space import SpaceFigures
from antiphon.evaluate.doctor.findings import SETTINGS
from antiphon.library.next_step import TEXT_ENCODER


@dataclass(frozen=True, kw_only=True)
class Case:
    """All that is known of one training.

    Parameters
    ----------
    name : of the training or fusion.
    encoder, text_encoder : what it was trained on.
    default_text : the text encoder that a training in this library takes where it is told none.
    next_name : a name that is free, for a training beside it.
    history : epochs in order, at least one; none of a fusion.
    chance : val's figures by chance, ``{"t2a": {…}, "a2t": {…}}``.
    n_val, n_train : tracks of these splits that took part.
    config : settings of the run.
    closed_form_weight : of the closed forms in the checkpoint, 0 … 1; 0 without any.
    layers : of the audio vectors; 1 where they have none.
    test : figures of the best checkpoint on test, as :func:`antiphon.evaluate.benchmark.evaluate` gives them or as
        ``antiphon compare`` left them; None where nobody has measured that checkpoint.
    earlier_test : whether there are figures on test, but of a checkpoint that has been replaced since.
    library : folder, for commands.
    val_only_made : whether no person wrote any caption of val.
    val_few_people : val tracks that people described, where they are too few to be asked alone; else 0.
    n_human : training tracks with captions by people.
    has_serving : whether the best checkpoint was fitted again for search.
    space : how val lies in the shared space; None where its vectors are gone.
    pairs : what the vectors and captions themselves are like; None where they are gone.
    duplicates : recordings of val and test that are among the training tracks too; None where their vectors are gone.
    diverged : where a training stopped because a loss or gradient was no number; None where none has.
    robustness : of the audio encoders that somebody checked (``antiphon encoders --check NAME``).
    unread : a language that many training captions are in and the text encoder does not read, and their share, 0 … 1.
    """

    name: str
    encoder: str
    history: tuple[EpochRecord, ...]
    chance: Mapping[str, Mapping[str, float]]
    n_val: int
    n_train: int
    config: TrainConfig = field(default_factory=TrainConfig)
    closed_form_weight: float = 0.0
    layers: int = 1
    test: Mapping[str, Any] | None = None
    earlier_test: bool = False
    library: str = "."
    text_encoder: str = TEXT_ENCODER
    default_text: str = TEXT_ENCODER
    next_name: str = ""
    val_only_made: bool = False
    val_few_people: int = 0
    n_human: int = 0
    has_serving: bool = False
    space: SpaceFigures | None = None
    pairs: PairFigures | None = None
    duplicates: Duplicates | None = None
    diverged: Divergence | None = None
    unread: tuple[str, float] | None = None
    robustness: tuple[Robustness, ...] = ()

    @property
    def judged(self) -> tuple[EpochRecord, ...]:
        """Epochs with val figures."""
        return tuple(r for r in self.history if r.val is not None and r.val_loss is not None)

    @property
    def solved(self) -> bool:
        """Whether it is closed forms alone: nothing was trained, and nothing about training is to be said."""
        return any(record.epoch == 0 for record in self.history)

    @property
    def step_losses(self) -> list[float]:
        """Mean loss of each epoch's own steps."""
        return [record.step_loss for record in self.history if record.step_loss is not None]

    @property
    def best(self) -> EpochRecord | None:
        """The epoch with the highest val t2a R@1 (the better mean MRR, then the earlier one, among equals)."""
        judged = self.judged
        if not judged:
            return None
        return max(judged, key=lambda r: (figure(r, "R@1"), r.mean_mrr or 0.0, -r.epoch))

    def skill(self, record: EpochRecord) -> float:
        """An epoch's val t2a R@1 above chance, in percent of the way to perfect; negative below chance."""
        return above_chance(figure(record, "R@1"), self.chance["t2a"]["R@1"], 100.0)

    @property
    def anybody_is_right(self) -> bool:
        """Whether chance alone finds every answer on val, as of a single track: its figures say nothing then."""
        return math.isclose(self.chance["t2a"]["R@1"], 100.0)

    @property
    def mostly_closed_forms(self) -> bool:
        """Whether closed forms have most of the weight, so that they and not the heads make the figures."""
        return self.closed_form_weight >= 0.5

    def longer_command(self, epochs: int) -> str:
        """Go on with this training."""
        return self._train(self.name, "--resume", "--epochs", str(epochs))

    def beside_command(self) -> str:
        """Train with other settings, beside this training."""
        return self._train(self.next_name or f"{self.name}-2", "--config", SETTINGS)

    def _train(self, name: str, *options: str) -> str:
        own = train_options(name, self.encoder, self.text_encoder, default_text=self.default_text)
        return self.command("train", own, *options)

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
