"""Fenced blocks of a page, with the mark that keeps one from being run."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
NOT_RUN = re.compile(r"<!-- not run: (?P<reason>.+) -->")
START = re.compile(r"<!-- commands run in: (?P<folder>\w+) -->")
FENCE = re.compile(r"^```(?P<language>\w*)$")


@dataclass(frozen=True, kw_only=True)
class Block:
    """One fenced block.

    Parameters
    ----------
    page, line : where it begins.
    language : what stands behind its first fence: ``sh``, ``python``, ``text`` …
    text : its lines.
    not_run : why its commands are not run; empty where they are.
    """

    page: Path
    line: int
    language: str
    text: str
    not_run: str = ""

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    def commands(self) -> list[list[str]]:
        """The words of every command: comments taken off, lines that end in a backslash joined."""
        lines = self.text.replace("\\\n", " ").splitlines()
        return [words for line in lines if (words := shlex.split(line, comments=True))]


def blocks_of(page: Path) -> list[Block]:
    """A page's blocks in order; an HTML comment right above one says why it is not run."""
    found, opened, mark = [], None, ""
    lines = page.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        fence = FENCE.match(line)
        if fence and opened is None:
            opened, language = number, fence["language"]
        elif line == "```" and opened is not None:
            text = "\n".join(lines[opened : number - 1])
            found.append(Block(page=page, line=opened, language=language, text=text, not_run=mark))
            opened, mark = None, ""
        elif opened is None and line.strip():
            marked = NOT_RUN.fullmatch(line.strip())
            mark = marked["reason"] if marked else ""
    return found


def starting_folder(page: Path) -> str:
    """In which of the prepared folders a page's commands are run; ``music`` without a word."""
    found = START.search(page.read_text(encoding="utf-8"))
    return found["folder"] if found else "music"
