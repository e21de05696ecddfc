"""The dialect's addresses, and how a request becomes an answer: JSON, with an ``error`` text where there is none."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute

from antiphon.errors import AntiphonError, LibraryError
from antiphon.search.server.callers import role_of
from antiphon.search.server.guard.words import without_paths
from antiphon.search.server.opened.current import NotReadyError
from antiphon.search.server.players.addresses import PLAYER
from antiphon.search.server.players.audiomuse import lists, tasks, words
from antiphon.search.server.players.audiomuse.absent import absent
from antiphon.search.server.players.audiomuse.alike import artists, fingerprint, measures, paths, similar
from antiphon.search.server.players.audiomuse.asking import Asking, DialectError, bad_request
from antiphon.search.server.players.ids import Ids
from antiphon.search.server.players.known import KnownPlayers
from antiphon.search.server.players.named_route import NamedRoute
from antiphon.search.server.routes.errors import status_of
from antiphon.search.server.served import Served
from antiphon.search.server.settings import ServerSettings

LOG = logging.getLogger(__name__)
Endpoint = Callable[[Asking], Any]
ENDPOINTS: Mapping[tuple[str, str], Endpoint] = {
    ("GET", "/api/similar_tracks"): similar.similar_tracks,
    ("GET", "/api/max_distance"): similar.max_distance,
    ("POST", "/api/hyperbolic/similar"): measures.hyperbolic,
    ("POST", "/api/sem_grove/search"): measures.sem_grove,
    ("GET", "/api/find_path"): paths.find_path,
    ("GET", "/api/similar_artists"): artists.similar_artists,
    ("POST", "/api/clap/search"): words.clap_search,
    ("POST", "/api/lyrics/search/text"): words.lyrics_search,
    ("POST", "/api/clap/warmup"): words.warmup,
    ("GET", "/api/clap/top_queries"): words.top_queries,
    ("GET", fingerprint.PATH): fingerprint.sonic_fingerprint,
    ("GET", "/api/search_tracks"): words.search_tracks,
    ("GET", "/api/playlists"): lists.playlists,
    ("POST", "/api/create_playlist"): lists.create_playlist,
    ("POST", "/api/alchemy"): similar.alchemy,
    ("GET", "/api/health"): tasks.health,
    ("GET", "/api/active_tasks"): tasks.active_tasks,
    ("GET", "/api/last_task"): tasks.last_task,
    ("GET", "/api/status/{task_id}"): tasks.status,
    ("POST", "/api/cancel/{task_id}"): tasks.cancel,
    ("POST", "/api/cancel_all/{task_type}"): tasks.cancel_all,
    ("POST", "/api/analysis/start"): tasks.start_analysis,
    ("POST", "/chat/api/chatPlaylist"): words.chat_playlist,
    ("POST", "/chat/api/create_playlist"): lists.create_playlist,
}
STATUSES = {"/api/create_playlist": HTTPStatus.CREATED, "/api/analysis/start": HTTPStatus.ACCEPTED}
"""What answers that something was made, or begun."""


def audiomuse_routes() -> list[BaseRoute]:
    """All routes of the dialect; the last answer what it has and this server does not."""
    found: list[BaseRoute] = [
        NamedRoute(path, _answering(endpoint, path), methods=[method]) for (method, path), endpoint in ENDPOINTS.items()
    ]
    others = [f"{prefix}/{{rest:path}}" for prefix in ("/api", "/chat/api", "/external")]
    return [*found, *(NamedRoute(path, _nothing, methods=["GET", "POST"]) for path in others)]


def _answering(endpoint: Endpoint, path: str) -> Callable[[Request], Any]:
    async def answer(request: Request) -> JSONResponse:
        try:
            given = await _given(request)
            found = await run_in_threadpool(lambda: endpoint(_asking(request, given)))
        except Exception as error:
            return _failed(error)
        return JSONResponse(found, status_code=STATUSES.get(path, HTTPStatus.OK))

    return answer


def _asking(request: Request, given: Mapping[str, Any]) -> Asking:
    served: Served = request.app.state.served
    players: KnownPlayers = request.app.state.players
    settings: ServerSettings = request.app.state.settings
    named = request.scope.get(PLAYER) or given.get("server") or given.get("server_id") or ""
    return Asking(
        given=given,
        role=role_of(request.scope),
        served=served,
        ids=Ids.of(players.now(), str(named)),
        limits=settings.limits,
        jellyfin_key=settings.jellyfin_key,
    )


async def _given(request: Request) -> dict[str, Any]:
    """Parameters of the address, and of a JSON body, which go before them; what stands in the path goes before all."""
    given: dict[str, Any] = {**request.query_params, **request.path_params}
    body = await request.body()
    if not body.strip():
        return given
    try:
        sent = json.loads(body)
        if b"\\u" in body:  # half a pair of surrogates is no text, and an answer that repeats it cannot be sent
            json.dumps(sent, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise bad_request("The body is no JSON.") from error
    if not isinstance(sent, dict):
        raise bad_request("The body has to be a JSON object.")
    return {**given, **sent, **request.path_params}


async def _nothing(request: Request) -> JSONResponse:
    return _failed(absent(request.url.path))


def _failed(error: Exception) -> JSONResponse:
    """An error as plug-ins read it; what is no fault of the caller's is told with a number, too."""
    if isinstance(error, DialectError):
        return JSONResponse({"error": error.message, **error.more}, status_code=error.status)
    if not isinstance(error, AntiphonError):
        LOG.error("a player's request failed", exc_info=error)
        return _of_server(HTTPStatus.INTERNAL_SERVER_ERROR, "The server has a bug, which is written to its log.", error)
    status = _status_of(error)
    # Plug-ins show it to whoever can do something about it.
    told = without_paths(" ".join(filter(None, (error.problem, error.fix))))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _of_server(status, told, error)
    return JSONResponse({"error": told}, status_code=status)


def _status_of(error: AntiphonError) -> HTTPStatus:
    """404 for what the library has not, as the dialect has it; a library that is not there yet may be asked later."""
    if isinstance(error, LibraryError) and not isinstance(error, NotReadyError):
        return HTTPStatus.NOT_FOUND
    return status_of(error)


def _of_server(status: HTTPStatus, message: str, error: Exception) -> JSONResponse:
    about = {"error_code": int(status), "error_class": type(error).__name__, "error_message": message}
    return JSONResponse({"error": message, **about}, status_code=status)
