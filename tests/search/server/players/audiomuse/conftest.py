"""A plug-in at a server that knows its player's ids."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from antiphon.library.players.table import IdTable, save_ids
from tests.helpers.players.plug_ins import At, Plugin
from tests.helpers.players.served import ArcServed, N, arc_library, plug_in, track_id


@pytest.fixture
def at(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[At]:
    plugin: Plugin = request.param
    library = arc_library(tmp_path / "lib")
    artists = {f"ar{n}": f"Artist {n}" for n in range(N // 4)}
    tracks = {plugin.id_of(n): track_id(n) for n in range(N)}
    save_ids(library.root, IdTable(player=plugin.player, tracks=tracks, artists=artists))
    served = ArcServed(library)
    with plug_in(served) as client:
        yield At(plugin, client, served)
