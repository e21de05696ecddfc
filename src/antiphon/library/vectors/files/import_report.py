"""What an import of vectors brought in, and what it left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from antiphon.layout import Layout
from antiphon.printed import Printed, counted

SHOWN = 5
"""Ids that a line names."""


@dataclass(frozen=True, kw_only=True)
class ImportReport(Printed):
    """What came in.

    Parameters
    ----------
    name, kind, file, folder : what was imported, and where it is now.
    rows : vectors in the file.
    imported : vectors stored.
    unknown : ids that the library does not have; their vectors were left out.
    repeated : ids that stood several times with the same vector; stored once.
    zero : ids whose row is all zeros, which describes nothing; noted as failed, where there was no vector before.
    shared : for every vector that many ids have, those ids: a placeholder, from which no copies are concluded.
    still, coarse : of the columns, how many have one value, and how many lose much in half precision.
    half : whether the file is in half precision itself, so that they had lost it before.
    doubtful : tracks whose captions were counted in another way than here, with the reason; left out.
    other_text : captions for which the file has a vector of another text; left out.
    replaced : ids that had another vector of this name before.
    lacking : ids of the library that still have no vector of this name.
    layout : how the vectors are composed.
    """

    name: str
    kind: str
    file: str
    folder: str
    rows: int
    imported: int
    unknown: tuple[str, ...]
    repeated: tuple[str, ...]
    zero: tuple[str, ...] = ()
    shared: tuple[tuple[str, ...], ...] = ()
    still: int = 0
    coarse: int = 0
    half: bool = False
    doubtful: dict[str, str]
    other_text: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    lacking: tuple[str, ...]
    layout: Layout

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**asdict(self), "layout": self.layout.to_dict()}

    def lines(self) -> list[str]:
        """Text for the console."""
        item = "track" if self.kind == "audio" else "caption"
        size = f"{self.layout.size:,}"
        composed = size if self.layout == Layout.flat(self.layout.size) else f"{self.layout} = {size}"
        lines = [
            f"{self.imported:,} of the file's {self.rows:,} vectors stored in {self.folder}, {composed} numbers each, "
            "in half precision."
        ]
        for ids, thing, what in (
            (self.unknown, "id", f"of {self.file} for no {item} of this library; left out"),
            (self.zero, "row", f"of {self.file} all zero, which describes nothing; noted as failed"),
            (self.repeated, "id", "several times with the same vector; stored once"),
            (self.replaced, item, f"with a '{self.name}' vector before; the new one is in its place"),
            (self.other_text, "caption", f"with a vector of another text in {self.file}; left out"),
            (list(self.doubtful.values()), "track", f"with other captions in {self.file}; left out"),
            (self.lacking, item, f"of this library still without a '{self.name}' vector"),
        ):
            if ids:
                lines.append(f"{counted(len(ids), thing)} {what}: {listed(ids)}")
        if self.doubtful:
            lines.append("  → A repeated or empty caption may have shifted them: give each row's text beside its id.")
        return lines + self._number_lines(item)

    def _number_lines(self, item: str) -> list[str]:
        lines = [
            f"One vector stands for {len(ids):,} {item}s, as a placeholder does: {listed(ids)}. It is no evidence of "
            "copies, but is learned from: leave those rows out if they describe nothing."
            for ids in self.shared
        ]
        of_all = f"of the {self.layout.size:,} numbers of a vector"
        if self.still:
            lines.append(f"{self.still:,} {of_all} are the same in every one, and tell nothing.")
        if self.coarse:
            lines.append(
                f"{self.coarse:,} {of_all} had lost more than 1 % of their spread before, as the file is in half "
                "precision itself: standardise the columns before you round them, and import again."
                if self.half
                else f"{self.coarse:,} {of_all} lose more than 1 % of their spread in half precision; standardise the "
                "columns before you import."
            )
        return lines


def listed(ids: Sequence[str]) -> str:
    """The first few, and how many more there are."""
    return ", ".join(ids[:SHOWN]) + (f" and {len(ids) - SHOWN:,} more" if len(ids) > SHOWN else "")
