"""Ctrl-C at a point where everything is in order."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Interruptible:
    """Holds Ctrl-C back until :meth:`check`, except inside :meth:`at_once`."""

    def __init__(self) -> None:
        self._pressed = False
        self._at_once = False

    def press(self, _number: int, _frame: Any) -> None:
        """The signal handler."""
        self._pressed = True
        if self._at_once:
            raise KeyboardInterrupt

    def check(self) -> None:
        """Raise KeyboardInterrupt where Ctrl-C was pressed."""
        if self._pressed:
            raise KeyboardInterrupt

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Around long work that leaves nothing half done: here Ctrl-C takes effect at once."""
        self._at_once = True
        try:
            self.check()  # in this order: one that comes between the two is raised, and does not wait for the work
            yield
        finally:
            self._at_once = False


@contextmanager
def interruptible() -> Iterator[Interruptible]:
    """Hold Ctrl-C back; a no-op outside the main thread, which it does not reach, and where it is ignored anyway."""
    state = Interruptible()
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before in (None, signal.SIG_IGN):
        yield state
        return
    signal.signal(signal.SIGINT, state.press)
    try:
        yield state
    finally:
        signal.signal(signal.SIGINT, before)
