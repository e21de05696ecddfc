"""What came of bringing a library up to date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Updated:
    """What came of one step.

    Parameters
    ----------
    tracks : that the library has now.
    new, gone, moved, changed : tracks that came, that went, whose files are elsewhere, whose files were written anew.
    heard, read : tracks and captions that got a vector from any encoder.
    failed : tracks that no encoder could hear.
    indexed : tracks in the index that answers; None where nothing was trained yet.
    playlists : kept playlists that were written again.
    seconds : that it took.
    """

    tracks: int
    new: int = 0
    gone: int = 0
    moved: int = 0
    changed: int = 0
    heard: int = 0
    read: int = 0
    failed: int = 0
    indexed: int | None = None
    playlists: int = 0
    seconds: float = 0.0

    @property
    def anything(self) -> bool:
        """Whether anything was different from before."""
        return any((self.new, self.gone, self.moved, self.changed, self.heard, self.read))

    def line(self) -> str:
        """For a person, one line."""
        counts = {"new": self.new, "changed": self.changed, "moved": self.moved, "gone": self.gone}
        said = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count) or "nothing new"
        heard = f"; {self.heard:,} heard" if self.heard else ""
        failed = f"; {self.failed:,} cannot be heard" if self.failed and self.heard else ""
        indexed = "" if self.indexed is None else f"; index of {self.indexed:,}"
        lists = f"; {self.playlists} playlists" if self.playlists else ""
        return f"{said}{heard}{failed}; {self.tracks:,} tracks{indexed}{lists} ({self.seconds:.1f} s)"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, said: Mapping[str, Any]) -> Updated:
        """Inverse of :meth:`to_dict`."""
        return cls(**said)
