"""A library of three tracks with sound, and candidates to be judged in it."""

from __future__ import annotations

import io
import struct
import threading
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from antiphon.evaluate.review.candidates import Candidate
from antiphon.evaluate.review.page.server import ReviewServer
from antiphon.evaluate.review.queue import ReviewQueue
from antiphon.library.tracks import Caption, Library, Track, save_library

STRANGE = "<script>alert(1)</script> “calm & quiet”"
"""A caption that a page must not take for its own."""


def _sound() -> bytes:
    """A WAV file of 2,048 bytes, in which every stretch is another."""
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(struct.pack("<1002h", *range(-501, 501)))
    return stream.getvalue()


SOUND = _sound()


def some_candidates(root: Path) -> tuple[Library, list[Candidate]]:
    """A library in ``root``, and three pairs of it: track a has a file, b is a part of it, c's is missing."""
    music = root / "music"
    music.mkdir(parents=True)
    (music / "a.wav").write_bytes(SOUND)
    (music / "other.wav").write_bytes(b"nobody is to hear this")
    paths = {"a": "a.wav", "b": "a.wav#t=1,2", "c": "missing.wav"}
    texts = {"a": "calm piano", "b": "quiet piano", "c": STRANGE}
    tracks = [
        Track(track_id=t, path=paths[t], split="test", group=t, artist="Ada" * (t == "b"), title="Rain" * (t == "b"))
        for t in paths
    ]
    captions = [Caption(caption_id=f"{t}#0", track_id=t, text=text) for t, text in texts.items()]
    library = save_library(root / "library", tracks, captions, {"audio_root": str(music)})
    pairs = [("b", "a"), ("c", "b"), ("a", "c")]
    return library, [_candidate(texts[meant], meant, found, i) for i, (meant, found) in enumerate(pairs)]


@contextmanager
def serving(root: Path, *, graded: bool = False) -> Iterator[ReviewServer]:
    """The page of :func:`some_candidates`, answering until the block ends."""
    with ReviewServer(ReviewQueue(*some_candidates(root), by="ada"), graded=graded) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def _candidate(query: str, meant: str, found: str, place: int) -> Candidate:
    return Candidate(
        query_id=f"{meant}#0",
        query=query,
        written_for=meant,
        track_id=found,
        doubt=3.0 - place,
        score=0.8,
        right_score=0.7,
        captions_alike=0.9,
        sounds_alike=0.2,
        found_by=("t2a",),
        why=("it scores 0.800, above the track it was written for (0.700)",),
    )
