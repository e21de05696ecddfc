"""What AudioMuse-AI answers and Antiphon does not: 404 with the reason, so that plug-ins fall back to what there is."""

from __future__ import annotations

from antiphon.search.server.players.audiomuse.asking import DialectError, not_found

REASONS = {
    "/api/sonic_fingerprint/": (
        "but for Jellyfin's users it is not told what anybody plays. Several songs together: POST /api/alchemy."
    ),
    "/api/radios": "radios are not kept here. What goes on from a song: GET /api/similar_tracks.",
    "/api/clustering": "it makes no playlists by itself: antiphon playlist WORDS --save NAME makes one.",
    "/api/dashboard": "its page, and GET /v1/status, say how far the library is.",
    "/external/": "its own addresses do that: POST /v1/search, POST /v1/embeddings.",
}
"""How an address begins → why it is not answered."""


def absent(path: str) -> DialectError:
    """The refusal of an address that is not answered here."""
    reason = next((why for beginning, why in REASONS.items() if path.startswith(beginning)), "")
    return not_found(f"Antiphon has no {path}: {reason}" if reason else f"Antiphon has no {path}.")
