"""The command ids: which track is which song of a player, so that players can be answered in their own ids."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from antiphon.cli.accounts import JELLYFIN_KEY, account_for, key_for
from antiphon.cli.output.console import JsonOption, LibraryOption, note, say, say_json, table
from antiphon.errors import ConfigError
from antiphon.library.manifest.paths.mapping import path_maps
from antiphon.library.players.importing import PlayerSongs, import_ids
from antiphon.library.players.known import PlayerIds, known_players
from antiphon.library.players.sources.jellyfin import JELLYFIN, songs_of_jellyfin
from antiphon.library.players.sources.lms import LMS, songs_of_lms
from antiphon.library.players.sources.subsonic import songs_of_server
from antiphon.library.players.sources.tables import songs_of_table
from antiphon.library.subsonic.account import is_server
from antiphon.library.subsonic.client import Subsonic
from antiphon.library.tracks import Library


def ids(
    source: str | None = None,
    /,
    *,
    player: str | None = None,
    path_map: Annotated[list[str] | None, Parameter(negative="")] = None,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """Learn a player's own ids of the tracks, so that its plug-ins can ask and be answered by them.

    Songs are matched by the player's id where an ingest knew it, else by path, MusicBrainz id, or title, artist and
    album; what could be two songs is left out and counted. Without SOURCE: the players that are known.

    Parameters
    ----------
    source
        A Subsonic server's address (https://USER@HOST; Navidrome, Ampache …), with --player jellyfin or lms that one's
        address, Navidrome's or beets' database, or a table with the columns id and path, or id, title, artist, album.
    player
        What the player is called here: navidrome, jellyfin, lms, ampache … Default: what it calls itself. Jellyfin is
        asked with ANTIPHON_JELLYFIN_API_KEY, LMS with ANTIPHON_LMS_USER and ANTIPHON_LMS_PASSWORD where it wants them.
    path_map
        PLAYER=HERE, such as /music=/mnt/nas/music: a folder as the player sees it, and where it is on this machine;
        may be given several times.
    json
        Print the report as JSON.
    library
        The library's folder.
    """
    if source is None:
        _list(known_players(Library(library)), json=json)
        return
    if not source.strip():
        raise ConfigError("SOURCE is empty: is it a variable that is not set?", fix="antiphon ids https://USER@HOST")
    maps = path_maps(path_map or ())
    report = import_ids(library, _songs(source, player or ""), player=player or "", maps=maps)
    if json:
        say_json(report.to_dict())
        return
    say(report.lines())
    note(f"Kept in {report.file}. Run it again after new music came.")


def _songs(source: str, player: str) -> PlayerSongs:
    if is_server(source) and player.casefold() == JELLYFIN:
        return songs_of_jellyfin(source, key_for("Jellyfin", JELLYFIN_KEY))
    if is_server(source) and player.casefold() == LMS:
        user, password = (os.environ.get(f"ANTIPHON_LMS_{name}", "") for name in ("USER", "PASSWORD"))
        return songs_of_lms(source, user=user, password=password)
    account = account_for([source])
    return songs_of_table(Path(source)) if account is None else songs_of_server(Subsonic(source, account))


def _list(players: Sequence[PlayerIds], *, json: bool) -> None:
    shown = [(each.player, len(each.tracks), len(each.artists), each.unmatched) for each in players]
    if json:
        say_json([dict(zip(("player", "tracks", "artists", "unmatched"), row, strict=True)) for row in shown])
        return
    if not players:
        note("No player's ids are known. Learn them: antiphon ids https://USER@HOST, or antiphon ids TABLE.csv")
        return
    table(["player", "tracks", "artists", "unmatched"], shown, right=("tracks", "artists", "unmatched"))
