"""SIGTERM, as service managers and container engines send it, ends a command where Ctrl-C would."""

from __future__ import annotations

import signal


def end_as_by_ctrl_c() -> None:
    """From now on; also where a shell has told what it starts in the background to ignore Ctrl-C.

    Only for commands that start no processes by forking: those would take it over.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
