"""Tracks like a track by AudioMuse-AI's other measures: hyperbolic, and sound with lyrics ("sem grove").

There is one measure here, so that both answer what ``similar_tracks`` does, in shapes of their own. LMS's mixer asks
for the first before it falls back to ``similar_tracks``; a button of LMS's other plug-in, and a setting of those of
Navidrome and Jellyfin, ask for nothing but one of the two.
"""

from __future__ import annotations

from typing import Any

from antiphon.search.server.players.audiomuse.alike.similar import seed_of, with_distances
from antiphon.search.server.players.audiomuse.asking import Asking, bad_request, not_found, require_some
from antiphon.search.server.players.audiomuse.rows import row_of, rows_of

SIMILAR = "similar"


def hyperbolic(asking: Asking) -> dict[str, Any]:
    """Tracks most like a track, nearest first and without it."""
    mode = asking.text("mode", SIMILAR)
    if mode != SIMILAR:
        raise bad_request(f"There is one mode here: {SIMILAR}.")
    count, seed = asking.whole("limit", 20, most=100), seed_of(asking)
    answer = require_some(asking.served.similar([seed], k=asking.more_than(count)), "this track")
    results = with_distances(rows_of(asking, answer, count))
    return {"results": results, "count": len(results), "mode": mode, "seed_item_id": asking.text("item_id")}


def sem_grove(asking: Asking) -> dict[str, Any]:
    """A track, said to be the seed, and those most like it; so many with the seed."""
    count, seed = asking.whole("limit", 50, least=2, most=500) - 1, seed_of(asking)
    answer = require_some(asking.served.similar([seed], k=asking.more_than(count)), "this track")
    others = rows_of(asking, answer, count)
    theirs = asking.ids.sent(seed)
    if not others or theirs is None:
        raise not_found("The player has none of the tracks that answer.")
    card = asking.served.track(seed)
    first = {**row_of(asking, card, theirs), "similarity": 1.0, "is_seed": True}
    results = [first, *({**row, "similarity": likeness, "is_seed": False} for row, likeness, _ in others)]
    return {"results": results, "count": len(results)}
