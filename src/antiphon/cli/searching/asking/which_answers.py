"""Options that say which of the ranked tracks are answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from antiphon.search.answers.exclusion import excluded
from antiphon.search.answers.selection import Selection


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class WhichAnswers:
    """Which of the ranked tracks are answers.

    Parameters
    ----------
    versions
        Show every version of a song. By default versions of one song (live, remastered, with guests) and files of one
        recording are one answer, which names the others.
    per_artist
        At most so many answers of one artist. Default: any number.
    per_album
        At most so many answers of one album. Default: any number.
    exclude
        A file with ids or paths of tracks that shall not be answers, one a line; a playlist will do. Several times
        for several files.
    exclude_artist
        No answers by this artist. Several times for several artists.
    """

    versions: Annotated[bool, Parameter(negative="")] = False
    per_artist: int | None = None
    per_album: int | None = None
    exclude: Annotated[tuple[Path, ...], Parameter(negative="")] = ()
    exclude_artist: Annotated[tuple[str, ...], Parameter(negative="")] = ()

    def selection(self, library: Path) -> Selection:
        """What they mean for a library."""
        return Selection(
            root=library,
            versions=self.versions,
            per_artist=self.per_artist,
            per_album=self.per_album,
            left_out=excluded(library, self.exclude, self.exclude_artist),
        )
