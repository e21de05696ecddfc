"""A table in LaTeX: booktabs, best in bold, everything else escaped.

It needs ``\\usepackage{booktabs}`` and compiles with pdfLaTeX, XeLaTeX and LuaLaTeX; letters that pdfLaTeX does not
know (names in Japanese, say) need one of the other two.
"""

from __future__ import annotations

import re
import unicodedata

from antiphon.evaluate.tables.grid import Grid

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
_MINUS = re.compile(r"(?<![\w.)])-(?=\d)")


def to_latex(grid: Grid) -> str:
    """A ``table`` with caption and label, and the notes as comments above it."""
    columns = "".join("l" if heading in grid.words else "r" for heading in grid.headings)
    label = re.sub(r"[^a-z0-9]+", "-", grid.title.casefold()).strip("-")
    rows = [
        [rf"\textbf{{{escaped(cell)}}}" if (i, j) in grid.best else escaped(cell) for j, cell in enumerate(row)]
        for i, row in enumerate(grid.rows)
    ]
    lines = [
        "% needs \\usepackage{booktabs}",
        *(f"% {_one_line(note)}" for note in grid.notes),
        r"\begin{table}",
        r"  \centering",
        rf"  \caption{{{escaped(grid.title)}}}",
        rf"  \label{{tab:{label}}}",
        rf"  \begin{{tabular}}{{{columns}}}",
        r"    \toprule",
        _row([escaped(heading) for heading in grid.headings]),
        r"    \midrule",
        *map(_row, rows),
        r"    \bottomrule",
        r"  \end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


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
