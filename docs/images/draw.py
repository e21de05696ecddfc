"""Draws the pictures of the README: the demo in a terminal, from what it really prints, and the way data flows.

``python docs/images/draw.py`` runs ``antiphon demo`` in a temporary folder (a minute or two) and writes ``demo.svg``
and ``flow.svg`` beside this file. ``--printed FILE`` takes what a demo printed from a file instead.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.sax.saxutils import escape

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

HERE = Path(__file__).resolve().parent
COLUMNS = 104

FLOW = (
    ("manifest", "your table", "or folder"),
    ("library", "tracks, captions,", "splits"),
    ("embed", "frozen encoders,", "once"),
    ("align", "two heads,", "closed forms"),
    ("evaluate", "ranks, intervals,", "doctor"),
    ("search", "words in,", "tracks out"),
)
"""What data passes through: a part's name, and two lines on what is there."""

BOX, GAP, HEIGHT = 124, 26, 84


def printed_by_the_demo() -> str:
    """What ``antiphon demo`` prints, commands and answers in their order, as it looks with ``antiphon`` on the PATH."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "antiphon", "demo"],
            cwd=folder,
            env={**environment, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=True,
        )
    return "$ antiphon demo\n" + done.stdout


def terminal(text: str) -> str:
    """An SVG of a terminal that shows ``text``: commands bold, ticks green."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=COLUMNS, file=nowhere, force_terminal=True, highlight=False)
        for line in text.strip().splitlines():
            shown = Text(line)
            shown.highlight_regex(r"^\$ .*", "bold white")
            shown.highlight_regex("^✓.*", "green")
            shown.highlight_regex('^".*"', "bold cyan")
            console.print(shown)
        return console.export_svg(title="antiphon demo", theme=MONOKAI)


def flow() -> str:
    """An SVG of the parts from left to right, with arrows between them."""
    width = len(FLOW) * BOX + (len(FLOW) - 1) * GAP + 2
    shapes = [_box(i * (BOX + GAP) + 1, *part) for i, part in enumerate(FLOW)]
    shapes += [_arrow(i * (BOX + GAP) + 1 + BOX) for i in range(len(FLOW) - 1)]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT + 2}" font-family="sans-serif">'
    return "\n".join([head, *shapes, "</svg>"]) + "\n"


def _box(x: int, name: str, *lines: str) -> str:
    middle = x + BOX // 2
    texts = [_text(middle, 30, name, 16, "#ffffff", "bold")]
    texts += [_text(middle, 52 + 18 * i, line, 13, "#cfe3ee", "normal") for i, line in enumerate(lines)]
    return f'<rect x="{x}" y="1" width="{BOX}" height="{HEIGHT}" rx="10" fill="#1f4e66"/>' + "".join(texts)


def _text(x: int, y: int, text: str, size: int, colour: str, weight: str) -> str:
    style = f'font-size="{size}" font-weight="{weight}" fill="{colour}" text-anchor="middle"'
    return f'<text x="{x}" y="{y}" {style}>{escape(text)}</text>'


def _arrow(x: int) -> str:
    y, tip = HEIGHT // 2 + 1, x + GAP - 4
    line = f'<path d="M {x + 4} {y} H {tip - 6}" stroke="#7f8c95" stroke-width="2.5"/>'
    return line + f'<path d="M {tip - 7} {y - 6} L {tip} {y} L {tip - 7} {y + 6} Z" fill="#7f8c95"/>'


def main() -> None:
    """Write both pictures."""
    text = Path(sys.argv[2]).read_text(encoding="utf-8") if "--printed" in sys.argv else printed_by_the_demo()
    (HERE / "demo.svg").write_text(terminal(text), encoding="utf-8")
    (HERE / "flow.svg").write_text(flow(), encoding="utf-8")


if __name__ == "__main__":
    main()
