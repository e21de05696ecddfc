"""What a training has learned from, kept beside it: what is new since is told without a checkpoint's being opened.

``runs/NAME/learned.npz`` holds hashes: a number for each track, each caption that a person wrote, and each judgement
that taught. Nothing in it can be read back.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.library.captions import KINDS
from antiphon.library.files import write_atomically
from antiphon.library.judgements.apply import judged_pairs, lessons
from antiphon.library.judgements.file import read_judgements
from antiphon.library.pairs import text_ids
from antiphon.library.tracks import Kind, Library
from antiphon.library.vectors.joined import source_names
from antiphon.library.vectors.rows import read_rows
from antiphon.printed import counted
from antiphon.texts import normalised_text

FILE = "learned.npz"
FORMAT = 1
LEARNED_SPLITS = ("train", "val")
"""Val does not teach heads, but chooses among them, and what search takes is fitted on it, too."""
Hashes = NDArray[np.uint64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Learned:
    """What there is to learn from.

    Parameters
    ----------
    tracks : of those that were heard and have a caption.
    captions : of those that people wrote of such tracks.
    judgements : of those that change a training.
    encoder, text : the encoders whose vectors count, several joined by +.
    kinds : of the captions that count.
    time : when this was found, seconds since 1970.
    """

    tracks: Hashes
    captions: Hashes
    judgements: Hashes
    encoder: str
    text: str
    kinds: tuple[str, ...]
    time: float

    def write(self, folder: Path) -> None:
        """Keep it beside a training, atomically."""
        arrays: dict[str, Any] = {"format": FORMAT, **vars(self), "kinds": "+".join(self.kinds)}
        write_atomically(folder / FILE, lambda stream: np.savez(stream, **arrays))

    def since(self, before: Learned) -> str:
        """What is here and was not then, a sentence; "" for nothing."""
        named = (("track", "tracks"), ("description by people", "descriptions by people"), ("judgement", "judgements"))
        new = [
            counted(number, *names)
            for names, mine, theirs in zip(named, self._hashes, before._hashes, strict=True)
            if (number := len(np.setdiff1d(mine, theirs)))
        ]
        listed = " and ".join(filter(None, (", ".join(new[:-1]), *new[-1:])))
        return f"New since what answers was trained: {listed}." if new else ""

    def is_same(self, other: Learned) -> bool:
        """Whether another holds the same, whenever it was found."""
        alike = all(np.array_equal(mine, theirs) for mine, theirs in zip(self._hashes, other._hashes, strict=True))
        return alike and (self.encoder, self.text, self.kinds) == (other.encoder, other.text, other.kinds)

    @property
    def _hashes(self) -> tuple[Hashes, Hashes, Hashes]:
        return self.tracks, self.captions, self.judgements


def read_learned(folder: Path) -> Learned | None:
    """What stands beside a training; None where nothing does that can be read."""
    try:
        with np.load(folder / FILE, allow_pickle=False) as found:
            if int(found["format"]) != FORMAT:
                return None
            return Learned(
                tracks=found["tracks"].astype(np.uint64),
                captions=found["captions"].astype(np.uint64),
                judgements=found["judgements"].astype(np.uint64),
                encoder=str(found["encoder"]),
                text=str(found["text"]),
                kinds=tuple(str(found["kinds"]).split("+")),
                time=float(found["time"]),
            )
    except (OSError, ValueError, KeyError, TypeError, EOFError):
        return None


def all_learned(root: Path) -> dict[str, Learned]:
    """Training → what it has learned from, of those that say so."""
    found = {path.parent.name: read_learned(path.parent) for path in sorted(root.glob(f"runs/*/{FILE}"))}
    return {name: each for name, each in found.items() if each is not None}


def learnable(
    library: Library, encoder: str, text: str, kinds: Iterable[str] = KINDS, *, unread: bool = False
) -> Learned:
    """What a library has to learn from now.

    Parameters
    ----------
    encoder, text : whose vectors count.
    kinds : of captions that count.
    unread : whether captions count that were not read yet.

    Raises
    ------
    EmbeddingError, LibraryError : a table is damaged.
    """
    kinds = tuple(kinds)
    split = dict(zip(library.column("track_id"), library.column("split"), strict=True))
    heard, failed = _good(library, "audio", encoder), _failed(library, text)
    read = None if unread else _good(library, "text", text)
    columns = (library.caption_column(name) for name in ("caption_id", "track_id", "text", "kind"))
    counting = [
        (track, str(words), kind, split[track])
        for caption, track, words, kind in zip(*columns, strict=True)
        if kind in kinds
        and split.get(track) in LEARNED_SPLITS
        and track in heard
        and (caption not in failed if read is None else caption in read)
    ]
    return Learned(
        tracks=_hashes(track for track, *_ in counting),
        captions=_hashes(f"{track}\n{normalised_text(words)}" for track, words, kind, _ in counting if kind == "human"),
        judgements=_hashes(_judged(library, [(track, words) for track, words, _, its in counting if its == "train"])),
        encoder=encoder,
        text=text,
        kinds=kinds,
        time=time.time(),
    )


def _good(library: Library, kind: Kind, name: str) -> set[str]:
    """Ids that all sources of an encoder have a good vector of."""
    rows = [read_rows(library.embedding_folder(kind, source)) for source in source_names(name)]
    return set.intersection(*({row.id for row in each if row.status == "ok"} for each in rows))


def _failed(library: Library, text: str) -> set[str]:
    """Ids of captions that a source of a text encoder could not read."""
    rows = (read_rows(library.embedding_folder("text", source)) for source in source_names(text))
    return {row.id for each in rows for row in each if row.status == "failed"}


def _judged(library: Library, captions: list[tuple[str, str]]) -> list[str]:
    """The judgements that add a caption to a track of train, or leave a pair open."""
    texts = np.array([words for _, words in captions], object)
    tracks = list(dict.fromkeys(track for track, _ in captions))
    row = {track: number for number, track in enumerate(tracks)}
    owner = np.array([row[track] for track, _ in captions], np.int64)
    taught = lessons(library, read_judgements(library.root)).judgements
    numbers = text_ids(texts)
    found = judged_pairs(taught, texts, numbers, tracks, owner)
    words_of = dict(zip(numbers.tolist(), map(normalised_text, texts), strict=True))
    return [
        f"{words_of[text]}\n{tracks[track]}\n{verdict}"
        for text, track, verdict in zip(found.texts.tolist(), found.tracks.tolist(), found.verdicts, strict=True)
        if verdict != "different"
    ]


def _hashes(items: Iterable[str]) -> Hashes:
    """Sorted numbers of some texts, each once."""
    made = (hashlib.blake2b(item.encode("utf-8", "surrogatepass"), digest_size=8).digest() for item in set(items))
    return np.sort(np.frombuffer(b"".join(made), "<u8")).astype(np.uint64)
