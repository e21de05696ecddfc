"""``/rest/METHOD`` and ``/rest/METHOD.view``, by GET and by POST with a form."""

from __future__ import annotations

import logging
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from antiphon.errors import AntiphonError, LibraryError
from antiphon.search.server.guard.words import without_paths
from antiphon.search.server.players.addresses import PLAYER
from antiphon.search.server.players.ids import Ids
from antiphon.search.server.players.known import KnownPlayers
from antiphon.search.server.players.named_route import NamedRoute
from antiphon.search.server.players.opensubsonic.account import role_of_request
from antiphon.search.server.players.opensubsonic.envelope import SubsonicFailure, failed, succeeded
from antiphon.search.server.players.opensubsonic.methods import GENERIC, METHODS, NOT_FOUND, OPEN, Call, Fields
from antiphon.search.server.settings import ServerSettings

LOG = logging.getLogger(__name__)
MOST_FIELDS = 2000


def subsonic_routes() -> list[BaseRoute]:
    """The one route of the protocol."""
    return [NamedRoute("/rest/{method}", _answer, methods=["GET", "POST"])]


async def _answer(request: Request) -> Response:
    given: dict[str, str] = dict(request.query_params)
    try:
        given = {**given, **await _form(request)}
        method = request.path_params["method"].removesuffix(".view")
        fields = await run_in_threadpool(lambda: _called(request, method, given))
    except Exception as error:
        return failed(_failure(error), given)
    return succeeded(fields, given)


async def _form(request: Request) -> dict[str, str]:
    body = await request.body() if request.method == "POST" else b""
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise SubsonicFailure(GENERIC, "The body is no form.") from error


def _called(request: Request, method: str, given: dict[str, str]) -> Fields:
    settings: ServerSettings = request.app.state.settings
    players: KnownPlayers = request.app.state.players
    if method not in OPEN:
        role_of_request(request.scope, given, settings.tokens, guests=settings.guests)
    if method not in METHODS:
        raise SubsonicFailure(GENERIC, f"Antiphon does not answer {method}: it is no Subsonic server of its own.")
    ids = Ids.of(players.now(), str(request.scope.get(PLAYER) or ""))
    call = Call(given=given, served=request.app.state.served, ids=ids, limits=settings.limits)
    return METHODS[method](call)


def _failure(error: Exception) -> SubsonicFailure:
    if isinstance(error, SubsonicFailure):
        return error
    if isinstance(error, AntiphonError):
        return SubsonicFailure(NOT_FOUND if isinstance(error, LibraryError) else GENERIC, without_paths(error.problem))
    LOG.error("a player's request failed", exc_info=error)
    return SubsonicFailure(GENERIC, "The server has a bug, which is written to its log.")
