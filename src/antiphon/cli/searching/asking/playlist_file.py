"""Answers as a playlist beside what is printed."""

from __future__ import annotations

from pathlib import Path

from antiphon.cli.output.console import note
from antiphon.search.hits import Hits


def write_answers(file: Path, root: str | None, hits: Hits, library: Path) -> None:
    """Write answers as a playlist, and say which of them it leaves out.

    Parameters
    ----------
    root : the folder under which a player sees the music; None for where it is, "." relative to the playlist.
    """
    from antiphon.audio.duration import stated_seconds
    from antiphon.library.tracks import Library
    from antiphon.search.playlists.m3u import left_out, m3u, placed, write_playlist

    where = placed(root, music=Library(library).sound_at("."), playlist=file)
    write_playlist(file, m3u(hits, place=where, seconds=stated_seconds))
    note([f"Playlist written to {file}.", *left_out(hits)])
