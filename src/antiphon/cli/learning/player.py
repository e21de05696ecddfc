"""Playing a file through the player that the machine has, while a person reads on."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from antiphon.library.addresses import Span

Arguments = Callable[[str, Span], list[str]]


def _mpv(path: str, span: Span) -> list[str]:
    end = [] if span.end is None else [f"--end={span.end}"]
    return ["--no-video", "--really-quiet", "--no-terminal", f"--start={span.start}", *end, "--", path]


def _ffplay(path: str, span: Span) -> list[str]:
    length = [] if span.end is None else ["-t", str(span.end - span.start)]
    return ["-nodisp", "-autoexit", "-loglevel", "quiet", "-ss", str(span.start), *length, path]


PLAYERS: dict[str, Arguments] = {"mpv": _mpv, "ffplay": _ffplay, "afplay": lambda path, _: [path]}
"""Players that need no window, and the arguments that each takes; the first that is there plays."""


class Player:
    """One sound at a time; a new one stops the old.

    Parameters
    ----------
    command : path of the player; None for the first of :data:`PLAYERS` that is there, "" for none.
    """

    def __init__(self, command: str | None = None) -> None:
        there = (found for name in PLAYERS if (found := shutil.which(name)))
        self._command = next(there, "") if command is None else command
        self._playing: subprocess.Popen[bytes] | None = None

    def play(self, path: Path, span: Span | None = None) -> bool:
        """Play a file, or a part of it, from now on; False where the machine has no player."""
        self.stop()
        if not self._command:
            return False
        arguments = PLAYERS[Path(self._command).name](str(path.absolute()), span or Span(0.0))
        quiet = subprocess.DEVNULL
        self._playing = subprocess.Popen([self._command, *arguments], stdin=quiet, stdout=quiet, stderr=quiet)
        return True

    def stop(self) -> None:
        """Silence."""
        if self._playing is not None:
            self._playing.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._playing.wait(1)
            self._playing = None
