"""Where the server's lines go: to a stream. Warnings and failures always; requests if they are wanted."""

from __future__ import annotations

import logging
from typing import Literal, TextIO

Log = Literal["quiet", "requests", "debug"]
LEVELS: dict[Log, int] = {"quiet": logging.WARNING, "requests": logging.INFO, "debug": logging.DEBUG}
LOGGERS = ("antiphon.access", "antiphon.server")


class _Stream(logging.StreamHandler[TextIO]):
    """A handler of ours, which a second start replaces."""


def write_log(log: Log, stream: TextIO) -> None:
    """Let the server write its lines.

    Parameters
    ----------
    log : ``quiet`` for failures alone, ``requests`` for a line a request, ``debug`` with its path and address.
    """
    handler = _Stream(stream)
    for name in LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers = [other for other in logger.handlers if not isinstance(other, _Stream)]
        logger.addHandler(handler)
        logger.setLevel(LEVELS[log])
        logger.propagate = False
