"""Addresses as plug-ins write them."""

from __future__ import annotations

import pytest

from antiphon.search.server.players.addresses import plain_address


@pytest.mark.parametrize(
    ("written", "path", "player"),
    [
        ("/api/health", "/api/health", ""),
        ("//api/health", "/api/health", ""),
        ("/api//clap/search/", "/api/clap/search", ""),
        ("//chat/api/chatPlaylist", "/chat/api/chatPlaylist", ""),
        ("//rest/ping.view", "/rest/ping.view", ""),
        ("//external//search/", "/external/search", ""),
        ("/players/lms/api/health", "/api/health", "lms"),
        ("/players/lms//rest/ping", "/rest/ping", "lms"),
        ("/players/lms", "/", "lms"),
        ("/players/lms/", "/", "lms"),
        ("/players/lms/v1/search", "/players/lms/v1/search", ""),
        ("/v1/tracks/a//b/", "/v1/tracks/a//b/", ""),
        ("//v1/search", "//v1/search", ""),
        ("/apiary", "/apiary", ""),
        ("/", "/", ""),
    ],
)
def test_only_what_players_ask_is_written_anew(written: str, path: str, player: str) -> None:
    assert plain_address(written) == (path, player)
