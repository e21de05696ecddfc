"""The program that started this command and follows it: told how far the command is, and outlived by it never.

Whoever starts a command names in ``ANTIPHON_FOLLOWED`` a socket that the command inherits. Progress goes there, one
JSON object a line: ``{"what", "done", "total"}``. When the other end closes, because that program ended, however it
did, the command stops as it does at Ctrl-C: what is done is kept, and the same command carries on.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from contextlib import suppress

VARIABLE = "ANTIPHON_FOLLOWED"
PAUSE_S = 0.2
"""Between two lines of one and the same work."""
PATIENCE_S = 120.0
"""After which a command that does not stop is ended."""

_parent: socket.socket | None = None
_last: tuple[str, float] = ("", 0.0)


def follow() -> None:
    """Tell the program that started this one from now on; nothing where none asked for it."""
    global _parent
    named = os.environ.pop(VARIABLE, "")  # processes that this one starts are followed by this one
    if not named.isdecimal():
        return
    try:
        _parent = socket.socket(fileno=int(named))
    except OSError:
        return
    _parent.set_inheritable(False)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell leaves it to what it starts in the background
        signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=_outlive_never, args=(_parent,), daemon=True).start()


def tell(what: str, done: int, total: int) -> None:
    """How far the work is; told at most five times a second, and always at its end."""
    global _last
    now = time.monotonic()
    if _parent is None or (_last[0] == what and done < total and now - _last[1] < PAUSE_S):
        return
    _last = (what, now)
    line = json.dumps({"what": what, "done": done, "total": total}) + "\n"
    with suppress(OSError):  # nobody reads, or too slowly: the work does not wait for that
        _parent.send(line.encode(), socket.MSG_DONTWAIT)


def _outlive_never(parent: socket.socket) -> None:
    with suppress(OSError):
        while parent.recv(64):
            pass
    main = threading.main_thread().ident
    if main is not None:  # to the thread that heeds it: another would not wake this one on every system
        signal.pthread_kill(main, signal.SIGINT)
    time.sleep(PATIENCE_S)
    os._exit(130)
