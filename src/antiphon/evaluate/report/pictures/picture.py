"""What every picture is: a value with a title, a sentence of what is to be seen, a table, and a way to draw it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from antiphon.evaluate.report.pictures.canvas import Canvas, Size


@dataclass(frozen=True, kw_only=True)
class Table:
    """Figures behind a picture.

    Parameters
    ----------
    headings : of the columns; the first one names the rows.
    rows : texts, as many as there are headings.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Picture(Protocol):
    """One picture.

    ``name`` is what files are called and ``antiphon plot`` is asked for.
    """

    @property
    def name(self) -> str:
        """Of the kind of picture: ``"curves"``."""

    @property
    def title(self) -> str:
        """What is drawn."""

    def says(self) -> str:
        """What is to be seen, for people who cannot see it."""

    def table(self) -> Table:
        """The numbers that are drawn."""

    def height(self, size: Size) -> float:
        """Points high."""

    def draw(self, canvas: Canvas) -> None:
        """Draw it."""
