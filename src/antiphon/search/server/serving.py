"""Listening: one process, until a signal ends it and what is in flight is done."""

from __future__ import annotations

import errno
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from antiphon.errors import ConfigError
from antiphon.search.server.guard.connections import uvicorn_options
from antiphon.search.server.jobs.queue import Jobs
from antiphon.search.server.settings import ServerSettings

BACKLOG = 2048
"""Connections that may wait to be accepted."""
GRACE_S = 20
"""How long requests in flight may take once the server is told to end."""


def serve(app: FastAPI, settings: ServerSettings, *, on_listening: Callable[[str], None]) -> None:
    """Answer until SIGTERM or SIGINT.

    Parameters
    ----------
    on_listening : told the address once requests are accepted.

    Raises
    ------
    ConfigError : the address cannot be listened at; the message says why.
    """
    listener = listen(settings)
    config = uvicorn.Config(
        app,
        log_level="warning",
        timeout_graceful_shutdown=GRACE_S,
        lifespan="on",
        **uvicorn_options(),
    )
    server = _Server(config, app.state.served.jobs)
    with listener, _ended_by_signals(server):
        on_listening(address(listener, settings))
        server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """Work on the library is told to stop when the server is: it takes its time beside the requests in flight."""

    def __init__(self, config: uvicorn.Config, jobs: Jobs | None) -> None:
        super().__init__(config)
        self._jobs = jobs

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End."""
        if self._jobs is not None:
            self._jobs.stop()
        await super().shutdown(sockets)


@contextmanager
def _ended_by_signals(server: uvicorn.Server) -> Iterator[None]:
    """SIGTERM and SIGINT end the server and nothing else: uvicorn heeds them, and passes them on when it has ended.

    One that comes before uvicorn heeds them is not lost: the server ends as soon as it has started.
    """

    def end(*_: object) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def listen(settings: ServerSettings) -> socket.socket:
    """A socket that listens; errors as :func:`serve`."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
        listener.listen(BACKLOG)  # so that whoever is told the address is not refused while the server starts
    except OSError as error:
        listener.close()
        raise _unusable(settings, error) from error
    return listener


def address(listener: socket.socket, settings: ServerSettings) -> str:
    """Where a browser on this machine finds a server."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # nosec B104 # shown, not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{settings.root_path}/"


def _unusable(settings: ServerSettings, error: OSError) -> ConfigError:
    where = f"{settings.host} port {settings.port}"
    if error.errno == errno.EADDRINUSE:
        return ConfigError(
            f"{where} is in use by another program, perhaps by another antiphon serve.",
            fix=f"Stop it, or take another port: --port {settings.port + 1}",
        )
    if error.errno == errno.EACCES:
        return ConfigError(f"This user may not listen at {where}.", fix="Take a port from 1024 on: --port 8337")
    return ConfigError(f"Nothing can listen at {where}: {error.strerror or error}.", fix="--host 127.0.0.1")
