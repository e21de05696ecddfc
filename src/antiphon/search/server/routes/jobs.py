"""Work on the library: what runs, begun and stopped; for owners alone."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import Field

from antiphon.errors import ConfigError
from antiphon.search.server.jobs.queue import Jobs
from antiphon.search.server.routes.asking import OwnerOnly, TheLibrary
from antiphon.search.server.routes.shapes import JobShape, JobsShape, StrictBody
from antiphon.search.server.served import Served

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])


class JobRequest(StrictBody):
    """A job to begin."""

    kind: Literal["prepare", "embed", "train", "index"] = Field(
        description="prepare: read the music folder again, then all that follows; embed: listen to what is new; "
        "train: learn; index: take in what was heard."
    )


@router.get("")
def jobs(served: TheLibrary, _owner: OwnerOnly) -> JobsShape:
    """Jobs that wait, run, or ended not long ago."""
    return JobsShape(jobs=[JobShape(**job.to_dict()) for job in served.jobs.list()] if served.jobs else [])


@router.post("", status_code=202)
def begin(asked: JobRequest, served: TheLibrary, _owner: OwnerOnly) -> JobShape:
    """Begin a job, behind those that wait; one of its kind that has not ended yet is that job."""
    job = _jobs(served).submit(asked.kind, on_its_own=asked.kind == "prepare")
    return JobShape(**job.to_dict())


@router.delete("/{number}")
def cancel(number: int, served: TheLibrary, _owner: OwnerOnly) -> JobShape:
    """Stop a job. What it did so far is kept, and the same job carries on another time."""
    return JobShape(**_jobs(served).cancel(number).to_dict())


def _jobs(served: Served) -> Jobs:
    if served.jobs is None:
        raise ConfigError("This server does no work on its library.", fix="antiphon embed, antiphon train")
    return served.jobs
