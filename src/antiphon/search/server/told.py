"""What the library warns of while a question is answered goes to who asked, and into no log: it quotes the question.

What is said of the question itself, by :data:`OF_QUESTIONS`, is for everybody; all else is of the library.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

OF_QUESTIONS = ("antiphon.search.filters.",)
"""Where warnings come from that speak of nothing but the question."""


@dataclass(frozen=True)
class Told:
    """Warnings, a sentence each, in their order.

    Parameters
    ----------
    lines : all of them.
    of_question : those that speak of the question alone.
    logged : whether they go into the log, too.
    """

    lines: list[str] = field(default_factory=list)
    of_question: list[str] = field(default_factory=list)
    logged: bool = False


_TOLD: ContextVar[Told | None] = ContextVar("told", default=None)


class _Collector(logging.Handler):
    """Adds a warning to those of the question that is being answered."""

    def emit(self, record: logging.LogRecord) -> None:
        told = _TOLD.get()
        if told is not None and record.levelno == logging.WARNING:
            told.lines.append(record.getMessage())
            if record.name.startswith(OF_QUESTIONS):
                told.of_question.append(record.getMessage())


def _of_no_question(record: logging.LogRecord) -> bool:
    """Whether other handlers may have a record."""
    told = _TOLD.get()
    return told is None or told.logged or record.levelno != logging.WARNING


_COLLECTOR = _Collector()


@contextmanager
def told_meanwhile(*, logged: bool = False) -> Iterator[Told]:
    """The warnings of what is done inside, in this thread; they come in while it is done.

    Parameters
    ----------
    logged : whether they go into the log, too: those of no question may.
    """
    logger = logging.getLogger("antiphon")
    if _COLLECTOR not in logger.handlers:
        logger.addHandler(_COLLECTOR)
    for handler in logger.handlers:
        if handler is not _COLLECTOR:
            handler.addFilter(_of_no_question)
    told = Told(logged=logged)
    before = _TOLD.set(told)
    try:
        yield told
    finally:
        _TOLD.reset(before)
