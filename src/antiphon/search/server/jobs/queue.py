"""Jobs, one after another: a thread of its own runs them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from antiphon.errors import AntiphonError, LibraryError
from antiphon.search.server.jobs.child import Child, LibraryBusyError
from antiphon.search.server.jobs.job import Job
from antiphon.search.server.jobs.steps import Kind, Steps, follows, step_of, steps

LOG = logging.getLogger("antiphon.server")
KEPT = 20
"""Jobs that are shown after they are over."""
AGAIN_S = 3.0
"""How long a job waits for another command that is at work on the library, such as a watch, before it tries again."""
WAITS = "another command is at work on this library; this waits for it"


class UnknownJobError(LibraryError):
    """There is no job of that number."""


class Jobs:
    """The jobs of one library.

    Parameters
    ----------
    root : the library.
    source : what it is made of, where ``prepare`` may ingest it.
    start : starts a command.
    commands : the commands of a job.
    after : the job that follows one that is done.
    again_s : seconds after which a command is tried again that found another one at work on the library.
    """

    def __init__(
        self,
        root: Path,
        source: str | None = None,
        *,
        start: Callable[[Sequence[str]], Child] = Child,
        commands: Steps = steps,
        after: Callable[[Kind, Path], Kind | None] = follows,
        again_s: float = AGAIN_S,
    ) -> None:
        self._root, self.source = root, source
        self._start, self._commands, self._after = start, commands, after
        self._again_s = again_s
        self._jobs: list[Job] = []
        self._child: Child | None = None
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
        self._thread.start()

    def list(self) -> list[Job]:
        """Those that wait, run, or ended not long ago, in the order in which they were asked for."""
        with self._changed:
            return [*self._jobs]

    @property
    def is_at_rest(self) -> bool:
        """Whether no job waits or runs."""
        return all(job.is_over for job in self.list())

    def submit(self, kind: Kind, *, on_its_own: bool = False) -> Job:
        """Ask for a job; one of its kind that has not ended yet is that job.

        Parameters
        ----------
        on_its_own : whether what comes after it follows by itself.
        """
        with self._changed:
            for job in self._jobs:
                if job.kind == kind and not job.is_over:
                    return job
            job = Job(id=self._jobs[-1].id + 1 if self._jobs else 1, kind=kind, on_its_own=on_its_own)
            self._jobs = [*self._jobs, job][-KEPT:]
            self._changed.notify_all()
            return job

    def cancel(self, number: int) -> Job:
        """Stop a job: what it did so far is kept, and the same job carries on another time.

        Raises
        ------
        UnknownJobError : there is none of this number.
        """
        with self._changed:
            job = next((job for job in self._jobs if job.id == number), None)
            if job is None:
                raise UnknownJobError(f"There is no job {number}.", fix="GET /v1/jobs lists them.")
            if job.state == "running" and self._child is not None:
                self._child.stop()
            if not job.is_over:
                job.state = "cancelled"
                self._changed.notify_all()
            return job

    def stop(self) -> None:
        """Ask what runs to stop, and take no more; does not wait."""
        with self._changed:
            self._closed = True
            for job in self._jobs:
                if not job.is_over:
                    job.state = "cancelled"
            if self._child is not None:
                self._child.stop()
            self._changed.notify_all()

    def close(self) -> None:
        """Stop what runs, and take no more; returns when nothing runs any more."""
        self.stop()
        child = self._child
        if child is not None:
            child.end()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._changed:
                waiting = [job for job in self._jobs if job.state == "waiting"]
                if self._closed:
                    return
                if not waiting:
                    self._changed.wait()
                    continue
                job = waiting[0]
                job.state = "running"
            self._work(job)

    def _work(self, job: Job) -> None:
        try:
            for words in self._commands(job.kind, self._root, self.source):
                while (outcome := self._command(job, words)) == "busy":
                    self._wait(job)
                if outcome == "cancelled":
                    return
            self._end(job, "done")
            following = self._after(job.kind, self._root) if job.on_its_own else None
            if following is not None:
                self.submit(following, on_its_own=True)
        except AntiphonError as error:
            job.fix = error.fix
            self._end(job, "failed", error.problem)
        except Exception:  # a bug must not end all other jobs
            LOG.exception("job %d (%s)", job.id, job.kind)
            self._end(job, "failed", "It failed in a way that nobody foresaw; the server's log says how.")

    def _wait(self, job: Job) -> None:
        """Until a library that somebody else writes may be free, or the job is cancelled."""
        with self._changed:
            job.tell(WAITS, 0, 0)
            self._changed.wait_for(lambda: job.state != "running", self._again_s)

    def _command(self, job: Job, words: Sequence[str]) -> Literal["done", "busy", "cancelled"]:
        """Run one command of a job to its end."""
        with self._changed:
            if job.state != "running":
                return "cancelled"
            job.begin(step_of(words))
            child = self._child = self._start(words)
        try:
            child.follow(job.tell)
        except LibraryBusyError:
            return "busy"
        except AntiphonError:
            if job.state == "running":
                raise
        finally:
            with self._changed:
                self._child = None
        return "done" if job.state == "running" else "cancelled"

    def _end(self, job: Job, state: str, message: str = "") -> None:
        with self._changed:
            if job.state == "running":
                job.state = "failed" if state == "failed" else "done"
                job.message = message
