"""Watching a library's source: looked at again and again; what has changed and settled is taken in, a burst at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from antiphon.api.watching.snapshot import Looked, Snapshot, looked_at, snapshot
from antiphon.api.watching.updated import Updated
from antiphon.errors import AntiphonError, ConfigError
from antiphon.library.ingest.recipe.recorded import library_recipe
from antiphon.library.tracks import Library

EVERY_S = 15.0
"""How often is looked, seconds; what stays as it is from one look to the next has settled."""
SHARE = 0.05
"""Of the time at most goes into looking: on a slow network drive the looks move apart."""
LONGEST_S = 300.0
"""A burst without an end (a collection that is copied for hours) is taken in piece by piece, this often."""
SERVER_S = 900.0
"""How often a server is asked for its tracks: that cannot be had for a look at some files."""
AGAIN_S, MOST_S = 60.0, 900.0
"""After what cannot be done (a disk is away, another command is at work) it is tried again, at first and at most."""

Update = Callable[[Path], Updated]
Pause = Callable[[float], bool]
"""Waits so many seconds; True where the watch shall end."""


@dataclass(frozen=True, kw_only=True)
class WatchEvent:
    """One event of a watch.

    Parameters
    ----------
    updated : what came of it; None where it could not be done.
    problem : why; it is tried again by itself.
    """

    updated: Updated | None = None
    problem: AntiphonError | None = None

    def line(self) -> str:
        """For a person, one line."""
        if self.updated is not None:
            return self.updated.line()
        return f"not done, and tried again: {self.problem.problem if self.problem else ''}"


@dataclass
class _State:
    """What a watch knows between two looks."""

    done: Snapshot | None = None
    last: Snapshot | None = None
    since: float = 0.0
    updated_at: float = 0.0
    wait_until: float = 0.0
    failures: int = 0
    told: str = ""
    looked: Looked = field(default_factory=lambda: Looked(folders=(), files=()))


def watch(
    root: Path,
    update: Update,
    *,
    every: float = EVERY_S,
    pause: Pause | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[WatchEvent]:
    """Bring a library up to date now, and whenever its source has changed and settled.

    Nothing is remembered but by the library itself: a watch that was killed, at whatever moment, begins with all that
    happened meanwhile. Use it in a thread or process of your own::

        ending = threading.Event()
        for batch in watch(root, update_in_child, pause=ending.wait):
            print(batch.line())

    A server does better with :func:`antiphon.api.watching.child.watching`, which runs ``antiphon watch`` beside it.

    Parameters
    ----------
    root : the library's folder. It is watched where it was made from: a folder of music, a player's database, tables
        with the files they name; a server is asked every quarter of an hour.
    update : what takes changes in: :func:`antiphon.api.watching.update.update`, or
        :func:`antiphon.api.watching.child.update_in_child`, whose memory is free again afterwards.
    every : seconds between two looks.
    pause, clock : how to wait, and how to tell the time, seconds.

    Yields
    ------
    A batch for the first look, and whenever something changed or a new problem is in the way.

    Raises
    ------
    LibraryError : there is no library, or it does not say what it was made from.
    ConfigError : ``every`` is not above 0.
    """
    if not every > 0:
        raise ConfigError(f"Nothing can be looked at every {every:g} seconds.", fix="--every 15")
    pause = pause or _pause
    state = _State()
    server = bool(library_recipe(Library(root)).server)
    while True:
        looked_from = clock()
        batch = _look(root, update, state, clock, server=server)
        if batch is not None:
            yield batch
        if pause(max(every, (clock() - looked_from) / SHARE if batch is None else every)):
            return


def _pause(seconds: float) -> bool:
    """Sleep, a second at a time: a signal that comes right before a sleep does not wake it."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(left, 1.0))
    return False


def _look(root: Path, update: Update, state: _State, clock: Callable[[], float], *, server: bool) -> WatchEvent | None:
    if clock() < state.wait_until:
        return None
    try:
        if state.done is None:
            library = Library(root)
            state.looked = looked_at(library, library_recipe(library))
        now = snapshot(state.looked)
        if not _due(state, now, clock(), server=server):
            return None
        updated = update(root)
    except AntiphonError as problem:
        return _problem(state, problem, clock())
    first = state.done is None
    library = Library(root)
    state.looked = looked_at(library, library_recipe(library))
    state.done, state.last, state.updated_at, state.failures, state.told = now, None, clock(), 0, ""
    return WatchEvent(updated=updated) if first or updated.anything else None


def _due(state: _State, now: Snapshot, at: float, *, server: bool) -> bool:
    """Whether there is something to take in: what changed has settled, or goes on for too long to wait for."""
    if state.done is None:
        return True
    if now == state.done:
        state.last = None
        return server and at - state.updated_at >= SERVER_S
    if state.last is None:
        state.last, state.since = now, at
        return False
    settled, state.last = state.last == now, now
    return settled or at - state.since >= LONGEST_S


def _problem(state: _State, problem: AntiphonError, at: float) -> WatchEvent | None:
    """Wait longer each time; the same problem is told once."""
    state.failures += 1
    state.wait_until = at + min(MOST_S, AGAIN_S * 2 ** (state.failures - 1))
    told, state.told = state.told, problem.problem
    return None if told == problem.problem else WatchEvent(problem=problem)
