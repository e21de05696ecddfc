"""A table in Markdown, as GitHub and pandoc read it."""

from __future__ import annotations

from antiphon.evaluate.tables.grid import Grid

_SPECIAL = {ord("|"): "\\|", ord("*"): "\\*", ord("_"): "\\_", ord("`"): "\\`", ord("<"): "&lt;", ord("\n"): " "}


def to_markdown(grid: Grid) -> str:
    """A heading, the table, and a list of notes."""
    marks = [":---" if heading in grid.words else "---:" for heading in grid.headings]
    rows = [
        [f"**{escaped(cell)}**" if (i, j) in grid.best else escaped(cell) for j, cell in enumerate(row)]
        for i, row in enumerate(grid.rows)
    ]
    lines = [_row([escaped(heading) for heading in grid.headings]), _row(marks), *map(_row, rows)]
    notes = ["", *(f"- {escaped(note)}" for note in grid.notes)] if grid.notes else []
    return "\n".join([f"# {escaped(grid.title)}", "", *lines, *notes]) + "\n"


def escaped(text: str) -> str:
    """Text whose marks mean themselves."""
    return text.replace("\\", "\\\\").translate(_SPECIAL)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
