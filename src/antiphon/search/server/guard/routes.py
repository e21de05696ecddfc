"""The guard's own routes: the page's session, and the counters."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field

from antiphon.search.server.callers import NotAllowedError, Role, role_of
from antiphon.search.server.guard.callers.session import cookie
from antiphon.search.server.guard.callers.tokens import LONGEST
from antiphon.search.server.guard.chain import Guarding
from antiphon.search.server.guard.seen.counters import CONTENT_TYPE

router = APIRouter(tags=["access"])


class SessionRequest(BaseModel):
    """A token that somebody typed into the page."""

    model_config = ConfigDict(extra="forbid")
    token: str = Field(max_length=LONGEST)


@router.post("/session")
def begin(request: Request, asked: Annotated[SessionRequest, Body()]) -> JSONResponse:
    """Begin a session: the browser keeps a cookie that no script can read, and is an owner's for 30 days."""
    session = _guarding(request).sessions.begin(asked.token)
    if session is None:
        raise NotAllowedError("This token is none of the server's.", fix="Copy it from where the server was started.")
    return _with_cookie(JSONResponse({"role": "owner"}), request, session)


@router.delete("/session")
def end(request: Request) -> JSONResponse:
    """End the session in this browser."""
    return _with_cookie(JSONResponse({"role": None}), request, "")


@router.get("/session")
def who(request: Request) -> dict[str, Role | None]:
    """Who the server takes this browser for; null for somebody who has to type a token first."""
    return {"role": role_of(request.scope) if request.scope.get("antiphon.role") else None}


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(request: Request) -> Response:
    """Counters and times as Prometheus reads them."""
    return Response(_guarding(request).counters.text(), headers={"content-type": CONTENT_TYPE})


def _guarding(request: Request) -> Guarding:
    guarding: Guarding = request.app.state.guarding
    return guarding


def _with_cookie(response: JSONResponse, request: Request, session: str) -> JSONResponse:
    about = cookie(session, path=request.scope.get("root_path") or "/", secure=request.scope["scheme"] == "https")
    response.headers["set-cookie"] = about
    return response
