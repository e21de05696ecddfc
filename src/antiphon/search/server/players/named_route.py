"""Routes that say which they are, as FastAPI's do, so that counters and logs name them."""

from __future__ import annotations

from starlette.routing import Match, Route
from starlette.types import Scope


class NamedRoute(Route):
    """A route that writes itself into the scope of its requests."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether it answers a request, and what the request's scope says of it."""
        match, child = super().matches(scope)
        return match, {**child, "route": self}
