"""Plug-ins of players: whose ids they speak, and how they write an address.

NV is Navidrome's plug-in, JF Jellyfin's, LY and LM the two of LMS, AP Ampache's. What they send is known from their
code of 2026; no player itself runs here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pytest
from starlette.testclient import TestClient

from tests.helpers.players.served import ArcServed, N

Ids = Callable[[int], str]
ADDRESS = "http://antiphon:8337"


def guid(n: int) -> str:
    return f"{n:08x}" + "ab" * 12


class Plugin(NamedTuple):
    """A plug-in: its player's ids, what stands between the server's address and the path, and its answers' limits."""

    player: str
    id_of: Ids
    slash: str = ""
    seconds: float = 15.0


NV = Plugin("navidrome", lambda n: f"nv{n}xKq", slash="/")
JF = Plugin("jellyfin", guid, seconds=100.0)
LY = Plugin("lms", lambda n: str(1000 + n))
LM = Plugin("lms", lambda n: str(1000 + n))
AP = Plugin("ampache", lambda n: f"so-{n}", seconds=7.0)
ALL = [pytest.param(each, id=name) for name, each in {"NV": NV, "JF": JF, "LY": LY, "LM": LM, "AP": AP}.items()]


class At(NamedTuple):
    """A plug-in at a server."""

    plugin: Plugin
    client: TestClient
    served: ArcServed

    def get(self, path: str, **params: object) -> Any:
        return self.client.get(f"{ADDRESS}{self.plugin.slash}{path}", params={k: str(v) for k, v in params.items()})

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        return self.client.post(f"{ADDRESS}{self.plugin.slash}{path}", json=body)

    def n(self, item_id: str) -> int:
        """Which track an id means: none but the player's own have a number here."""
        return [self.plugin.id_of(n) for n in range(N)].index(item_id)


all_plugins = pytest.mark.parametrize("at", ALL, indirect=True)


def only(*plugins: Plugin) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("at", plugins, indirect=True, ids=[each.player for each in plugins])
