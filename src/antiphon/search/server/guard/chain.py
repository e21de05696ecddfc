"""The guard as a whole: the middlewares in the order in which a request meets them.

Refusals come before work, cheap ones first: sizes, the server's name, who asks and how often, where they may go, from
which page, what they send. Only then does a request wait for its turn. Whoever is refused is counted, and gets the
security headers too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from starlette.middleware.cors import CORSMiddleware

from antiphon.search.server.guard.asgi import App, Receive, Scope, Send
from antiphon.search.server.guard.callers.admit import Admit
from antiphon.search.server.guard.callers.identify import Identify
from antiphon.search.server.guard.callers.listening import require_safe_listening
from antiphon.search.server.guard.callers.proxies import Proxies
from antiphon.search.server.guard.callers.session import Sessions
from antiphon.search.server.guard.callers.tokens import Tokens
from antiphon.search.server.guard.failures import Failures
from antiphon.search.server.guard.headers import SecurityHeaders
from antiphon.search.server.guard.hosts import Hosts
from antiphon.search.server.guard.limits.body import Bodies
from antiphon.search.server.guard.limits.crowd import Crowd
from antiphon.search.server.guard.limits.patience import Patience
from antiphon.search.server.guard.limits.rates import Rates
from antiphon.search.server.guard.limits.sizes import Sizes
from antiphon.search.server.guard.origins import Origins
from antiphon.search.server.guard.seen.counters import Counters
from antiphon.search.server.guard.seen.observe import Observe
from antiphon.search.server.settings import ServerSettings


@dataclass(frozen=True, kw_only=True)
class Guarding:
    """What the guard and its own routes share.

    Parameters
    ----------
    tokens : the server's; their hashes alone.
    sessions : of its page.
    counters : of its requests.
    """

    tokens: Tokens
    sessions: Sessions
    counters: Counters = field(default_factory=Counters)


def guarding_for(settings: ServerSettings) -> Guarding:
    """What a server of these settings is guarded with.

    Raises
    ------
    ConfigError : a token is too short; or strangers would be owners, or nobody could ask.
    """
    proxied = bool(settings.proxies or settings.root_path or settings.allowed_hosts)
    require_safe_listening(settings.host, tokens=settings.tokens, guests=settings.guests, proxied=proxied)
    tokens = Tokens(settings.tokens)
    return Guarding(tokens=tokens, sessions=Sessions(tokens))


class Guard:
    """All middlewares as one, for ``app.add_middleware(Guard, settings=…, guarding=…)``."""

    def __init__(self, app: App, *, settings: ServerSettings, guarding: Guarding) -> None:
        self._app = guarded(app, settings, guarding)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._app(scope, receive, send)


def guarded(app: App, settings: ServerSettings, guarding: Guarding) -> App:
    """An application behind the guard; the last line is what a request meets first.

    Raises
    ------
    ConfigError : a named proxy is no address.
    """
    limits = settings.limits
    app = Crowd(app, places=limits.concurrency)
    app = Bodies(app, most=limits.max_body)
    app = Origins(app, told=settings.allowed_origins)
    app = Admit(app, guests_hear=settings.guests_hear)
    app = Rates(app, rate=limits.rate)
    app = Identify(
        app, tokens=guarding.tokens, sessions=guarding.sessions, listens=settings.host, guests=settings.guests
    )
    if settings.allowed_origins:
        app = _readable(app, settings.allowed_origins)
    app = Hosts(app, listens=settings.host, told=settings.allowed_hosts)
    app = Proxies(app, named=settings.proxies)
    app = Failures(Sizes(app))
    app = Patience(SecurityHeaders(app))
    return Observe(app, counters=guarding.counters)


def _readable(app: App, origins: Sequence[str]) -> App:
    """Let pages of other origins read answers, by token and never by session (CORS)."""
    return CORSMiddleware(
        app,
        allow_origins=[origin.rstrip("/").lower() for origin in origins],
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "Range"],
        expose_headers=["Retry-After"],
        allow_credentials=False,
    )
