"""Work that a plug-in begins, watches and stops: Jellyfin's begins the analysis each night at two."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from antiphon.search.server.callers import GUEST
from antiphon.search.server.jobs.job import Job
from antiphon.search.server.jobs.queue import UnknownJobError
from tests.helpers.players.served import ArcServed, arc_library, plug_in


class Queue:
    """Jobs that never run."""

    def __init__(self) -> None:
        self.all: list[Job] = []

    def list(self) -> list[Job]:
        return self.all

    def submit(self, kind: Any, *, on_its_own: bool = False) -> Job:
        self.all.append(Job(id=len(self.all) + 1, kind=kind, on_its_own=on_its_own))
        return self.all[-1]

    def cancel(self, number: int) -> Job:
        for job in self.all:
            if job.id == number:
                job.state = "cancelled"
                return job
        raise UnknownJobError(f"There is no job {number}.")


@pytest.fixture
def served(tmp_path: Path) -> ArcServed:
    return ArcServed(arc_library(tmp_path / "lib"), jobs=Queue())


def test_work_is_begun_watched_and_stopped(served: ArcServed) -> None:
    with plug_in(served) as client:
        assert client.get("/api/active_tasks").json() == client.get("/api/last_task").json() == {}
        begun = client.post("/api/analysis/start", json={})
        assert (begun.status_code, begun.json()) == (
            202,
            {"task_id": "1", "task_type": "main_analysis", "status": "PENDING"},
        )
        [job] = served.jobs.all
        assert (job.kind, job.on_its_own) == ("prepare", True)
        job.state = "running"
        job.tell("listening", 30, 120)
        active = client.get("/api/active_tasks").json()
        assert active == client.get("/api/status/1").json() == client.get("/api/last_task").json()
        assert (active["state"], active["progress"], active["status_message"]) == ("PROGRESS", 25, "listening")
        assert {"task_id", "details", "task_type_from_db"} <= active.keys()
        assert client.post("/api/cancel/1").json()["task_id"] == "1"
        assert client.get("/api/active_tasks").json() == {}
        assert client.get("/api/last_task").json()["state"] == "REVOKED"


@pytest.mark.parametrize("number", ["2", "x", "²", "../1"])
def test_work_that_there_is_not_is_not_found(served: ArcServed, number: str) -> None:
    with plug_in(served) as client:
        assert client.get(f"/api/status/{number}").status_code == 404
        assert client.post(f"/api/cancel/{number}").status_code == 404


def test_guests_see_no_work_and_begin_none(served: ArcServed) -> None:
    served.jobs.submit("embed")
    with plug_in(served, role=GUEST) as guest:
        assert guest.get("/api/active_tasks").json() == {}
        assert guest.post("/api/analysis/start").status_code == 403
        assert guest.post("/api/cancel/1").status_code == 403
    assert served.jobs.all[0].state == "waiting"


def test_a_server_that_does_no_work_says_so(tmp_path: Path) -> None:
    with plug_in(ArcServed(arc_library(tmp_path / "lib"))) as client:
        answer = client.post("/api/analysis/start", json={})
    assert (answer.status_code, "antiphon embed" in answer.json()["error"]) == (400, True)
