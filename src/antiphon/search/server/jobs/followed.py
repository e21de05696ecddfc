"""Commands of Antiphon that another one starts: followed by it, and outliving it never.

A command that is started here holds one end of a pair of sockets (:mod:`antiphon.cli.output.parent`): it tells its
progress there, and stops as at Ctrl-C once the other end is closed, however the process that held it ended.
"""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Sequence
from typing import Any

FOLLOWED = "ANTIPHON_FOLLOWED"
"""The variable by which a command knows that it is followed."""
TOKENS = "ANTIPHON_TOKENS"
"""The variable with a server's tokens: whoever has one is an owner, and no command needs to be."""


def start_followed(words: Sequence[str], **options: Any) -> tuple[subprocess.Popen[Any], socket.socket]:
    """Start a command in a session of its own, so that Ctrl-C at a terminal reaches it by who started it alone.

    Parameters
    ----------
    words : the program and its arguments.
    options : of :class:`subprocess.Popen`.

    Returns
    -------
    The process, and the end of the pair that has to stay open for as long as it may run.
    """
    ours, theirs = socket.socketpair()
    environment = {name: value for name, value in os.environ.items() if name != TOKENS}
    environment[FOLLOWED] = str(theirs.fileno())
    with theirs:
        try:
            process = subprocess.Popen(
                words, pass_fds=(theirs.fileno(),), env=environment, start_new_session=True, **options
            )
        except BaseException:
            ours.close()
            raise
    return process, ours
