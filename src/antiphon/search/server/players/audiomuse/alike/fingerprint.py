"""What is like the songs that somebody plays most: sonic_fingerprint.

Jellyfin's plug-in asks for it each Sunday, for every user, and makes a playlist of the answer. Which songs those are is
asked of Jellyfin itself, at the address from which its ids were learnt. No other player whose plug-in asks for a
fingerprint tells other programs what is played.
"""

from __future__ import annotations

from dataclasses import replace

from antiphon.library.players.sources.jellyfin import JELLYFIN, played_most
from antiphon.library.subsonic.account import is_server
from antiphon.search.server.callers import require_owner
from antiphon.search.server.players.audiomuse.absent import absent
from antiphon.search.server.players.audiomuse.alike.artists import of_tracks
from antiphon.search.server.players.audiomuse.asking import Asking, bad_request
from antiphon.search.server.players.audiomuse.rows import Row, row_of, rows_of
from antiphon.search.server.players.ids import Ids
from antiphon.search.server.players.likeness import distance

PLAYED = 20
"""Songs played most that stand for what somebody likes."""
PATH = "/api/sonic_fingerprint/generate"


def sonic_fingerprint(asking: Asking) -> list[Row]:
    """The songs that a user of Jellyfin's plays most, then what is most like them together; empty where none is known.

    Raises
    ------
    LibraryError : Jellyfin cannot be asked, or does not know the key or the user.
    """
    require_owner(asking.role, "ask what somebody plays")
    user, key = asking.text("jellyfin_user_identifier"), asking.text("jellyfin_token") or asking.jellyfin_key
    if not user:
        raise absent(PATH)
    asking = replace(asking, ids=Ids.of(asking.ids.known, JELLYFIN))
    source = asking.ids.asking.source
    if not is_server(source):
        raise bad_request("Jellyfin's ids were learnt from no address: antiphon ids http://HOST:8096 --player jellyfin")
    if not key:
        raise bad_request("Jellyfin wants to know who asks: start antiphon serve with ANTIPHON_JELLYFIN_API_KEY.")
    seeds = asking.ids.those_known(played_most(source, key, user, PLAYED))
    return _like(asking, seeds, asking.whole("n", 100)) if seeds else []


def _like(asking: Asking, seeds: list[str], count: int) -> list[Row]:
    heard, answer = of_tracks(asking, seeds)
    own = [
        {**row_of(asking, asking.served.track(ours), theirs), "distance": 0.0}
        for ours, theirs in asking.ids.sendable(heard)
    ]
    found = rows_of(asking, answer, count)
    return [*own, *({**row, "distance": distance(likeness)} for row, likeness, _ in found)][:count]
