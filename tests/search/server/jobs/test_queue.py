"""Jobs run one after another, can be stopped, fail with words, and end with the server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from antiphon.search.server.jobs.child import CommandFailedError, LibraryBusyError
from antiphon.search.server.jobs.queue import WAITS, Jobs, UnknownJobError
from antiphon.search.server.jobs.steps import Kind
from tests.helpers.processes.waiting import LONG_S, until

HERE = Path("library")


class Command:
    """A command that runs until it is let go, or stopped."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words, self.let_go, self.stopped = list(words), threading.Event(), False
        self.begun = threading.Event()
        self.problem: Exception | None = None
        self.told: Callable[[str, int, int], None] | None = None

    def follow(self, on_progress: Callable[[str, int, int], None]) -> None:
        on_progress("timbre", 3, 10)
        self.begun.set()
        assert self.let_go.wait(LONG_S)
        if self.problem is not None:
            raise self.problem

    def stop(self) -> None:
        self.stopped, self.problem = True, CommandFailedError("Stopped.")
        self.let_go.set()

    end = stop


class Started(list[Command]):
    """Commands in the order in which they were started."""

    def __init__(self) -> None:
        self.more = threading.Semaphore(0)

    def __call__(self, words: Sequence[str]) -> Any:
        self.append(Command(words))
        self.more.release()
        return self[-1]

    def next(self) -> Command:
        assert self.more.acquire(timeout=LONG_S)
        assert self[-1].begun.wait(LONG_S)
        return self[-1]


def commands(kind: Kind, _root: Path, _source: str | None) -> Iterator[list[str]]:
    yield [kind, "first"]
    yield [kind, "second"]


@pytest.fixture
def started() -> Started:
    return Started()


@pytest.fixture
def jobs(started: Started) -> Iterator[Jobs]:
    found = Jobs(HERE, start=started, commands=commands, after=lambda kind, _: "embed" if kind == "prepare" else None)
    yield found
    found.close()


def ended(jobs: Jobs, number: int) -> str:
    """The state of a job once it is over."""
    found = next(job for job in jobs.list() if job.id == number)
    until(lambda: found.is_over, f"job {number} ends")
    return found.state


def test_one_job_runs_at_a_time_each_with_all_its_commands(jobs: Jobs, started: Started) -> None:
    first, second = jobs.submit("embed"), jobs.submit("train")
    assert jobs.submit("embed") is first
    one = started.next()
    assert (one.words, first.state, second.state) == (["embed", "first"], "running", "waiting")
    assert (first.message, first.done, first.total, first.eta_seconds) == ("timbre", 3, 10, None)
    one.let_go.set()
    started.next().let_go.set()
    assert ended(jobs, first.id) == "done"
    assert started.next().words == ["train", "first"]


def test_a_job_that_was_begun_to_the_end_of_the_way_goes_on_by_itself(jobs: Jobs, started: Started) -> None:
    jobs.submit("prepare", on_its_own=True)
    for _ in range(4):
        started.next().let_go.set()
    assert ended(jobs, 2) == "done"
    assert [command.words[0] for command in started] == ["prepare", "prepare", "embed", "embed"]


def test_a_job_that_is_stopped_is_interrupted_and_nothing_follows(jobs: Jobs, started: Started) -> None:
    job = jobs.submit("prepare", on_its_own=True)
    command = started.next()
    assert jobs.cancel(job.id).state == "cancelled"
    assert command.stopped
    again = jobs.submit("prepare")
    assert again is not job
    started.next().let_go.set()
    assert [job.kind for job in jobs.list()] == ["prepare", "prepare"]
    with pytest.raises(UnknownJobError, match="no job 99"):
        jobs.cancel(99)


def test_a_job_that_waits_is_stopped_before_it_begins(jobs: Jobs, started: Started) -> None:
    jobs.submit("embed")
    waiting = jobs.submit("train")
    jobs.cancel(waiting.id)
    started.next().let_go.set()
    started.next().let_go.set()
    assert ended(jobs, 1) == "done"
    assert {command.words[0] for command in started} == {"embed"}


def test_what_fails_says_why_and_keeps_no_other_job_from_running(jobs: Jobs, started: Started) -> None:
    job = jobs.submit("embed")
    command = started.next()
    command.problem = CommandFailedError("The disk is full.", fix="Make room.")
    command.let_go.set()
    assert ended(jobs, job.id) == "failed"
    assert (job.message, job.fix) == ("The disk is full.", "Make room.")
    jobs.submit("train")
    assert started.next().words[0] == "train"


def test_a_library_that_another_command_writes_is_waited_for(started: Started) -> None:
    jobs = Jobs(HERE, start=started, commands=commands, after=lambda *_: None, again_s=0.01)
    job = jobs.submit("embed")
    for _ in range(2):
        command = started.next()
        command.problem = LibraryBusyError("Another process (id 7) is writing.")
        command.let_go.set()
    assert [command.words for command in started[:2]] == [["embed", "first"]] * 2
    for _ in range(2):
        started.next().let_go.set()
    assert ended(jobs, job.id) == "done"
    assert [command.words[1] for command in started] == ["first", "first", "first", "second"]
    jobs.close()


def test_a_job_that_waits_for_another_command_can_be_stopped(started: Started) -> None:
    jobs = Jobs(HERE, start=started, commands=commands, after=lambda *_: None, again_s=LONG_S * 10)
    job = jobs.submit("embed")
    command = started.next()
    command.problem = LibraryBusyError("Another process (id 7) is writing.")
    command.let_go.set()
    until(lambda: job.message == WAITS, "the job waits")
    assert job.state == "running"
    jobs.cancel(job.id)
    jobs.submit("train")
    assert started.next().words == ["train", "first"]
    jobs.close()
    assert len(started) == 2


def test_closing_stops_what_runs_and_begins_nothing_more(started: Started) -> None:
    jobs = Jobs(HERE, start=started, commands=commands, after=lambda *_: "embed")
    jobs.submit("embed")
    jobs.submit("train")
    command = started.next()
    jobs.close()
    assert command.stopped
    assert [job.state for job in jobs.list()] == ["cancelled", "cancelled"]
    assert len(started) == 1


def test_a_server_that_is_told_to_end_stops_its_work_before_its_requests_are_answered(started: Started) -> None:
    jobs = Jobs(HERE, start=started, commands=commands, after=lambda *_: None)
    jobs.submit("embed")
    command = started.next()
    jobs.stop()
    assert command.stopped
    jobs.close()
    assert len(started) == 1


def test_a_job_names_the_command_that_is_at_work(started: Started) -> None:
    two = (["train", "--library", "x"], ["index", "--library", "x"])
    jobs = Jobs(HERE, start=started, commands=lambda *_: iter(two), after=lambda *_: None)
    job = jobs.submit("train")
    for step in ("train", "index"):
        command = started.next()
        assert (job.step, job.to_dict()["step"]) == (step, step)
        command.let_go.set()
    assert ended(jobs, job.id) == "done"
    jobs.close()
