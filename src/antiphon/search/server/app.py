"""The application: routes, errors in one shape, and the page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread
from fastapi import FastAPI

from antiphon._version import __version__
from antiphon.search.server.files.page import add_page
from antiphon.search.server.guard import routes as access
from antiphon.search.server.guard.chain import Guard, guarding_for
from antiphon.search.server.players.addresses import PlayerAddresses
from antiphon.search.server.players.routes import add_players
from antiphon.search.server.prefix import Prefix
from antiphon.search.server.routes import docs, jobs, lists, models, system, tracks
from antiphon.search.server.routes.errors import add_error_handlers
from antiphon.search.server.served import Served
from antiphon.search.server.settings import ServerSettings


def make_app(served: Served, settings: ServerSettings) -> FastAPI:
    """The application that answers for one library.

    Parameters
    ----------
    served : the library.
    settings : who may ask, and how much.

    Raises
    ------
    ConfigError : the settings would let strangers do everything, or nobody anything; or a token is too short.
    """
    guarding = guarding_for(settings)
    app = FastAPI(
        title="Antiphon",
        summary="Search a music library in words.",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        servers=[{"url": settings.root_path}] if settings.root_path else None,
        lifespan=_lifespan,
    )
    app.state.served, app.state.settings, app.state.guarding = served, settings, guarding
    for group in (access, system, tracks, lists, models, jobs, docs):
        app.include_router(group.router)
    add_error_handlers(app)
    add_players(app, served.root)
    add_page(app)
    app.add_middleware(Guard, settings=settings, guarding=guarding)
    app.add_middleware(PlayerAddresses)
    app.add_middleware(Prefix, prefix=settings.root_path)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """What works on the library ends with the server."""
    yield
    await to_thread.run_sync(app.state.served.close)
