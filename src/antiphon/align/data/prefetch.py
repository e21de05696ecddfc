"""Prepare the next batches while the present one is worked on."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import TypeVar

Item = TypeVar("Item")
_END = object()


def prefetch(items: Iterator[Item], *, depth: int = 2) -> Iterator[Item]:
    """The same items in the same order, produced by a thread that runs up to ``depth`` of them ahead.

    An exception in ``items`` is raised here, at its place in the order. Leaving early stops the thread.
    """
    ahead: queue.Queue[object] = queue.Queue(maxsize=depth)
    stop = threading.Event()

    def produce() -> None:
        try:
            for item in items:
                if not _put(ahead, item, stop):
                    return
            _put(ahead, _END, stop)
        except BaseException as error:  # handed over to the consumer, who knows what to do with it
            _put(ahead, _Failure(error), stop)

    thread = threading.Thread(target=produce, name="antiphon-prefetch", daemon=True)
    thread.start()
    try:
        while (item := ahead.get()) is not _END:
            if isinstance(item, _Failure):
                raise item.error
            yield item  # type: ignore[misc]
    finally:
        stop.set()
        thread.join()


class _Failure:
    def __init__(self, error: BaseException) -> None:
        self.error = error


def _put(ahead: queue.Queue[object], item: object, stop: threading.Event) -> bool:
    while not stop.is_set():
        try:
            ahead.put(item, timeout=0.1)
            return True
        except queue.Full:
            continue
    return False
