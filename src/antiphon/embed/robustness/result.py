"""What was found of one encoder, and the file it is kept in: ``robustness.json`` beside the encoder's vectors."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from antiphon.library.files import read_json, write_json

FILE = "robustness.json"
LEAST_FOUND = 0.9
"""Share of tracks that are still nearest to themselves, below which an encoder does not hold."""
HALF_WAY = 0.5
"""Way that a track moves, as a share of that to its nearest other one, up to which it stays nearer to itself than to
any other, wherever it moves to (the triangle inequality); beyond it an encoder does not hold."""
MOST_MOVED = 0.33
"""The bound of results of earlier versions, which know the way between two tracks alone."""
SURE = 0.95
"""How sure it has to be: of a score of tracks a figure just beyond a bound is no finding."""


@dataclass(frozen=True, kw_only=True)
class Displacement:
    """What one change does to an encoder's vectors, each number standardised as a head reads it.

    Parameters
    ----------
    change : its name.
    cosine : mean cosine of a track to itself before the change, −1 … 1.
    others : mean cosine of a track to other tracks.
    itself : share of the tracks whose nearest one among all originals is still themselves, 0 … 1.
    way : median distance that a track moves, over the median distance of two tracks.
    to_nearest : median of the distance that a track moves over that to its nearest other track; None in results of
        earlier versions.
    most_itself : upper one-sided 95 % limit of ``itself`` for so few tracks; None in results of earlier versions.
    least_way, least_to_nearest : lower ones of ``way`` and ``to_nearest``, likewise.
    """

    change: str
    cosine: float
    others: float
    itself: float
    way: float
    most_itself: float | None = None
    least_way: float | None = None
    to_nearest: float | None = None
    least_to_nearest: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the encoder takes the changed sound for the same, as far as so few tracks can tell."""
        itself = self.itself if self.most_itself is None else self.most_itself
        if self.least_to_nearest is not None:
            return itself >= LEAST_FOUND and self.least_to_nearest <= HALF_WAY
        way = self.way if self.least_way is None else self.least_way
        return itself >= LEAST_FOUND and way <= MOST_MOVED


@dataclass(frozen=True, kw_only=True)
class Robustness:
    """All changes, for one encoder.

    Parameters
    ----------
    encoder : its name.
    weights_id, version : which one it was, as a provenance has them.
    tracks : how many were changed.
    seconds : of each, at most.
    moved : one a change.
    """

    encoder: str
    weights_id: str
    version: str
    tracks: int
    seconds: float
    moved: tuple[Displacement, ...]

    @property
    def broken(self) -> tuple[Displacement, ...]:
        """The changes that it does not hold under, the worst first."""
        return tuple(sorted((each for each in self.moved if not each.holds), key=lambda each: (each.itself, -each.way)))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**asdict(self), "holds": not self.broken}

    def write(self, folder: Path) -> None:
        """Keep it beside the vectors in an encoder's folder, where there are some."""
        if (folder / "provenance.json").exists():
            write_json(folder / FILE, self.to_dict())


def read_robustness(folder: Path) -> Robustness | None:
    """What was found of the encoder whose vectors lie in a folder; None where nobody looked, or it was another one."""
    try:
        data, made = read_json(folder / FILE), read_json(folder / "provenance.json")
        same = all(data[key] == made[key] for key in ("weights_id", "version"))
        moved = tuple(Displacement(**each) for each in data.pop("moved"))
        data.pop("holds")
        return Robustness(**data, moved=moved) if same else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
