"""Worker processes that decode ahead, each file in one of them; a worker that dies costs the file it was at.

Workers are children with numeric libraries held to one thread (see :mod:`antiphon.embed.workers.child` and
:mod:`antiphon.embed.workers.worker`), so that n workers use n cores. A thread of the main process collects what they
send into a bounded queue: when models fall behind, the queue fills, then the pipes, then the workers wait, and memory
stays bounded.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing import connection
from types import TracebackType

from antiphon.embed.workers.child import POLL_S, THREAD_LIMITS, Child
from antiphon.embed.workers.messages import Alive, Chunk, Ready, Result, Setup, Task
from antiphon.errors import EncoderError

Event = Chunk | Result

PATIENCE_S = 300.0
"""Time without a sign of life after which a worker is ended; its file has failed."""
AHEAD = 2
"""Tasks a worker holds at once, so that it never waits for the next."""


class _Worker(Child):
    """One process, its pipe, and the tasks it was given and has not answered."""

    def __init__(self, setup: Setup) -> None:
        super().__init__("antiphon.embed.workers.worker", setup, dict.fromkeys(THREAD_LIMITS, "1"))
        self.tasks: deque[Task] = deque()
        self.ready = False
        self.last_news = time.monotonic()

    def give(self, task: Task) -> None:
        if not self.tasks:
            self.last_news = time.monotonic()
        self.tasks.append(task)
        with suppress(OSError):  # it just died: reading from the pipe will tell, and the task is still on our list
            self.pipe.send(task)


class Workers:
    """Runs tasks in worker processes: :meth:`add` some, then iterate over :meth:`events`. A context manager.

    Parameters
    ----------
    setup : what every worker loads.
    jobs : processes, ≥ 1; no more than there are tasks are started.
    room : events that may wait to be taken.
    """

    def __init__(self, setup: Setup, *, jobs: int, room: int = 64) -> None:
        self._setup = setup
        self._jobs = jobs
        self._todo: deque[Task] = deque()
        self._left = 0
        self._queue: queue.Queue[Event | Exception] = queue.Queue(maxsize=room)
        self._stop = threading.Event()
        self._news = threading.Event()
        self._workers: list[_Worker] = []
        self._thread = threading.Thread(target=self._collect, name="antiphon-collector", daemon=True)

    def __enter__(self) -> Workers:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._news.set()
        self._thread.join()
        for worker in self._workers:
            worker.close()

    def add(self, tasks: Sequence[Task]) -> None:
        """Give more tasks; they are begun in this order."""
        self._left += len(tasks)
        self._todo.extend(tasks)
        self._news.set()

    @property
    def wants_tasks(self) -> bool:
        """Whether there are fewer files to begin with than processes."""
        return len(self._todo) < self._jobs

    def events(self) -> Iterator[Event | None]:
        """Chunks and results as they come, one result a task; None now and then, when nothing came for a while.

        Raises
        ------
        EncoderError : the workers cannot start.
        """
        while self._left:
            try:
                event = self._queue.get(timeout=POLL_S)
            except queue.Empty:
                yield None
                continue
            if isinstance(event, Exception):
                raise event
            if isinstance(event, Result):
                self._left -= 1
            yield event

    def _feed(self) -> None:
        """New workers up to the number wanted, the first task to each; then what they may hold ahead."""
        while self._todo and len(self._workers) < self._jobs:
            self._workers.append(_Worker(self._setup))
            self._workers[-1].give(self._todo.popleft())
        for held in range(AHEAD):
            for worker in self._workers:
                if self._todo and len(worker.tasks) == held:
                    worker.give(self._todo.popleft())

    def _put(self, event: Event | Exception) -> None:
        while not self._stop.is_set():
            with suppress(queue.Full):
                self._queue.put(event, timeout=POLL_S)
                return

    def _collect(self) -> None:
        try:
            while not self._stop.is_set():
                self._feed()
                busy = {worker.pipe: worker for worker in self._workers if worker.tasks}
                if not busy:
                    self._news.wait()
                    self._news.clear()
                    continue
                spoke = [busy[pipe] for pipe in connection.wait(list(busy), timeout=POLL_S)]  # type: ignore[index]
                self._end_silent(set(busy.values()) - set(spoke))
                for worker in spoke:
                    self._receive(worker)
        except Exception as error:  # the main thread raises it
            self._put(error)

    def _end_silent(self, silent: set[_Worker]) -> None:
        """End those from which nothing came for long; one that waits to be read from is none of them."""
        for worker in silent:
            if worker.ready and time.monotonic() - worker.last_news > PATIENCE_S:
                self._end_worker(worker, f"nothing came of it in {PATIENCE_S:.0f} s")

    def _receive(self, worker: _Worker) -> None:
        worker.last_news = time.monotonic()
        try:
            message = worker.pipe.recv()
        except (EOFError, OSError):
            return self._end_worker(worker)
        if isinstance(message, Ready):
            if message.problem:
                raise EncoderError(message.problem, fix=message.fix)
            worker.ready = True
            return None
        if isinstance(message, Alive):
            return None
        if isinstance(message, Result):
            worker.tasks.popleft()
        self._put(message)
        worker.last_news = time.monotonic()  # the models may have let it wait
        return None

    def _end_worker(self, worker: _Worker, cause: str = "") -> None:
        """The file a dead worker was at has failed; the tasks it had not begun go back to the others.

        A worker that lives, but is given up for a ``cause``, is ended.
        """
        given_up, cause = bool(cause), cause or worker.cause_of_death()
        if not worker.ready:
            raise EncoderError(
                f"A worker process could not start ({cause}): {worker.last_words()}.",
                fix="Run again with --jobs 1, and report this message if it stays.",
            )
        lost = worker.tasks.popleft()
        self._todo.extendleft(reversed(worker.tasks))
        worker.close()
        self._workers.remove(worker)
        self._put(Result(lost.number, cause if given_up else f"the decoder process died ({cause})"))
