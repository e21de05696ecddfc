"""Work that is done beside the epochs: writing, one piece at a time in the order it was given; and solving.

A thread, so that flushing a checkpoint to disk takes no time from training. Whoever gives work may go on changing what
it is about: it has to be a copy.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Thread
from typing import Any, TypeVar

from torch import Tensor

Result = TypeVar("Result")


def begun(work: Callable[[], Result]) -> Future[Result]:
    """What ``work`` comes to, or raises, in a thread that no process waits for when it ends."""
    future: Future[Result] = Future()

    def do() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # handed over to whoever asks for the result
            future.set_exception(error)

    Thread(target=do, name="antiphon-solves", daemon=True).start()
    return future


class Background:
    """A thread that does one piece of work at a time."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="antiphon-saves")
        self._under_way: Future[None] | None = None

    def start(self, work: Callable[[], None]) -> None:
        """Begin when what is under way is done.

        Raises
        ------
        Exception : what was under way has failed; the new work is not begun.
        """
        self.finish()
        self._under_way = self._thread.submit(work)

    def finish(self) -> None:
        """Wait for what is under way.

        Raises
        ------
        Exception : it has failed. It is told once.
        """
        under_way, self._under_way = self._under_way, None
        if under_way is None:
            return
        try:
            under_way.result()
        except KeyboardInterrupt:  # the waiting was interrupted, not the work
            self._under_way = under_way
            raise


def copied(value: Any) -> Any:
    """Plain values as they are, every tensor inside them copied to the processor's memory."""
    if isinstance(value, Tensor):
        return value.detach().to("cpu", copy=True)
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(copied(item) for item in value)
    return value
