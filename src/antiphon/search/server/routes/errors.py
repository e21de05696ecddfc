"""Errors as clients get them: ``{"error": {"message", "fix", "type"}}`` with a fitting status, never a traceback."""

from __future__ import annotations

import errno
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from antiphon.errors import (
    AntiphonError,
    ArgumentError,
    AudioError,
    CheckpointError,
    ConfigError,
    EmbeddingError,
    EncoderError,
    LibraryError,
    ManifestError,
    reason,
)
from antiphon.search.server.callers import GUEST, NotAllowedError, role_of
from antiphon.search.server.guard.words import without_paths
from antiphon.search.server.jobs.queue import UnknownJobError
from antiphon.search.server.keeping import NotPushedError
from antiphon.search.server.opened.cards import UnknownTrackError
from antiphon.search.server.opened.current import NotReadyError
from antiphon.texts import as_utf8

LOG = logging.getLogger(__name__)
STATUSES: tuple[tuple[type[AntiphonError], HTTPStatus], ...] = (
    (NotAllowedError, HTTPStatus.FORBIDDEN),
    (UnknownTrackError, HTTPStatus.NOT_FOUND),
    (UnknownJobError, HTTPStatus.NOT_FOUND),
    (NotReadyError, HTTPStatus.SERVICE_UNAVAILABLE),
    (NotPushedError, HTTPStatus.BAD_GATEWAY),
    (AudioError, HTTPStatus.NOT_FOUND),
    (ConfigError, HTTPStatus.BAD_REQUEST),
    (ArgumentError, HTTPStatus.BAD_REQUEST),
    (ManifestError, HTTPStatus.BAD_REQUEST),
    (LibraryError, HTTPStatus.BAD_REQUEST),
    (EmbeddingError, HTTPStatus.CONFLICT),
    (CheckpointError, HTTPStatus.SERVICE_UNAVAILABLE),
    (EncoderError, HTTPStatus.SERVICE_UNAVAILABLE),
)
"""The first that an error is one of decides."""
NOT_WRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM}


def error_response(
    status: int, message: str, *, fix: str | None = None, kind: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """An error as clients get it."""
    said = {"message": as_utf8(message), "fix": fix and as_utf8(fix), "type": kind}
    return JSONResponse({"error": said}, status_code=status, headers=headers)


def status_of(error: AntiphonError) -> HTTPStatus:
    """The status that an error of Antiphon is answered with."""
    return next((status for kind, status in STATUSES if isinstance(error, kind)), HTTPStatus.BAD_REQUEST)


def add_error_handlers(app: FastAPI) -> None:
    """Let every error of an app come out in the one shape."""
    app.add_exception_handler(AntiphonError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(OSError, _of_system)
    app.add_exception_handler(Exception, _bug)


async def _ours(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AntiphonError)
    guest = role_of(request.scope) == GUEST
    told = without_paths(error.problem) if guest else error.problem
    fix = without_paths(error.fix) if guest and error.fix else error.fix
    return error_response(status_of(error), told, fix=fix, kind=type(error).__name__)


async def _of_system(request: Request, error: Exception) -> JSONResponse:
    """What somebody keeps cannot be written: a full disk, or a library that may only be read. Others are bugs."""
    assert isinstance(error, OSError)
    if error.errno not in NOT_WRITABLE:
        return await _bug(request, error)
    told = f"{reason(error)}."
    told = without_paths(told) if role_of(request.scope) == GUEST else told
    fix = "Make room on the disk, and the library's folder writable."
    return error_response(HTTPStatus.INSUFFICIENT_STORAGE, told, fix=fix, kind="LibraryError")


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return error_response(HTTPStatus.UNPROCESSABLE_ENTITY, _sentence(error.errors()), kind="ValidationError")


def _sentence(problems: Any) -> str:
    """What is wrong with a request: where, and what; values are not repeated."""
    told = []
    for problem in problems:
        where = ".".join(map(str, problem["loc"][1:]))
        told.append(f"{where}: {problem['msg']}" if where else str(problem["msg"]))
    return "; ".join(told)


async def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    allowed = (error.headers or {}).get("Allow")
    fix = f"This address answers {allowed}." if allowed else None
    kind = HTTPStatus(error.status_code).phrase
    return error_response(error.status_code, str(error.detail), fix=fix, kind=kind, headers=error.headers)


async def _bug(request: Request, error: Exception) -> JSONResponse:
    LOG.error("%s %s failed", request.method, request.url.path, exc_info=error)
    message = "The server has a bug, which is written to its log."
    return error_response(HTTPStatus.INTERNAL_SERVER_ERROR, message, kind="InternalError")
