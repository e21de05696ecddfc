"""A library of three tracks with sound, and candidates to be judged in it."""

from __future__ import annotations

from pathlib import Path

from antiphon.evaluate.review.candidates import Candidate
from antiphon.library.tracks import Caption, Library, Track, save_library

STRANGE = "<script>alert(1)</script> “calm & quiet”"
"""A caption that a page must not take for its own."""
SOUND = bytes(range(256)) * 8
"""What stands in the sound files: no sound, but bytes that can be told apart."""


def some_candidates(root: Path) -> tuple[Library, list[Candidate]]:
    """A library in ``root``, and three pairs of it: track a has a file, b is a part of it, c's is missing."""
    music = root / "music"
    music.mkdir(parents=True)
    (music / "a.mp3").write_bytes(SOUND)
    (music / "other.mp3").write_bytes(b"nobody is to hear this")
    paths = {"a": "a.mp3", "b": "a.mp3#t=1,2", "c": "missing.mp3"}
    texts = {"a": "calm piano", "b": "quiet piano", "c": STRANGE}
    tracks = [
        Track(track_id=t, path=paths[t], split="test", group=t, artist="Ada" * (t == "b"), title="Rain" * (t == "b"))
        for t in paths
    ]
    captions = [Caption(caption_id=f"{t}#0", track_id=t, text=text) for t, text in texts.items()]
    library = save_library(root / "library", tracks, captions, {"audio_root": str(music)})
    pairs = [("b", "a"), ("c", "b"), ("a", "c")]
    return library, [_candidate(texts[meant], meant, found, i) for i, (meant, found) in enumerate(pairs)]


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
