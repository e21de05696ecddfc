"""What a person needs to judge a candidate: names, captions and where the sound is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from antiphon.evaluate.review.candidates import Candidate
from antiphon.library.addresses import is_address, split_part
from antiphon.library.tracks import Library


@dataclass(frozen=True, kw_only=True)
class ShownTrack:
    """A track as it is shown.

    Parameters
    ----------
    name : artist and title where they are known, else the id.
    captions : its own, people's first.
    sound : absolute path or address, with the part of it (``…#t=30,40``); "" where the library knows none.
    """

    track_id: str
    name: str
    captions: tuple[str, ...]
    sound: str

    @property
    def file(self) -> Path | None:
        """The file on this machine, as far as it is there."""
        path = split_part(self.sound)[0]
        return Path(path) if path and not is_address(path) and Path(path).is_file() else None

    @property
    def fragment(self) -> str:
        """Which part of the file it is, as browsers understand it: ``#t=30,40``, or "" for the whole."""
        return self.sound[len(split_part(self.sound)[0]) :]


class Shelf:
    """Tracks of a library as they are shown.

    Parameters
    ----------
    library : read once.
    """

    def __init__(self, library: Library) -> None:
        self._library = library

    @cached_property
    def _captions(self) -> dict[str, list[tuple[bool, str]]]:
        found: dict[str, list[tuple[bool, str]]] = {}
        columns = (self._library.caption_column(name) for name in ("track_id", "text", "kind"))
        for track_id, text, kind in zip(*columns, strict=True):
            found.setdefault(track_id, []).append((kind != "human", text))
        return found

    def track(self, track_id: str) -> ShownTrack:
        """One track; LibraryError where there is none of this id."""
        track = self._library.track(track_id)
        named = " – ".join(part for part in (track.artist, track.title) if part)
        said = sorted(self._captions.get(track_id, ()), key=lambda each: each[0])
        return ShownTrack(
            track_id=track_id,
            name=named or track_id,
            captions=tuple(dict.fromkeys(text for _, text in said)),
            sound=self._library.sound_at(track.path),
        )

    def described(self, candidate: Candidate) -> dict[str, Any]:
        """A candidate with both of its tracks, as plain values."""
        found, meant = self.track(candidate.track_id), self.track(candidate.written_for)
        return {**candidate.to_dict(), "found": _plain(found), "meant": _plain(meant)}


def _plain(track: ShownTrack) -> dict[str, Any]:
    return {"track_id": track.track_id, "name": track.name, "captions": list(track.captions), "path": track.sound}
