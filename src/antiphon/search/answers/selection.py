"""What may stand among the answers: one a song, so many of an artist and an album, none that is ruled out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from antiphon.errors import ConfigError
from antiphon.library.leakage.artists import known_artist
from antiphon.search.answers.duplicates import recordings
from antiphon.search.answers.titles import song_of
from antiphon.search.hits import Hit, Hits, Version
from antiphon.texts import normalised_text

if TYPE_CHECKING:
    from antiphon.library.tracks import Library

MORE = 10
"""Ranked tracks that are looked at beside twice as many as are answered, at first."""
AGAIN = 4
"""How many times as many are looked at where those were too few."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which of the ranked tracks of one library are answers.

    Parameters
    ----------
    root : the library.
    versions : whether every version of a song is an answer of its own.
    per_artist, per_album : at most so many of one; None for any number. Tracks whose artist or album is not known
        count as of different ones; an album is one of one artist.
    left_out : ids of tracks that are no answers.
    library : the library where it is open already; None to read it when it is needed.

    Raises
    ------
    ConfigError : a limit is below 1.
    """

    root: Path
    versions: bool = False
    per_artist: int | None = None
    per_album: int | None = None
    left_out: frozenset[str] = frozenset()
    library: Library | None = None

    def __post_init__(self) -> None:
        for name, limit in (("artist", self.per_artist), ("album", self.per_album)):
            if limit is not None and limit < 1:
                raise ConfigError(
                    f"{limit} answers of one {name} are no answers.",
                    fix=f"--per-{name} 1 (in Python per_{name}=1), or leave it out for no limit.",
                )

    def of(self, ask: Callable[[int], Hits], k: int) -> Hits:
        """The k best answers, ranks counted anew; each names the versions of it that would have stood beside it.

        Parameters
        ----------
        ask : how many → so many ranked tracks, or all there are.
        """
        if self._takes_all:
            return ask(k)
        asked = 2 * k + MORE
        while True:
            found = ask(asked)
            answers = self.among(found)
            if len(answers) >= k or len(found) < asked:
                return Hits(answers[:k])
            asked *= AGAIN

    def among(self, hits: Hits) -> Hits:
        """All answers among ranked tracks, best first."""
        kept = [hit for hit in hits if hit.track_id not in self.left_out]
        songs = [[hit] for hit in kept] if self.versions else self._songs(kept)
        of_artist: Counter[str] = Counter()
        of_album: Counter[str] = Counter()
        answers: list[Hit] = []
        for best, *others in songs:
            artist, album = known_artist(best.artist), self._album(best)
            if self._full(of_artist, artist, self.per_artist) or self._full(of_album, album, self.per_album):
                continue
            of_artist[artist] += 1
            of_album[album] += 1
            answers.append(replace(best, rank=len(answers) + 1, versions=tuple(map(Version.of, others))))
        return Hits(answers)

    def opened(self) -> Library:
        """The library that answers; where it was not open, as it is on disk now."""
        from antiphon.library.tracks import Library  # loads pyarrow

        return self.library or Library(self.root)

    @staticmethod
    def _full(seen: Counter[str], name: str, limit: int | None) -> bool:
        return bool(name) and limit is not None and seen[name] >= limit

    @property
    def _takes_all(self) -> bool:
        return self.versions and self.per_artist is None and self.per_album is None and not self.left_out

    def _songs(self, hits: list[Hit]) -> list[list[Hit]]:
        """Ranked tracks that are one song, together, where the best of them stands."""
        place_of: dict[str, int] = {}
        songs: list[list[Hit]] = []
        for hit in hits:
            marks = list(self._marks(hit))
            place = next((place_of[mark] for mark in marks if mark in place_of), len(songs))
            if place == len(songs):
                songs.append([])
            songs[place].append(hit)
            place_of.update((mark, place) for mark in marks if mark not in place_of)
        return songs

    def _marks(self, hit: Hit) -> Iterator[str]:
        """What a track shares with other versions: its recording, and its song."""
        yield f"recording\n{self._recordings.get(hit.track_id, hit.track_id)}"
        song = song_of(hit.title, hit.artist)
        if song:
            yield f"song\n{song}"

    @cached_property
    def _recordings(self) -> Mapping[str, str]:
        return recordings(self.root)

    def _album(self, hit: Hit) -> str:
        if self.per_album is None:
            return ""
        album = normalised_text(self._albums.get(hit.track_id, ""))
        return album and f"{known_artist(hit.artist)}\n{album}"

    @cached_property
    def _albums(self) -> dict[str, str]:
        library = self.opened()
        return dict(zip(library.column("track_id"), library.column("album"), strict=True))
