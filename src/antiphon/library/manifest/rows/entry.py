"""One track of a manifest."""

from __future__ import annotations

from dataclasses import dataclass, field

from antiphon.library.captions import CaptionKind
from antiphon.library.manifest.table import Table


@dataclass(kw_only=True, slots=True)
class Entry:
    """One track of a manifest: what its rows say, merged. There may be millions, so that each of them is small.

    Parameters
    ----------
    table, row : its first row.
    size : of its file, in bytes; −1 without audio.
    rows : how many it has.
    said : the splits as the rows name them.
    splits : what they mean.
    kinds : of captions that no person wrote, by their number.
    """

    track_id: str
    table: Table
    row: int
    path: str = ""
    size: int = -1
    rows: int = 1
    title: str = ""
    artist: str = ""
    album: str = ""
    group: str = ""
    said: tuple[str, ...] = ()
    splits: frozenset[str] = frozenset()
    captions: list[str] = field(default_factory=list)
    kinds: dict[int, CaptionKind] | None = None

    def kind_of(self, number: int) -> CaptionKind:
        """Who wrote a caption."""
        return "human" if self.kinds is None else self.kinds.get(number, "human")

    @property
    def human_captions(self) -> list[str]:
        """The captions that people wrote."""
        if self.kinds is None:
            return self.captions
        return [text for number, text in enumerate(self.captions) if number not in self.kinds]

    @property
    def where(self) -> str:
        """Where its first row stands, for a message."""
        return self.table.where(self.row)
