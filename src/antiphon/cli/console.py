"""What commands print with: results to stdout, everything else to stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from antiphon.errors import CheckpointError

LibraryOption = Annotated[Path, Parameter(name=["--library", "-l"])]
JsonOption = Annotated[bool, Parameter(name="--json", negative="")]

PIPE_WIDTH = 160

errors = Console(stderr=True, highlight=False)


def find_checkpoint(library: Path, name: Path) -> Path:
    """A checkpoint by path, by path inside the library, or by the encoder's name (its ``_best_r1``).

    Raises
    ------
    CheckpointError : none of these exists; the message lists what the library has.
    """
    folder = library / "checkpoints"
    for path in (name, library / name, folder / name, folder / f"{name}.pt", folder / f"{name}_best_r1.pt"):
        if path.is_file():
            return path
    have = ", ".join(sorted(path.name for path in folder.glob("*.pt"))) or "none"
    raise CheckpointError(
        f"No checkpoint '{name}'. {folder} has: {have}.", fix=f"antiphon train --encoder all --library {library}"
    )


def say(lines: str | Iterable[str]) -> None:
    """Print lines of result to stdout as they are."""
    for line in [lines] if isinstance(lines, str) else lines:
        print(line)


def note(lines: str | Iterable[str]) -> None:
    """Print lines that are no result to stderr."""
    for line in [lines] if isinstance(lines, str) else lines:
        print(line, file=sys.stderr)


def say_json(data: Any) -> None:
    """Print machine-readable output: one JSON document, UTF-8."""
    print(json.dumps(data, indent=2, ensure_ascii=False))


def table(headings: Iterable[str], rows: Iterable[Iterable[object]], *, right: Iterable[str] = ()) -> None:
    """Print a table to stdout; columns named in ``right`` are set flush right."""
    flush_right = set(right)
    output = Console(highlight=False)
    if not output.is_terminal:
        output.width = PIPE_WIDTH
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        drawn.add_column(heading, justify="right" if heading in flush_right else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*[str(cell) for cell in row])
    output.print(drawn)


class ProgressBar:
    """A bar with a count and the time left, on stderr; silent when stderr is no terminal."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=errors,
            disable=not errors.is_terminal,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> ProgressBar:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def update(self, done: int, total: int, rate: str = "") -> None:
        """Show ``done`` of ``total``, with a free text for the speed."""
        if self._task is None:
            self._task = self._progress.add_task(self._label, total=total, rate=rate)
        self._progress.update(self._task, completed=done, total=total, rate=rate)
