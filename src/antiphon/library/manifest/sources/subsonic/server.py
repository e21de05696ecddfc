"""A Subsonic server's tracks as a table: with their files where those are here, else with their addresses."""

from __future__ import annotations

from pathlib import Path

from antiphon.errors import ConfigError, ManifestError
from antiphon.library.manifest.columns.options import ManifestOptions
from antiphon.library.manifest.paths.mapping import is_absolute, shared_folder
from antiphon.library.manifest.sources.subsonic.files import LocalFiles
from antiphon.library.manifest.sources.subsonic.songs import fields_of, is_track
from antiphon.library.manifest.sources.tables import MEANT, Item, music_folder, source_table
from antiphon.library.manifest.table import Table
from antiphon.library.subsonic.account import song_address
from antiphon.library.subsonic.client import Song, Subsonic
from antiphon.printed import counted

NAVIDROME = "navidrome"
REPORT = (
    "Navidrome makes paths up unless it is told otherwise: in its settings, under Players, switch on 'Report Real "
    "Path' for 'antiphon', and run this again."
)


def read_server(address: str, options: ManifestOptions) -> Table:
    """One row for each track of a server; its ``audio`` is the file that is here, else the track's address there.

    Its id is the file's path, else the server's id: a server that moves to another host keeps its tracks.

    Raises
    ------
    ConfigError : the address is none, or nobody says who asks.
    LibraryError : the server cannot be reached, refuses, or is none.
    ManifestError : it has no tracks; or files are looked for, and none is here.
    """
    if options.account is None:
        raise ConfigError(
            f"{address} wants a user and a password.",
            fix="Set ANTIPHON_SUBSONIC_USER and ANTIPHON_SUBSONIC_PASSWORD.",
        )
    server = Subsonic(address, options.account)
    server.ping()
    songs = [song for song in server.songs() if is_track(song)]
    folder = music_folder("", options, Path.cwd())
    wanted = bool(options.audio_folders or options.path_maps)
    files = LocalFiles(options.audio_folders or ([folder.here] if wanted else []), options.path_maps)
    paths = ["" if options.no_audio else files.find(song) for song in songs]
    if wanted and songs and not any(paths) and not options.no_audio:
        raise _none_found(server, songs, options)
    player = NAVIDROME if server.kind == NAVIDROME else "subsonic"
    all_here = all(paths)  # then ids are paths alone, and files that move are known again
    items: list[tuple[int, Item]] = []
    for number, (song, path) in enumerate(zip(songs, paths, strict=True), 1):
        audio = path or song_address(server.server, song["id"])
        track_id = folder.path_of(path) if path else f"{player}:{song['id']}"
        named = {} if all_here else {"id": track_id}
        items.append((number, {**fields_of(song, f"{player}_id"), **named, "audio": audio}))
    name = server.server.partition("://")[2].replace("/", "_")
    return source_table(Path(name), items, folder, [], _notes(server, songs, paths, files), meant=MEANT | {"id"})


def _notes(server: Subsonic, songs: list[Song], paths: list[str], files: LocalFiles) -> list[str]:
    notes = []
    said, absent = server.count(), paths.count("")
    if said is not None and said > len(songs):
        notes.append(f"The server says that it has {counted(said, 'track')}; it listed {len(songs):,}.")
    if server.nameless:
        notes.append(
            f"{counted(server.nameless, 'entry', 'entries')} of the server's lists without a usable id left out."
        )
    if any(paths):
        notes.append(f"Files of {len(songs) - absent:,} of {counted(len(songs), 'track')} are here: {files.told()}.")
    if absent:
        notes.append(
            f"No file was found here of {counted(absent, 'track')}. To read their sound from the server: "
            f"ANTIPHON_SUBSONIC_SERVER={server.server} antiphon embed --storage subsonic+{server.server.split(':')[0]}"
        )
        if server.kind == NAVIDROME and not _has_real_paths(songs):
            notes.append(REPORT)
    return notes


def _none_found(server: Subsonic, songs: list[Song], options: ManifestOptions) -> ManifestError:
    told = f"None of the {len(songs)} tracks of {server.server} has a file that was found here."
    looked = [str(folder) for folder in options.audio_folders] or [str(one.here) for one in options.path_maps]
    where = f"They are not in {', '.join(looked)}, neither by path nor by size and title."
    more = f" {REPORT}" if server.kind == NAVIDROME else ""
    if _has_real_paths(songs):
        seen = shared_folder(str(song.get("path") or "") for song in songs) or "/music"
        more = f" The server sees them in {seen}: --path-map {seen}=FOLDER says where that folder is here."
    return ManifestError(told, fix=f"{where}{more}")


def _has_real_paths(songs: list[Song]) -> bool:
    return any(is_absolute(str(song.get("path") or "")) for song in songs)
