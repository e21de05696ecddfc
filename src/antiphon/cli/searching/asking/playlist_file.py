"""Answers as a playlist beside what is printed."""

from __future__ import annotations

from antiphon.cli.output.console import note
from antiphon.cli.searching.asking.options import SearchOptions
from antiphon.search.hits import Hits


def write_answers(options: SearchOptions, hits: Hits) -> None:
    """Write answers as a playlist where one is asked for, and say which of them it leaves out."""
    if options.m3u_file is None:
        return
    from antiphon.audio.duration import stated_seconds
    from antiphon.library.manifest.paths.mapping import path_maps
    from antiphon.search.playlists.m3u import left_out, m3u, placed, unmapped, write_playlist

    maps = path_maps(options.path_map)
    where = placed(options.m3u_file, relative=options.relative, maps=maps)
    write_playlist(options.m3u_file, m3u(hits, place=where, seconds=stated_seconds))
    note([f"Playlist written to {options.m3u_file}.", *left_out(hits), *unmapped([hit.path for hit in hits], maps)])
