"""A table in LaTeX: booktabs, best in bold, everything else escaped.

It needs ``\\usepackage{booktabs}`` and compiles with pdfLaTeX, XeLaTeX and LuaLaTeX; letters that pdfLaTeX does not
know (names in Japanese, say) need one of the other two.
"""

from __future__ import annotations

import re
import unicodedata

from antiphon.evaluate.tables.grid import Grid, Paper

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": "{$<$}",
    ">": "{$>$}",
    "|": "{$|$}",
    "–": "--",
    "—": "---",
    "−": "{$-$}",
    "±": r"{$\pm$}",
    "×": r"{$\times$}",
    "÷": r"{$\div$}",
    "≤": r"{$\leq$}",
    "≥": r"{$\geq$}",
    "≈": r"{$\approx$}",
    "→": r"{$\rightarrow$}",
    "…": r"\ldots{}",
    "∣": r"{$\mid$}",
    "\N{NO-BREAK SPACE}": "~",
    "\N{NARROW NO-BREAK SPACE}": r"\,",
}
_LIGATURE = re.compile(r"(?<=[-'`?!,])(?=[-'`,])")
"""Between two marks that LaTeX may draw as one."""
NAMES = 0.24
"""Share of a line that a column of names has, where they may break."""
_MINUS = re.compile(r"(?<![\w.)])-(?=\d)")


def to_latex(grid: Grid) -> str:
    """A ``table`` with caption and label, and the notes as comments above it.

    Where the grid says what of it stands in a paper, its columns are those alone, in the smaller type and narrower
    spaces with which they fit a line of 345 points (LaTeX's ``article``); names may break behind their marks.
    """
    label = re.sub(r"[^a-z0-9]+", "-", grid.title.casefold()).strip("-")
    lines = [
        "% needs \\usepackage{booktabs}",
        *(f"% {_one_line(note)}" for note in grid.notes),
        r"\begin{table}",
        r"  \centering",
        rf"  \caption{{{escaped(grid.title if grid.paper is None else grid.paper.caption)}}}",
        rf"  \label{{tab:{label}}}",
        *(_whole(grid) if grid.paper is None else _fitted(grid, grid.paper)),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _whole(grid: Grid) -> list[str]:
    columns = "".join("l" if heading in grid.words else "r" for heading in grid.headings)
    rows = [[_cell(grid, i, j) for j in range(len(grid.headings))] for i in range(len(grid.rows))]
    begin = rf"  \begin{{tabular}}{{{columns}}}"
    return [begin, *_rules([escaped(heading) for heading in grid.headings], rows), r"  \end{tabular}"]


def _fitted(grid: Grid, paper: Paper) -> list[str]:
    places = [grid.headings.index(heading) for heading in paper.columns]
    names = [heading in grid.words for heading in paper.columns]
    columns = "".join(rf"p{{{NAMES}\linewidth}}" if is_name else "r" for is_name in names)
    rows = [
        [_breaking(cell) if is_name else cell for is_name, cell in zip(names, cells, strict=True)]
        for cells in ([_cell(grid, i, j) for j in places] for i in range(len(grid.rows)))
    ]
    return [
        r"  \footnotesize",
        r"  \setlength{\tabcolsep}{3pt}",
        rf"  \begin{{tabular*}}{{\linewidth}}{{@{{\extracolsep{{\fill}}}}{columns}@{{}}}}",
        *_rules([escaped(heading) for heading in paper.columns.values()], rows),
        r"  \end{tabular*}",
    ]


def _rules(headings: list[str], rows: list[list[str]]) -> list[str]:
    return [r"    \toprule", _row(headings), r"    \midrule", *map(_row, rows), r"    \bottomrule"]


def _cell(grid: Grid, i: int, j: int) -> str:
    """A cell; of the best one the figure is bold, and not the interval behind it."""
    cell = grid.rows[i][j]
    if (i, j) not in grid.best:
        return escaped(cell)
    figure, behind, interval = cell.partition(" (")
    return rf"\textbf{{{escaped(figure)}}}" + (f" {escaped(f'({interval}')}" if behind else "")


def _breaking(cell: str) -> str:
    """A name that may break behind its marks, set flush left."""
    return r"\raggedright " + re.sub(r"([+/@,]|\\_)", r"\1\\allowbreak{}", cell)


def escaped(text: str) -> str:
    """Text that LaTeX prints as it stands: marks escaped, minus signs of numbers as such, no control characters."""
    safe = _one_line(text)
    safe = _MINUS.sub("−", safe)
    return "".join(_SPECIAL.get(mark, mark) for mark in _LIGATURE.sub("\x00", safe)).replace("\x00", "{}")


def _one_line(text: str) -> str:
    """Text in one line and without characters that no document holds; a comment must not end before its line does."""
    shown = "".join(" " if unicodedata.category(mark) in ("Cc", "Zl", "Zp") else mark for mark in text)
    return " ".join(part for part in re.split(r"[ ]+", shown) if part)


def _row(cells: list[str]) -> str:
    return f"    {' & '.join(map(_guarded, cells))} \\\\"


def _guarded(cell: str) -> str:
    """A cell behind ``\\\\`` that begins with [ or * would be read as its argument."""
    return f"{{}}{cell}" if cell.startswith(("[", "*")) else cell
