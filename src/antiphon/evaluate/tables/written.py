"""Results in the form that was asked for, to a file or as text."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any, Literal, Protocol

from antiphon.errors import ConfigError
from antiphon.evaluate.tables.grid import Grid
from antiphon.evaluate.tables.latex import to_latex
from antiphon.evaluate.tables.markdown import to_markdown
from antiphon.library.commands import require_folder_of
from antiphon.library.files import write_text

Format = Literal["markdown", "csv", "json", "latex"]
ENDINGS: dict[str, Format] = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".csv": "csv",
    ".json": "json",
    ".tex": "latex",
}
"""How a file's name ends → the form that is written to it unasked."""


class Tabular(Protocol):
    """A result that is a table."""

    def grid(self) -> Grid:
        """The table."""

    def to_dict(self) -> dict[str, Any]:
        """Everything that was found, as plain values."""


def written(result: Tabular, form: Format) -> str:
    """A result as text that ends with a line break."""
    if form == "json":
        return json.dumps(result.to_dict(), indent=2, ensure_ascii=False) + "\n"
    grid = result.grid()
    if form == "csv":
        return to_csv(grid)
    return to_latex(grid) if form == "latex" else to_markdown(grid)


def form_of(path: Path | None, form: Format | None) -> Format | None:
    """The form that is meant: the one that is named, else by how the file's name ends; None where neither says.

    Raises
    ------
    ConfigError : the file's name says nothing.
    """
    if form is not None or path is None:
        return form
    found = ENDINGS.get(path.suffix.casefold())
    if found is None:
        raise ConfigError(
            f"The name {path} does not say what to write.",
            fix=f"Let it end in {', '.join(ENDINGS)}, or add --format markdown.",
        )
    return found


def write_result(path: Path, text: str) -> None:
    """Write a result's text to a file, whole or not at all.

    Raises
    ------
    ConfigError : its folder is not there, or nobody may write to it.
    """
    require_folder_of(path)
    try:
        write_text(path, text)
    except OSError as error:
        raise ConfigError(
            f"{path} could not be written: {error.strerror}.", fix="Name a file in a folder that is there: -o table.md"
        ) from error


def to_csv(grid: Grid) -> str:
    """The rows as plain numbers, a line each."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(grid.plain[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(grid.plain)
    return stream.getvalue()
