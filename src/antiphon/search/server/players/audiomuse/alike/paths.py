"""A path from one track to another: find_path."""

from __future__ import annotations

from typing import Any

from antiphon.search.server.players.audiomuse.asking import Asking, bad_request, not_found, require_some
from antiphon.search.server.players.audiomuse.rows import rows_of
from antiphon.search.server.players.likeness import distance

STEPS = 25
AUDIO = "audio"


def find_path(asking: Asking) -> dict[str, Any]:
    """Tracks from one to another, each much like those beside it.

    ``path_fix_size`` and ``mood_pct`` choose between AudioMuse-AI's own ways of finding one; there is one here.
    """
    if asking.text("path_space", AUDIO) != AUDIO:
        raise bad_request("There is one path_space here: audio.")
    start, end = _stop(asking, "start"), _stop(asking, "end")
    if start == end:
        raise bad_request("A path has to end with another track than it starts with.")
    steps = asking.whole("max_steps", asking.whole("count", STEPS, least=2), least=2)
    found = rows_of(asking, require_some(asking.served.path(start, end, k=steps), "this path"), steps)
    if not found:
        raise not_found("The player has none of the tracks of the path.")
    return {"path": [row for row, _, _ in found], "total_distance": distance(found[-1][1])}


def _stop(asking: Asking, side: str) -> str:
    """The track at one end: by its id, or the one that fits a mood best."""
    sent, mood = asking.text(f"{side}_song_id"), asking.text(f"{side}_mood")
    if sent:
        return asking.ids.track(sent)
    if not mood:
        raise bad_request(f"Which track? Send {side}_song_id or {side}_mood.")
    return require_some(asking.served.search(mood, k=1), mood).hits[0].track_id
