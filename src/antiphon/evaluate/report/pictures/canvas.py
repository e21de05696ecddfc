"""Where pictures are drawn: a matplotlib figure of a size and a type size, and places in it that have something to say.

One figure is drawn for the page (SVG without words baked in as outlines, its colours the page's, a mark over every
place that has a text to show) and for paper (SVG, PNG, PDF). Sizes are in points: 1 on the page is a CSS pixel.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from antiphon.errors import ConfigError
from antiphon.evaluate.report.pictures.colours import INK, LINE, MUTED

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POINTS = 72.0
"""Of an inch."""
DPI = 300
"""Of a PNG."""
PANEL_EMS = 16
"""Letters' widths that a panel needs at least."""
MOST_COLUMNS = 3
WITHOUT_DATE: dict[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": "Antiphon"},
    "pdf": {"CreationDate": None, "Creator": "Antiphon"},
    "png": {"Software": "Antiphon"},
}
"""The same figures make the same file."""


class Hotspot(NamedTuple):
    """Something that can be pointed at: points from the upper left corner, what it says, and what it is."""

    x: float
    y: float
    text: str
    kind: str


@dataclass(frozen=True)
class Size:
    """How large a picture is drawn.

    Parameters
    ----------
    width : points.
    em : of its letters, points.
    """

    width: float
    em: float

    @property
    def columns(self) -> int:
        """Panels that fit side by side."""
        return max(1, min(MOST_COLUMNS, int(self.width // (PANEL_EMS * self.em))))


WIDE, NARROW = Size(820, 12), Size(345, 12)
"""On the page: a desk, a phone."""
COLUMN, TEXT = Size(3.4 * POINTS, 7), Size(7.0 * POINTS, 8)
"""On paper: a column of two, and the whole width of the text."""


def require_matplotlib(name: str) -> None:
    """Refuse what cannot be drawn.

    Raises
    ------
    ConfigError : matplotlib is not installed; the message has the command that installs it.
    """
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError as error:
        raise ConfigError(
            f"antiphon {name} draws with matplotlib, which is not installed.", fix="pip install 'antiphon[report]'"
        ) from error


@contextmanager
def _style(em: float) -> Iterator[None]:
    """Thin lines, no frame, text as text; nothing of the user's own settings."""
    import matplotlib as mpl

    settings: Any = {
        "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans"],
        "font.size": em,
        "axes.titlesize": em * 1.05,
        "axes.labelsize": em * 0.95,
        "xtick.labelsize": em * 0.92,
        "ytick.labelsize": em * 0.92,
        "legend.fontsize": em * 0.9,
        "axes.titlelocation": "left",
        "axes.titleweight": "bold",
        "axes.titlepad": em * 0.7,
        "axes.edgecolor": LINE,
        "axes.labelcolor": MUTED,
        "axes.titlecolor": INK,
        "axes.linewidth": 0.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": LINE,
        "grid.linewidth": 0.5,
        "text.color": INK,
        "text.parse_math": False,
        "xtick.color": LINE,
        "ytick.color": LINE,
        "xtick.labelcolor": MUTED,
        "ytick.labelcolor": MUTED,
        "lines.linewidth": 1.6,
        "legend.frameon": False,
        "svg.fonttype": "none",
        "pdf.fonttype": 42,
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "savefig.facecolor": "none",
    }
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()
        mpl.rcParams.update(settings)
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # the reader's own fonts have it
        yield


class Canvas:
    """What a picture draws on.

    Parameters
    ----------
    size : width and letters.
    height : points.
    page : whether the page will show it: then places that have something to say are kept, and points that readers
        colour anew are left to it.
    """

    def __init__(self, size: Size, height: float, *, page: bool) -> None:
        from matplotlib.figure import Figure

        self.size, self.height, self.page = size, height, page
        self.figure = Figure(figsize=(size.width / POINTS, height / POINTS), dpi=POINTS, layout="constrained")
        self._said: list[tuple[Axes, float, float, str, str]] = []

    def panels(self, count: int, *, columns: int | None = None) -> list[Axes]:
        """So many panels, as many side by side as fit (or ``columns``)."""
        across = min(count, columns or self.size.columns)
        grid = self.figure.subplots(-(-count // across), across, squeeze=False)
        axes = list(grid.ravel())
        for spare in axes[count:]:
            spare.remove()
        return axes[:count]

    def legend_above(self, axes: Axes) -> None:
        """Name a panel's lines between its title, padded by 2.3 letters, and its frame: never over the lines."""
        above = {"bbox_to_anchor": (-0.02, 1.07), "borderaxespad": 0.0, "borderpad": 0.0}
        axes.legend(loc="lower left", ncols=3, handlelength=1.2, columnspacing=0.5, handletextpad=0.3, **above)

    def say(self, axes: Axes, x: float, y: float, text: str, kind: str = "") -> None:
        """Something is shown here to whoever points at it; ``kind`` is what the page calls it."""
        self._said.append((axes, x, y, text, kind))

    def places(self) -> list[Hotspot]:
        """All that was said, where it came to stand; after drawing."""
        found = []
        for axes, x, y, text, kind in self._said:
            across, up = axes.transData.transform((x, y))
            found.append(Hotspot(round(float(across), 1), round(self.height - float(up), 1), text, kind))
        return found


def drawn(draw: Callable[[Canvas], None], size: Size, height: float, form: str) -> bytes:
    """A picture for paper.

    Parameters
    ----------
    form : ``"svg"``, ``"png"`` or ``"pdf"``.
    """
    with _style(size.em):
        canvas = Canvas(size, height, page=False)
        draw(canvas)
        return _saved(canvas, form, salt="antiphon")


def drawn_for_page(draw: Callable[[Canvas], None], size: Size, height: float, salt: str) -> tuple[str, list[Hotspot]]:
    """A picture for the page: its SVG, and its places; ``salt`` keeps its ids apart from those of other pictures."""
    with _style(size.em):
        canvas = Canvas(size, height, page=True)
        draw(canvas)
        svg = _saved(canvas, "svg", salt=salt).decode("utf-8")
        return svg, canvas.places()


def _saved(canvas: Canvas, form: str, *, salt: str) -> bytes:
    import matplotlib as mpl

    stream = io.BytesIO()
    dpi = DPI if form == "png" else POINTS
    face = "white" if form == "png" else "none"
    with mpl.rc_context({"svg.hashsalt": salt}):
        canvas.figure.savefig(stream, format=form, dpi=dpi, facecolor=face, metadata=WITHOUT_DATE[form])
    return stream.getvalue()
