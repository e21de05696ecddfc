"""The ids of one request: the player's own in, and the same player's out.

Which player asks is said by the address (``/players/NAME/…``) or a parameter; else it is the one that knows the first
id that is sent; else the one of whose songs most are known. Ids of the library itself are understood, too, and who asks
by them alone is answered by them.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from antiphon.errors import ConfigError
from antiphon.library.players.known import PlayerIds
from antiphon.search.server.opened.cards import UnknownTrackError
from antiphon.search.server.players.known import Known

OWN = "antiphon"
"""The name by which a caller says that it speaks the library's own ids."""


class UnknownPlayerError(ConfigError):
    """No player of that name is known."""


@dataclass
class Ids:
    """Ids of one request.

    Parameters
    ----------
    known : what is known of players.
    player : the one that asks; None while that is open.
    own : whether the library's own ids are spoken.
    left_out : tracks that were not answered, since the player does not have them.
    """

    known: Known
    player: PlayerIds | None = None
    own: bool = False
    left_out: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, known: Known, named: str = "") -> Ids:
        """The ids of a request of a named player, or of one that is still to be found out.

        Raises
        ------
        UnknownPlayerError : no player is called so.
        """
        name = named.strip().casefold()
        if not name or name == OWN:
            return cls(known, own=name == OWN or not known.players)
        found = next((each for each in known.players if each.player == name), None)
        if found is None:
            names = ", ".join(each.player for each in known.players) or "none"
            raise UnknownPlayerError(
                f"No player is known as '{named}'. Known: {names}.", fix=f"antiphon ids SOURCE --player {name}"
            )
        return cls(known, player=found)

    def those_known(self, sent: Iterable[str]) -> list[str]:
        """The tracks that ids mean; ids of none are passed over. Otherwise as :meth:`track`."""
        found = []
        for each in sent:
            with suppress(UnknownTrackError):
                found.append(self.track(each))
        return found

    def track(self, sent: str) -> str:
        """The track that an id means.

        Raises
        ------
        UnknownTrackError : none that is known.
        ConfigError : two players mean different tracks by it, and nothing says which one asks.
        """
        if self.player is not None:
            found = self.player.track(sent)
        else:
            found = None if self.own else self._of_any(sent)
            self.own = self.own or (found is None and sent in self.known)
        if found is None and sent in self.known:
            found = sent
        if found is None:
            raise UnknownTrackError(f"No track is known by the id '{sent}'.", fix=self._fix())
        return found

    def sent(self, track_id: str) -> str | None:
        """The id by which the player knows a track; None where it does not have it, which is counted."""
        if self.own:
            return track_id
        found = self.asking.id_of(track_id)
        if found is None:
            self.left_out.append(track_id)
        return found

    def sendable(self, track_ids: Iterable[str]) -> list[tuple[str, str]]:
        """(track id, the player's id) of those that it has."""
        return [(track_id, theirs) for track_id in track_ids if (theirs := self.sent(track_id)) is not None]

    @property
    def asking(self) -> PlayerIds:
        """The player that asks."""
        return self.player if self.player is not None else self.known.players[0]

    @property
    def name(self) -> str:
        """What the player that asks goes by; :data:`OWN` for who speaks the library's own ids."""
        return OWN if self.own else self.asking.player

    @property
    def knows_all(self) -> bool:
        """Whether the player has every track of the library."""
        return self.own or len(self.asking.tracks) >= len(self.known)

    def artist(self, sent: str) -> str:
        """The name of the artist that a name or an id of a player's means, as the library writes it; "" for none."""
        players = [self.player] if self.player is not None else list(self.known.players)
        for player in players:
            name = player.artist(sent)
            if name is not None and self.known.tracks_of(name):
                self.player = player
                return self.known.artist_named(name)
        return self.known.artist_named(sent)

    def artist_id(self, name: str) -> str:
        """The player's id of an artist; "" where it is not known."""
        return "" if self.own else self.asking.artist_id_of(name) or ""

    def _of_any(self, sent: str) -> str | None:
        """The track by whichever player knows the id, which then is the one that asks."""
        found = [(player, track) for player in self.known.players if (track := player.track(sent)) is not None]
        exact = [(player, track) for player, track in found if sent in player.tracks]
        found = exact or found
        if not found:
            return None
        if len({track for _, track in found}) > 1:
            names = [player.player for player, _ in found]
            raise ConfigError(
                f"The id '{sent}' is another track in each of {', '.join(names)}.",
                fix=f"Say which player asks: its server's address ends with /players/{names[0]}",
            )
        self.player = found[0][0]
        return found[0][1]

    def _fix(self) -> str:
        if self.known.players:
            return "Learn new songs of the player: antiphon ids SOURCE"
        return "Learn the player's ids first: antiphon ids SOURCE"
