"""One picture as a file for a paper: SVG, PNG or PDF."""

from __future__ import annotations

from pathlib import Path

from antiphon.errors import ConfigError
from antiphon.evaluate.report.drawn import PICTURES
from antiphon.evaluate.report.material import ReportMaterial
from antiphon.evaluate.report.pictures.canvas import COLUMN, POINTS, TEXT, Size, drawn, require_matplotlib
from antiphon.evaluate.report.pictures.picture import Picture
from antiphon.library.files import write_atomically

FORMS = ("svg", "png", "pdf")
WIDTHS = {"column": COLUMN, "text": TEXT}
"""Names of widths: of one column of two, of the whole text."""
LEAST, MOST = 1.5, 40.0
"""Inches."""


def plot(
    root: Path,
    name: str,
    picture: str,
    out: Path,
    *,
    split: str = "test",
    width: str | float = "column",
    colour: str | None = None,
) -> Picture:
    """Draw a picture into a file, whose ending says its form.

    Parameters
    ----------
    root : library folder.
    name : of a training or fusion.
    picture : ``"curves"``, ``"ranks"``, ``"map"``, ``"encoders"`` or ``"layers"``.
    out : the file.
    split : of ranks, map and encoders.
    width : ``"column"`` (3.4 inches, letters of 7 points), ``"text"`` (7 inches, 8 points), or inches.
    colour : the column that the map is coloured by.

    Raises
    ------
    ConfigError : no such picture, form or width, or matplotlib is missing.
    AntiphonError : the training has none of what is to be drawn.
    """
    form, size = form_of(out), size_of(width)
    if picture not in PICTURES:
        raise ConfigError(f"There is no picture '{picture}'.", fix=f"Draw one of: {', '.join(PICTURES)}.")
    require_matplotlib("plot")
    found = PICTURES[picture](ReportMaterial(root, [name], split=split), colour)
    data = drawn(found.draw, size, found.height(size), form)
    write_atomically(Path(out), lambda stream: stream.write(data))
    return found


def form_of(out: Path) -> str:
    """``"svg"``, ``"png"`` or ``"pdf"``, by the file's ending.

    Raises
    ------
    ConfigError : it is another.
    """
    form = Path(out).suffix.lower().removeprefix(".")
    if form not in FORMS:
        raise ConfigError(
            f"{out} does not say what form it has.", fix=f"Let it end in {' or '.join(f'.{f}' for f in FORMS)}."
        )
    return form


def size_of(width: str | float) -> Size:
    """A named width, or inches.

    Raises
    ------
    ConfigError : neither.
    """
    if width in WIDTHS:
        return WIDTHS[str(width)]
    try:
        inches = float(width)
    except ValueError:
        inches = 0.0
    if not LEAST <= inches <= MOST:
        raise ConfigError(f"'{width}' is no width.", fix=f"Use {' or '.join(WIDTHS)}, or {LEAST:g} to {MOST:g} inches.")
    return Size(inches * POINTS, COLUMN.em if inches < 5 else TEXT.em)
