"""How it stands: /health, /v1/status."""

from __future__ import annotations

from fastapi import APIRouter, Request

from antiphon._version import __version__
from antiphon.search.server.callers import OWNER
from antiphon.search.server.players.known import remarks_on
from antiphon.search.server.routes.answers import field_shapes
from antiphon.search.server.routes.asking import Caller, TheLibrary
from antiphon.search.server.routes.shapes import JobShape, StatusShape

router = APIRouter(tags=["system"])


@router.get("/health")
def health() -> dict[str, str]:
    """Whether the server answers. Nothing of the library is said, and nobody has to say who they are."""
    return {"status": "ok"}


@router.get("/v1/status")
def status(served: TheLibrary, role: Caller, request: Request) -> StatusShape:
    """What the library has, what answers, what comes next, and what is at work."""
    found = served.status()
    owner = role == OWNER
    return StatusShape(
        version=__version__,
        tracks=found.tracks,
        heard=found.heard,
        failed=found.failed,
        trained=found.trained,
        answers_by=found.answers_by,
        next=found.next if owner else "",
        training=found.training if owner else "",
        unlearned=found.unlearned if owner else "",
        remarks=[*found.remarks, *remarks_on(request.app.state.players)] if owner else [],
        jobs=[JobShape(**job.to_dict()) for job in served.jobs.list()] if owner and served.jobs else [],
        role=role,
        fields=field_shapes(found.fields, role),
    )
