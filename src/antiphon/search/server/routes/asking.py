"""What every route asks of its request: the library, and who asks."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from antiphon.errors import ConfigError
from antiphon.search.server.callers import Role, require_owner, role_of
from antiphon.search.server.served import Served
from antiphon.search.server.settings import ServerSettings


def _served(request: Request) -> Served:
    served: Served = request.app.state.served
    return served


def _settings(request: Request) -> ServerSettings:
    settings: ServerSettings = request.app.state.settings
    return settings


def _role(request: Request) -> Role:
    return role_of(request.scope)


def _owner(request: Request) -> Role:
    role = role_of(request.scope)
    require_owner(role, "ask for this")
    return role


def require_within(settings: ServerSettings, *, k: int = 1, words: str | None = None) -> None:
    """Refuse what is more than this server answers; the shapes of requests have bounds of their own.

    Raises
    ------
    ConfigError : too many answers are asked for, or with too many letters.
    """
    limits = settings.limits
    if k > limits.max_k:
        raise ConfigError(f"{k} answers are asked for; this server gives {limits.max_k} at most.", fix="Ask for fewer.")
    if words is not None and len(words) > limits.max_query:
        raise ConfigError(f"The question has {len(words)} characters; it may have {limits.max_query}.")


TheLibrary = Annotated[Served, Depends(_served)]
TheSettings = Annotated[ServerSettings, Depends(_settings)]
Caller = Annotated[Role, Depends(_role)]
OwnerOnly = Annotated[Role, Depends(_owner)]
