"""A playlist as it is answered: tracks in the order in which they are played, with their lengths."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from antiphon.frames import frame_of_rows
from antiphon.library.manifest.paths.mapping import PathMap
from antiphon.search.hits import Hit, Hits, clock
from antiphon.search.playlists.m3u import left_out, m3u, placed, unmapped, write_playlist

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class Playlist:
    """Tracks to be played one after another.

    Parameters
    ----------
    name : what it is called.
    hits : in the order in which they are played. Their scores: on a path how well each fits its place there, else how
        well it answers.
    lengths : of each, seconds; None for unknown.
    seconds : all together, where unknown ones count as the others' median.
    remarks : what is to be said beside it, a sentence each.
    """

    name: str
    hits: Hits
    lengths: tuple[float | None, ...]
    seconds: float
    remarks: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.hits)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    @property
    def minutes(self) -> float:
        """All together."""
        return self.seconds / 60

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of ``antiphon playlist --json``."""
        return {
            "antiphon_playlist": FORMAT,
            "name": self.name,
            "minutes": round(self.minutes, 2),
            "tracks": [
                {**hit.to_dict(), "seconds": None if seconds is None else round(seconds, 3)}
                for hit, seconds in zip(self.hits, self.lengths, strict=True)
            ],
            "remarks": list(self.remarks),
        }

    def to_frame(self) -> pd.DataFrame:
        """One row a track, indexed by rank; needs pandas."""
        return frame_of_rows(self.to_dict()["tracks"], index=["rank"])

    def to_m3u(self, place: Callable[[str], str] = str) -> str:
        """An extended M3U playlist; ``place`` as for :func:`antiphon.search.playlists.m3u.m3u`."""
        known = {hit.path: seconds for hit, seconds in zip(self.hits, self.lengths, strict=True)}
        return m3u(self.hits, place=place, seconds=known.get, name=self.name)

    def write(
        self, path: Path | str, *, relative: bool = False, path_map: Mapping[str, str] | None = None
    ) -> list[str]:
        """Write it, as JSON where the file is called so, else as M3U in UTF-8; what is to be said of it.

        Parameters
        ----------
        relative : name files relative to the playlist.
        path_map : a folder as the player sees it → where it is on this machine.

        Raises
        ------
        ConfigError : the file exists and is no playlist, or paths are to be both relative and mapped.
        """
        path = Path(path)
        maps = [PathMap(written=player, here=Path(here)) for player, here in (path_map or {}).items()]
        place = placed(path, relative=relative, maps=maps)
        remarks = unmapped([hit.path for hit in self.hits], maps)
        if path.suffix.casefold() != ".json":
            write_playlist(path, self.to_m3u(place))
            return [*left_out(self.hits), *remarks]
        data = self.to_dict()
        for track in data["tracks"]:
            track["path"] = place(track["path"]) if track["path"] else ""
        write_playlist(path, json.dumps(data, indent=2, ensure_ascii=False) + "\n")
        return remarks

    def __str__(self) -> str:
        rows = zip(self.hits, self.lengths, strict=True)
        lines = [f"{hit}  {'' if seconds is None else clock(seconds)}".rstrip() for hit, seconds in rows]
        return "\n".join([f"{self.name} ({clock(self.seconds)})", *lines])
