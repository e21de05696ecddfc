"""Excerpts of tracks, small enough to stand inside a page: seconds from the middle, mono MP3, within a budget."""

from __future__ import annotations

import base64
import io

import av
import numpy as np
from numpy.typing import NDArray

from antiphon.audio.decode import stream
from antiphon.errors import AudioError
from antiphon.library.addresses import is_address, split_part
from antiphon.library.tracks import Library

SECONDS = 8.0
RATE = 24_000
"""Hz."""
BITS_PER_SECOND = 40_000
FADE_S = 0.05
BUDGET_MB = 3.0
"""Of all excerpts of a page."""


class Excerpts:
    """Excerpts of a library's tracks as data URIs, each made once, as many as the budget has room for.

    Parameters
    ----------
    library : whose sound files are read.
    megabytes : room for all of them, as they stand in the page; 0 for none.
    """

    def __init__(self, library: Library, megabytes: float = BUDGET_MB) -> None:
        self._library, self._room = library, int(megabytes * 1e6)
        self._made: dict[str, str] = {}
        self.wanted = megabytes > 0
        self.unreadable = 0
        self.no_room = 0

    def of(self, track_id: str) -> str:
        """``data:audio/mpeg;base64,…``; "" where there is no room, or no sound that can be read here."""
        if track_id not in self._made:
            self._made[track_id] = self._make(track_id) if self.wanted else ""
        return self._made[track_id]

    def _make(self, track_id: str) -> str:
        place = self._library.sound_at(self._library.track(track_id).path)
        if not place or is_address(place):  # nothing is fetched for a report
            self.unreadable += 1
            return ""
        try:
            uri = f"data:audio/mpeg;base64,{base64.b64encode(mp3(excerpt(place))).decode('ascii')}"
        except (AudioError, OSError, ValueError):
            self.unreadable += 1
            return ""
        if len(uri) > self._room:
            self.no_room += 1
            return ""
        self._room -= len(uri)
        return uri

    def says(self) -> str:
        """How many there are, and why others are missing."""
        made = [uri for uri in self._made.values() if uri]
        if not self.wanted:
            return "No sound is embedded, as was asked for."
        if not self._made:
            return "There is no sound here, as no track is shown."
        many = "One excerpt" if len(made) == 1 else f"{len(made)} excerpts"
        verb, size = "is" if len(made) == 1 else "are", sum(map(len, made)) / 1e6
        said = f"{many} of {SECONDS:g} s {verb} embedded ({size:.1f} MB)"
        said += f"; {self.no_room} had no room (--audio-mb)" if self.no_room else ""
        said += f"; of {self.unreadable} tracks no file could be read here" if self.unreadable else ""
        return f"{said}." if made or self.no_room else "There is no sound here: no track's file could be read."


def excerpt(place: str) -> NDArray[np.float32]:
    """(n,) float32 mono at ``RATE``: some seconds from the middle of a file, faded in and out.

    Raises
    ------
    AudioError : the file is missing, or cannot be decoded.
    """
    _, part = split_part(place)
    seconds = 0.0 if part else _length(place)
    start = max(0.0, (seconds - SECONDS) / 2)
    shown = f"{place}#t={start:.2f},{start + SECONDS:.2f}" if seconds > SECONDS else place
    found = np.empty(0, np.float32)
    for block in stream(shown, RATE):
        found = np.concatenate([found, block])
        if len(found) >= SECONDS * RATE:
            break
    return _faded(found[: int(SECONDS * RATE)])


def _length(place: str) -> float:
    """Seconds, as the file says; 0 where it does not."""
    try:
        with av.open(place) as file:
            return file.duration / av.time_base if file.duration else 0.0
    except (OSError, ValueError) as error:  # FFmpeg's errors are both
        raise AudioError(f"{place} cannot be read: {error}") from error


def _faded(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    n = min(int(FADE_S * RATE), len(sound) // 2)
    faded: NDArray[np.float32] = sound.copy()
    faded[:n] *= np.linspace(0, 1, n, dtype=np.float32)
    faded[len(faded) - n :] *= np.linspace(1, 0, n, dtype=np.float32)
    return faded


def mp3(sound: NDArray[np.float32]) -> bytes:
    """(n,) float32 mono at ``RATE`` as an MP3 file, which every browser plays."""
    stored = io.BytesIO()
    with av.open(stored, "w", format="mp3") as file:
        track = file.add_stream("libmp3lame", rate=RATE, layout="mono")
        track.bit_rate = BITS_PER_SECOND
        frame = av.AudioFrame.from_ndarray(np.clip(sound, -1, 1)[None].astype(np.float32), format="fltp", layout="mono")
        frame.sample_rate = RATE
        for packet in (*track.encode(frame), *track.encode(None)):
            file.mux(packet)
    return stored.getvalue()
