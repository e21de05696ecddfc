"""What commands print with: results to stdout, everything else to stderr."""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, Literal, TextIO

from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Table

from antiphon.cli.output.parent import tell
from antiphon.cli.output.text import json_text, one_line, visible
from antiphon.cli.output.time_left import TimeLeft

LibraryOption = Annotated[Path, Parameter(name=["--library", "-l"])]


def _require_some(_: object, values: Sequence[object] | None) -> None:
    if values is not None and not values:
        raise ValueError("Name at least one.")


SEVERAL = Parameter(consume_multiple=True, negative="", validator=_require_some)
"""Of an option that takes several values, side by side: none at all is a slip, and means nothing."""
Split = Literal["train", "val", "test"]
JsonOption = Annotated[bool, Parameter(name="--json", negative="")]

PIPE_WIDTH = 240

COLOURS = {"Error:": "31", "✗": "31", "Warning:": "33", "!": "33", "✓": "32"}
"""How a line begins → its colour: red, yellow, green."""

errors = Console(stderr=True, highlight=False)


def say(lines: str | Iterable[str]) -> None:
    """Print lines of result to stdout; a terminal gets long ones broken between words, below their own beginning."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    for line in [lines] if isinstance(lines, str) else lines:
        shown = visible(line)
        print(coloured(wrapped(shown, width) if width else shown, sys.stdout))


def coloured(line: str, stream: TextIO) -> str:
    """An error red, a warning yellow, the doctor's marks as they are meant; as it is where nobody sees colours.

    Nothing is coloured in a pipe or file, on a dumb terminal, or where ``NO_COLOR`` is set (https://no-color.org).
    """
    if not stream.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return line
    first, *rest = line.split("\n")
    for beginning, colour in COLOURS.items():
        if first.startswith(f"{beginning} "):
            return "\n".join([f"\x1b[{colour}m{first}\x1b[0m", *rest])
    return line


def wrapped(line: str, width: int) -> str:
    """A line broken between words to ``width``, what follows indented by two more; commands stay in one piece."""
    start = line.lstrip()
    if len(line) <= width or start.startswith("→"):
        return line
    indent = " " * (len(line) - len(start) + 2)
    return textwrap.fill(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def note(lines: str | Iterable[str]) -> None:
    """Print lines that are no result to stderr."""
    for line in [lines] if isinstance(lines, str) else lines:
        print(coloured(visible(line), sys.stderr), file=sys.stderr)


def say_json(data: Any) -> None:
    """Print machine-readable output: one JSON document, UTF-8."""
    print(json_text(json.dumps(data, indent=2, ensure_ascii=False)))


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    right: Sequence[str] = (),
    spare: Sequence[str] = (),
) -> None:
    """Print a table to stdout.

    Parameters
    ----------
    headings, rows : what stands in it.
    right : columns that are set flush right.
    spare : columns that are left out, in this order and as many as need be, where the terminal is too narrow.
    """
    output = Console(highlight=False, markup=False, emoji=False)  # [live] and :sun: are parts of titles
    if not output.is_terminal:
        output.width = PIPE_WIDTH
    cells = [[one_line(str(cell)) for cell in row] for row in rows]
    widths = [max(len(text) for text in column) for column in zip(headings, *cells, strict=True)]
    shown = list(range(len(headings)))
    for name in spare:
        if sum(widths[i] + 2 for i in shown) - 2 > output.width:
            shown.remove(list(headings).index(name))
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for i in shown:
        drawn.add_column(headings[i], justify="right" if headings[i] in right else "left", overflow="fold")
    for row in cells:
        drawn.add_row(*(row[i] for i in shown))
    output.print(drawn)
    left_out = [name for i, name in enumerate(headings) if i not in shown]
    if left_out:
        note(f"The terminal is too narrow for: {', '.join(left_out)}.")


class ProgressBar:
    """A bar with a count and the time left, on stderr; silent when stderr is no terminal."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeLeft(),
            console=errors,
            disable=not errors.is_terminal,
            redirect_stdout=sys.stdout.isatty(),  # results that go to a file are none of the bar's
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
        """Show ``done`` of ``total``, with a free text for the speed; whoever follows this program is told."""
        tell(self._label, done, total)
        if self._task is None:
            self._task = self._progress.add_task(self._label, total=total, rate=rate, first=done)
        self._progress.update(self._task, completed=done, total=total, rate=rate)


class ProgressBars:
    """One :class:`ProgressBar` after another, each while its label is being told of."""

    def __init__(self) -> None:
        self._label = ""
        self._bar: ProgressBar | None = None

    def __enter__(self) -> ProgressBars:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.__exit__(kind, error, trace)

    def update(self, label: str, done: int, total: int, rate: str = "") -> None:
        """Show ``done`` of ``total`` of what ``label`` says."""
        if self._bar is None or label != self._label:
            self.__exit__(None, None, None)
            self._label, self._bar = label, ProgressBar(label).__enter__()
        self._bar.update(done, total, rate)
