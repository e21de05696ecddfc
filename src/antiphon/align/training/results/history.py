"""What happened in each epoch: JSON lines, and a block for the console.

Conventions
-----------
``train_loss`` and ``val_loss`` are measured the same way, so that their difference means something: with dropout off,
after the epoch, over all captions of equally many tracks (for training a fixed sample). ``loss_chance`` is that loss
for a model that knows nothing. ``step_loss`` is the mean over the epoch's own steps: larger batches, dropout, soft
targets; it compares only with itself. R@K are percent, MRR is 0–1, ranks are 1-based.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from antiphon.errors import AntiphonError
from antiphon.library.files import of_file, open_in_library, write_text
from antiphon.metrics.figures import DIRECTIONS, METRICS
from antiphon.metrics.retrieval import mean_of_directions

FORMAT = 1
"""Of each line; histories of before 26 November 2026 have none, and are of this."""


@dataclass(frozen=True, kw_only=True)
class EpochRecord:
    """One epoch.

    Parameters
    ----------
    epoch : 1-based; 0 for closed forms alone, which have no epochs.
    train_loss, val_loss, loss_chance, step_loss : see the module; the val ones None without a val split,
        ``step_loss`` without steps.
    val : ``{"t2a": {"R@1": …, "MRR": …, "median_rank": …}, "a2t": {…}}``, or None without a val split.
    val_chance : what ``val`` would be of a model that knows nothing, exactly; None in histories that lack it.
    lr : learning rate of the last step.
    temperature : of the loss, after the epoch.
    grad_norm : mean over the steps, before clipping.
    steps : optimizer steps in this epoch.
    seconds : wall time of the epoch, measurements and checkpoints included.
    pairs_per_second : captions that went through a step, per second of training alone.
    """

    epoch: int
    train_loss: float
    val_loss: float | None
    loss_chance: float
    step_loss: float | None
    val: Mapping[str, Mapping[str, float]] | None
    lr: float
    temperature: float
    grad_norm: float
    steps: int
    seconds: float
    pairs_per_second: float
    val_chance: Mapping[str, Mapping[str, float]] | None = None

    @property
    def mean_mrr(self) -> float | None:
        """Mean of both directions' val MRR."""
        return None if self.val is None else mean_of_directions(self.val)

    def to_dict(self) -> dict[str, Any]:
        """One flat object, as it stands in ``history.jsonl``."""
        data = {key: value for key, value in vars(self).items() if key not in ("val", "val_chance")}
        head = ("epoch", "train_loss", "val_loss")
        return {
            **{key: data.pop(key) for key in head},
            **_flat("val", self.val),
            **data,
            **_flat("val_chance", self.val_chance),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> EpochRecord:
        """Inverse of :meth:`to_dict`; keys of later versions are ignored."""
        plain = {key: data[key] for key in cls.__dataclass_fields__ if key not in ("val", "val_chance")}
        return cls(val=_nested("val", data), val_chance=_nested("val_chance", data), **plain)


def _flat(prefix: str, figures: Mapping[str, Mapping[str, float]] | None) -> dict[str, float | None]:
    """``{"val_t2a_R@1": …}``, all None where there are none."""
    return {
        f"{prefix}_{way}_{name}": None if figures is None else figures[way].get(name)
        for way in DIRECTIONS
        for name in METRICS
    }


def _nested(prefix: str, data: Mapping[str, Any]) -> dict[str, dict[str, float]] | None:
    """Inverse of :func:`_flat`."""
    if data.get(f"{prefix}_t2a_MRR") is None:
        return None
    return {
        way: {name: data[key] for name in METRICS if (key := f"{prefix}_{way}_{name}") in data} for way in DIRECTIONS
    }


def console_block(record: EpochRecord, epochs: int) -> str:
    """The epoch in the shape of the training guide, several lines without a final newline."""
    title = f"Epoch {record.epoch}/{epochs}:" if record.epoch else "Closed forms alone, no heads trained:"
    lines = [title, f"  Train loss: {record.train_loss:.4f}"]
    if record.val is None or record.val_loss is None:
        return "\n".join([*lines, "  Val: none (the val split is empty)"])
    lines.append(f"  Val loss: {record.val_loss:.4f}")
    for way in DIRECTIONS:
        lines += [f"  Val {way} {name}: {record.val[way][name]:.2f}%" for name in ("R@1", "R@5", "R@10")]
        lines.append(f"  Val {way} MRR: {record.val[way]['MRR']:.4f}")
    lines += [f"  Val {way} median rank: {record.val[way]['median_rank']:g}" for way in DIRECTIONS]
    return "\n".join(lines)


def console_line(record: EpochRecord, epochs: int) -> str:
    """The epoch in one line: losses, what matters of retrieval, seconds."""
    parts = [f"Epoch {record.epoch:>{len(str(epochs))}}/{epochs}", f"train loss {record.train_loss:.4f}"]
    if record.val is not None and record.val_loss is not None:
        t2a, a2t = (record.val[way] for way in DIRECTIONS)
        parts.append(f"val loss {record.val_loss:.4f}")
        parts.append(f"t2a R@1 {t2a['R@1']:5.2f}% R@10 {t2a['R@10']:5.2f}%")
        parts.append(f"MRR t2a {t2a['MRR']:.4f} a2t {a2t['MRR']:.4f}")
    return "  ".join([*parts, f"{record.seconds:.1f} s"])


def write_history(path: Path, records: Sequence[EpochRecord]) -> None:
    """Replace the file by these epochs, atomically."""
    write_text(path, _lines(records))


def complete_history(path: Path, records: Sequence[EpochRecord]) -> None:
    """Bring the file up to what a checkpoint knows: a kill between the two leaves the last epoch out of it."""
    wanted = _lines(records)
    if not path.is_file() or path.read_bytes() != wanted.encode("utf-8"):
        write_text(path, wanted)


def _lines(records: Sequence[EpochRecord]) -> str:
    return "".join(_line(record) for record in records)


def append_history(path: Path, record: EpochRecord) -> None:
    """Add one epoch."""
    with of_file(path), open_in_library(path, "ab") as stream:
        stream.write(_line(record).encode("utf-8"))


def _line(record: EpochRecord) -> str:
    return json.dumps({**record.to_dict(), "format": FORMAT}) + "\n"


def read_history(path: Path) -> list[EpochRecord]:
    """All complete epochs in order; a torn last line (a killed run) is left out.

    Raises
    ------
    AntiphonError : the file is missing, a later version wrote it, or a line before the last is damaged.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise AntiphonError(
            f"{path} cannot be read: {error}.", fix="Train first: antiphon train --encoder NAME"
        ) from error
    records: list[EpochRecord] = []
    for number, line in enumerate(lines, start=1):
        try:
            data = json.loads(line)
            if data.get("format", FORMAT) != FORMAT:
                raise _later(path, data["format"])
            records.append(EpochRecord.from_dict(data))
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            if number == len(lines):
                break
            raise AntiphonError(f"{path}, line {number}: not an epoch ({error}).", fix="Train again.") from error
    return records


def _later(path: Path, number: object) -> AntiphonError:
    said = f"{path} has format {number!r}; this version of Antiphon reads format {FORMAT}."
    return AntiphonError(said, fix="Use the version that wrote it, or a later one.")
