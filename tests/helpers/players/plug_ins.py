"""Plug-ins of players: whose ids they speak, and how they write an address.

NV is Navidrome's plug-in, JF Jellyfin's, LY and LM the two of LMS, AP Ampache's. What they send is known from their
code of 2026; no player itself runs here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pytest
from starlette.testclient import TestClient

from tests.helpers.players.served import ArcServed, N

Ids = Callable[[int], str]
ADDRESS = "http://antiphon:8337"


def guid(n: int) -> str:
    return f"{n:08x}" + "ab" * 12


def _body_of_success(answer: Any) -> Any:
    """Navidrome's and Jellyfin's go by the status, and read no more of a failure."""
    return answer.json() if answer.is_success else None


def _body_without_error(answer: Any) -> Any:
    """Ampache's and those of LMS read the body whatever the status: an object with an error is none, at 200 too."""
    found = answer.json()
    return None if isinstance(found, dict) and found.get("error") else found


class Plugin(NamedTuple):
    """A plug-in: its player's ids, what stands between the server's address and the path, and its answers' limits.

    ``reads`` gives what it makes of an answer, None for a failure; after ``seconds`` it reads none any more.
    """

    player: str
    id_of: Ids
    reads: Callable[[Any], Any]
    slash: str = ""
    seconds: float = 60.0


NV = Plugin("navidrome", lambda n: f"nv{n}xKq", _body_of_success, slash="/")
JF = Plugin("jellyfin", guid, _body_of_success, seconds=100.0)
LY = Plugin("lms", lambda n: str(1000 + n), _body_without_error)
LM = Plugin("lms", lambda n: str(1000 + n), _body_without_error)
AP = Plugin("ampache", lambda n: f"so-{n}", _body_without_error, seconds=7.0)
STATUS_SECONDS = 15.0
"""What those of LMS wait for an answer about the server itself."""
ALL = [pytest.param(each, id=name) for name, each in {"NV": NV, "JF": JF, "LY": LY, "LM": LM, "AP": AP}.items()]


class At(NamedTuple):
    """A plug-in at a server."""

    plugin: Plugin
    client: TestClient
    served: ArcServed

    def get(self, path: str, **params: object) -> Any:
        return self._in_time("GET", path, params={k: str(v) for k, v in params.items()})

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._in_time("POST", path, json=body)

    def read(self, answer: Any) -> Any:
        """What the plug-in makes of an answer; None for a failure."""
        return self.plugin.reads(answer)

    def n(self, item_id: str) -> int:
        """Which track an id means: none but the player's own have a number here."""
        return [self.plugin.id_of(n) for n in range(N)].index(item_id)

    def _in_time(self, method: str, path: str, **sent: Any) -> Any:
        started = time.process_time()  # and not of a clock: the machine may be busy with something else
        answer = self.client.request(method, f"{ADDRESS}{self.plugin.slash}{path}", **sent)
        about_the_server = path in ("/api/health", "/api/active_tasks", "/api/last_task")
        assert time.process_time() - started < min(self.plugin.seconds, STATUS_SECONDS if about_the_server else 60)
        return answer


all_plugins = pytest.mark.parametrize("at", ALL, indirect=True)


def only(*plugins: Plugin) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("at", plugins, indirect=True, ids=[each.player for each in plugins])
