"""One command of Antiphon as a process: followed while it runs, stopped so that it can carry on."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import IO

from antiphon.errors import AntiphonError
from antiphon.library.lock import HELD
from antiphon.search.server.jobs.followed import start_followed

LOG = logging.getLogger("antiphon.server")
TRACEBACK = "Traceback (most recent call last)"
STOPS_S = 45.0
"""How long a command may take to store what it has, before it is ended."""
LEAST_URGENT = 10
"""Niceness: answers go before work."""
OnProgress = Callable[[str, int, int], None]


class CommandFailedError(AntiphonError):
    """A command ended with a problem; the message and the fix are its own."""


class LibraryBusyError(CommandFailedError):
    """Another command was at work on the library; the same command can run once that is done."""


class Child:
    """A command that runs.

    Parameters
    ----------
    words : its arguments, ``["embed", "--library", …]``.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._process, self._ours = start_followed(
            ["nice", "-n", str(LEAST_URGENT), sys.executable, "-m", "antiphon", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
        )
        self._told_to_stop = False

    def follow(self, on_progress: OnProgress) -> None:
        """Wait for its end.

        Parameters
        ----------
        on_progress : told what is done, how much of it, of how much.

        Raises
        ------
        CommandFailedError : it ended with a problem.
        LibraryBusyError : the problem is another command at work on the library.
        """
        with self._ours, self._ours.makefile("rb") as lines:
            for line in lines:
                with suppress(ValueError, LookupError, TypeError):
                    told = json.loads(line)
                    on_progress(str(told["what"]), int(told["done"]), int(told["total"]))
        code = self._process.wait()
        with self._errors:
            if code != 0:
                raise self._failure(code)

    def stop(self) -> None:
        """Ask it to stop, as Ctrl-C does, and once: whoever follows it sees its end."""
        if not self._told_to_stop:
            self._told_to_stop = True
            self._signal(signal.SIGINT)

    def end(self) -> None:
        """Stop it and wait; one that does not stop is killed with all that it started."""
        self.stop()
        try:
            self._process.wait(STOPS_S)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _signal(self, number: int) -> None:
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    def _failure(self, code: int) -> CommandFailedError:
        self._errors.seek(0)
        text = self._errors.read().decode(errors="replace")
        if TRACEBACK in text:
            LOG.error("A command failed.\n%s", text[text.index(TRACEBACK) :])
            return CommandFailedError("It failed in a way that nobody foresaw; the server's log says how.")
        problem, _, fix = text.rpartition("Error: ")[2].strip().partition("\n  → ")
        if not problem:
            problem = f"It ended with {signal.Signals(-code).name if code < 0 else f'exit status {code}'}."
        kind = LibraryBusyError if problem.startswith(HELD) else CommandFailedError
        return kind(problem, fix=fix or None)
