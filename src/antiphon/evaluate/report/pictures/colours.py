"""Colours of pictures, by what they mean: one for paper, and the page's own variable, which follows light and dark.

The series are those of M. Okabe and K. Ito, Color Universal Design, 2008, told apart with any colour vision; lines
differ in their dashes and points in their shape, too, so that a grey print shows the same.
"""

from __future__ import annotations

import re

SERIES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a6d00", "#7a7f87")
"""In this order; the last is for what is left."""
DASHES = ("solid", "dashed", "dashdot", "dotted")
INK, MUTED, LINE, PAPER = "#1b1e23", "#5c636d", "#d8dce2", "#ffffff"
PROBLEM, WARNING, NOTE = "#b3261e", "#9a5b00", "#5b5f97"
BY_SEVERITY = {"problem": PROBLEM, "warning": WARNING, "note": NOTE, "good": SERIES[2]}

VARIABLES = {
    **{colour: f"--series-{i}" for i, colour in enumerate(SERIES)},
    INK: "--ink",
    MUTED: "--muted",
    LINE: "--line",
    PAPER: "--paper",
    PROBLEM: "--problem",
    WARNING: "--warning",
    NOTE: "--note",
}
"""Colour on paper → variable of the page's style sheet."""

_COLOUR = re.compile("|".join(VARIABLES), re.IGNORECASE)


def as_variables(svg: str) -> str:
    """An SVG whose colours are the page's variables."""
    return _COLOUR.sub(lambda found: f"var({VARIABLES[found[0].lower()]})", svg)
