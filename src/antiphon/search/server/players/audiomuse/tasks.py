"""What a plug-in asks to see whether anybody is there, and the work that it begins: reading and hearing new music."""

from __future__ import annotations

from typing import Any

from antiphon.printed import counted
from antiphon.search.server.callers import OWNER, require_owner
from antiphon.search.server.jobs.job import Job
from antiphon.search.server.jobs.queue import Jobs
from antiphon.search.server.players.audiomuse.asking import Asking, bad_request, not_found

STATES = {"waiting": "PENDING", "running": "PROGRESS", "done": "SUCCESS", "failed": "FAILURE", "cancelled": "REVOKED"}
"""A job's state → the dialect's word for it."""
TASK = "main_analysis"
"""What the dialect calls the work that reads and listens to new music."""


def health(_asking: Asking) -> dict[str, Any]:
    """Whether the server answers."""
    return {"status": "ok"}


def active_tasks(asking: Asking) -> dict[str, Any]:
    """The work that waits or runs; nothing where there is none, and for guests."""
    found = [job for job in _jobs_of(asking) if not job.is_over]
    return _told(found[0]) if found else {}


def last_task(asking: Asking) -> dict[str, Any]:
    """The work that was begun last."""
    found = _jobs_of(asking)
    return _told(max(found, key=lambda job: job.id)) if found else {}


def status(asking: Asking) -> dict[str, Any]:
    """How far a piece of work is."""
    number = asking.text("task_id")
    found = next((job for job in _jobs_of(asking) if str(job.id) == number), None)
    if found is None:
        raise not_found(f"There is no task {number}.")
    return _told(found)


def start_analysis(asking: Asking) -> dict[str, Any]:
    """Read the music folder again, and do what follows from that. Work that is at it already is that work."""
    require_owner(asking.role, "begin work")
    job = _queue(asking).submit("prepare", on_its_own=True)
    return {"task_id": str(job.id), "task_type": TASK, "status": STATES[job.state]}


def cancel(asking: Asking) -> dict[str, Any]:
    """Stop a piece of work; what it did is kept."""
    require_owner(asking.role, "stop work")
    number = asking.text("task_id")
    if not number.isdecimal():
        raise not_found(f"There is no task {number}.")
    job = _queue(asking).cancel(int(number))
    return {"message": f"Task {job.id} is stopped.", "task_id": str(job.id)}


def cancel_all(asking: Asking) -> dict[str, Any]:
    """Stop all work that waits or runs; there is one kind of it here, whichever is named."""
    require_owner(asking.role, "stop work")
    found = [job for job in _jobs_of(asking) if not job.is_over]
    stopped = [str(_queue(asking).cancel(job.id).id) for job in found]
    return {"message": f"{counted(len(stopped), 'task')} stopped.", "cancelled_top_level_tasks": stopped}


def _jobs_of(asking: Asking) -> list[Job]:
    jobs = asking.served.jobs
    return jobs.list() if jobs is not None and asking.role == OWNER else []


def _queue(asking: Asking) -> Jobs:
    if asking.served.jobs is None:
        raise bad_request("This server does no work on its library: type antiphon embed.")
    return asking.served.jobs


def _told(job: Job) -> dict[str, Any]:
    progress = 100 if job.state == "done" else 100 * job.done // job.total if job.total else 0
    return {
        "task_id": str(job.id),
        "task_type": TASK,
        "task_type_from_db": TASK,
        "state": STATES[job.state],
        "status": STATES[job.state],
        "status_message": job.message,
        "progress": progress,
        "details": {"message": job.message},
    }
