"""Watching by processes of their own: memory is free again after each batch, and a server answers undisturbed."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from antiphon.api.watching.updated import Updated
from antiphon.errors import LibraryError
from antiphon.search.server.jobs.followed import start_followed

STOPS_S = 60.0
"""How long a process that was asked to stop may take to write what it has."""
LOOK_S = 2.0
"""How often is asked whether a watch may begin."""


def update_in_child(root: Path, *, playlists: bool = False) -> Updated:
    """:func:`antiphon.api.watching.update.update` as a process of its own, ``antiphon watch --once``.

    On a terminal its progress is shown. Ctrl-C is passed on, and waited for: what was heard so far is stored.

    Raises
    ------
    LibraryError : it could not be done; the message is the command's own.
    """
    shown = sys.stderr.isatty()
    words = ["watch", "--once", "--json", "--library", str(root), *(["--playlists"] if playlists else [])]
    process, ours = start_followed(
        _command(words),
        stdin=None if shown else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=None if shown else subprocess.PIPE,
        text=True,
    )
    with ours:
        try:
            said, complaint = process.communicate()
        except BaseException:
            end(process)
            raise
    try:
        found = json.loads(said)
        return Updated.from_dict(found["updated"])
    except (ValueError, LookupError, TypeError) as error:
        raise _failed(process.returncode, said, complaint or "") from error


def _failed(code: int, said: str, complaint: str) -> LibraryError:
    with suppress(ValueError, LookupError, TypeError):
        problem = json.loads(said)["problem"]
        return LibraryError(str(problem["message"]), fix=problem["fix"])
    last = complaint.strip().splitlines()[-1:] or [f"it ended with {code}"]
    return LibraryError(f"antiphon watch --once failed: {last[0]}")


@contextmanager
def watching(root: Path, options: Sequence[str] = ()) -> Iterator[subprocess.Popen[str]]:
    """Run ``antiphon watch`` on a library beside this process, for as long as the context is open.

    A server calls it around its own work; what the watch says goes to stderr. The files of the library are swapped
    whole, so that whoever looks at them by name sees either the old ones or the new ones.

    Parameters
    ----------
    options : further options of the command, such as ``["--playlists"]``.
    """
    words = _command(["watch", "--library", str(root), *options])
    process, ours = start_followed(words, stdin=subprocess.DEVNULL, stdout=sys.stderr, text=True)
    with ours:
        try:
            yield process
        finally:
            end(process)


@contextmanager
def watching_once(ready: Callable[[], bool], root: Path, *, look_s: float = LOOK_S) -> Iterator[None]:
    """As :func:`watching`, beginning when something holds: a server's own first work on the library is done.

    Parameters
    ----------
    ready : asked every ``look_s`` seconds, by a thread of its own.
    """
    ending = threading.Event()

    def begin() -> None:
        while not ready():
            if ending.wait(look_s):
                return
        with watching(root):
            ending.wait()

    thread = threading.Thread(target=begin, name="watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


def end(process: subprocess.Popen[str]) -> None:
    """Ask a process to stop and wait for it; one that does not within a minute is killed.

    Not by SIGINT, which whatever a shell started in the background ignores, and its children with it.
    """
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        process.wait(STOPS_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _command(words: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "antiphon", *words]
