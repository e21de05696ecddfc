"""The playlists of the small Subsonic server: made, changed, deleted, with the refusals that Navidrome has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Answer = dict[str, Any]
Lists = Mapping[str, list[str]]
SHELF = ("getPlaylists", "getPlaylist", "createPlaylist", "updatePlaylist", "deletePlaylist")
"""Songs of one address; a longer one is refused as a proxy refuses it."""


@dataclass(kw_only=True)
class Shelf:
    """Playlists, and how the server treats them.

    Parameters
    ----------
    playlists : each with id, name, owner, comment and ``songs``, its songs' ids.
    comments : whether comments are kept.
    says_id : whether a playlist that is made is told (since 1.14).
    loses : songs that are lost of each batch that is added.
    """

    playlists: list[Answer] = field(default_factory=list)
    comments: bool = True
    says_id: bool = True
    loses: int = 0

    def respond(self, method: str, given: Lists, songs: Mapping[str, Answer], user: str) -> Answer:
        """What one of the methods :data:`SHELF` answers."""
        if method == "getPlaylists":
            return {"playlists": {"playlist": [self._shown(each) for each in self.playlists]}}
        wanted = (given.get("playlistId") or given.get("id") or [""])[0]
        found = next((each for each in self.playlists if each["id"] == wanted), None)
        if found is None and (method != "createPlaylist" or wanted):
            return _refusal(70)
        if found is not None and method != "getPlaylist" and found["owner"] != user:
            return _refusal(0 if method == "createPlaylist" else 50)
        if method == "getPlaylist" and found is not None:
            return {"playlist": {**self._shown(found), "entry": [songs[each] for each in found["songs"]]}}
        if method == "updatePlaylist" and found is not None:
            return self._update(found, given)
        if method == "deletePlaylist" and found is not None:
            self.playlists.remove(found)
            return {}
        return self._create(found, given, user)

    def _create(self, found: Answer | None, given: Lists, user: str) -> Answer:
        if found is None:
            found = {"id": f"p{len(self.playlists)}", "name": given["name"][0], "owner": user}
            self.playlists.append(found)
        found["songs"] = list(given.get("songId", []))
        return {"playlist": self._shown(found)} if self.says_id else {}

    def _update(self, found: Answer, given: Lists) -> Answer:
        if self.comments and "comment" in given:
            found["comment"] = given["comment"][0]
        found["name"] = given.get("name", [found["name"]])[0]
        added = given.get("songIdToAdd", [])
        found["songs"] += added[: len(added) - self.loses]
        return {}

    def _shown(self, playlist: Answer) -> Answer:
        return {name: value for name, value in playlist.items() if name != "songs"} | {
            "songCount": len(playlist["songs"])
        }


def _refusal(code: int) -> Answer:
    return {"status": "failed", "error": {"code": code, "message": f"refused with {code}"}}
