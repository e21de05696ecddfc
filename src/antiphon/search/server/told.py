"""What the library warns of while a question is answered goes to who asked, and into no log: it quotes the question."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_TOLD: ContextVar[list[str] | None] = ContextVar("told", default=None)


class _Collector(logging.Handler):
    """Adds a warning to those of the question that is being answered."""

    def emit(self, record: logging.LogRecord) -> None:
        told = _TOLD.get()
        if told is not None and record.levelno == logging.WARNING:
            told.append(record.getMessage())


def _of_no_question(record: logging.LogRecord) -> bool:
    """Whether other handlers may have a record."""
    return _TOLD.get() is None or record.levelno != logging.WARNING


_COLLECTOR = _Collector()


@contextmanager
def told_meanwhile() -> Iterator[list[str]]:
    """The warnings of what is done inside, in this thread: a list that fills, a sentence each."""
    logger = logging.getLogger("antiphon")
    if _COLLECTOR not in logger.handlers:
        logger.addHandler(_COLLECTOR)
    for handler in logger.handlers:
        if handler is not _COLLECTOR:
            handler.addFilter(_of_no_question)
    told: list[str] = []
    before = _TOLD.set(told)
    try:
        yield told
    finally:
        _TOLD.reset(before)
