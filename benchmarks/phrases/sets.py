"""Sets whose captions' phrases have vectors, and queries made of these phrases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from antiphon.library.pairs import open_embedding, text_ids
from antiphon.library.phrases import CaptionPhrases, caption_phrases
from antiphon.library.tracks import Library
from antiphon.texts import normalised_text
from benchmarks.lexical.sides import encoded, texts_of, with_side
from benchmarks.quality.captioned import Captioned

Read = Callable[[Sequence[str]], np.ndarray]


@dataclass(frozen=True, kw_only=True, eq=False)
class Told:
    """A set, and the words of its captions.

    Parameters
    ----------
    whole : the set; ``text_id`` numbers its captions.
    text_of : number of a caption → the caption.
    read : (n,) texts → (n, d) vectors as those of the captions.
    """

    whole: Captioned
    text_of: Mapping[int, str]
    read: Read

    @classmethod
    def of(cls, data: Path, name: str, side: str) -> Told:
        """A set as ``benchmarks.quality`` names it, its captions read by a side or by several joined with +."""
        whole = with_side(data, name, side)
        texts = texts_of(data, name)
        return cls(whole=whole, text_of=dict(zip(whole.text_id.tolist(), texts, strict=True)), read=reader(side, texts))

    @classmethod
    def made(cls, data: Path, name: str, side: str) -> Told:
        """The same tracks, told by the captions that Antiphon made of them; it reads phrases of people's, too."""
        whole, (folder, _, encoder) = with_side(data, name, side), name.partition(":")
        library = Library(data / folder)
        sound, words = open_embedding(library, "audio", encoder), open_embedding(library, "text", side)
        place = {track: row for row, track in enumerate(t for t in library.column("track_id") if t in sound.row_of)}
        table, kinds = library.caption_table, library.caption_column("kind")
        read = zip(*(table[column].to_pylist() for column in ("track_id", "caption_id", "text")), kinds, strict=True)
        kept = sorted(
            (place[t], c, x) for t, c, x, kind in read if kind != "human" and t in place and c in words.row_of
        )
        texts = [text for _, _, text in kept]
        text_id = text_ids(np.array(texts, dtype=object))
        told = replace(
            whole,
            text=words.take([caption for _, caption, _ in kept]),
            track_of_caption=np.array([row for row, _, _ in kept]),
            text_id=text_id,
        )
        return cls(
            whole=told,
            text_of=dict(zip(text_id.tolist(), texts, strict=True)),
            read=reader(side, [*texts_of(data, name), *texts]),
        )

    def phrases(self, tracks: Captioned, withheld: frozenset[str] = frozenset()) -> CaptionPhrases:
        """The phrases of some of the set's tracks, but for some that nobody is to have read."""
        texts = [self.text_of[number] for number in tracks.text_id.tolist()]
        number: dict[str, int] = {}
        caption, phrase = [], []
        for row, text in enumerate(texts):
            for one in caption_phrases(text):
                if normalised_text(one) not in withheld:
                    caption.append(row)
                    phrase.append(number.setdefault(one, len(number)))
        different = np.array(list(number), dtype=object)
        return CaptionPhrases(
            vectors=self.read(list(number)).astype(np.float16),
            texts=different,
            caption=np.array(caption, dtype=np.int64),
            phrase=np.array(phrase, dtype=np.int64),
            text_id=text_ids(np.array([*texts, *different], dtype=object)),
        )

    def queries(self, tracks: Captioned) -> dict[str, set[int]]:
        """Phrase → rows of the tracks whose captions have it, but for those that every track has."""
        found: dict[str, set[int]] = {}
        for row, number in zip(tracks.track_of_caption.tolist(), tracks.text_id.tolist(), strict=True):
            for phrase in caption_phrases(self.text_of[number]):
                found.setdefault(normalised_text(phrase), set()).add(row)
        return {phrase: rows for phrase, rows in found.items() if len(rows) < len(tracks.audio)}


def reader(side: str, texts: Sequence[str]) -> Read:
    """What reads phrases as a side reads captions; everything that may be asked is read at once, and kept."""
    phrases = [phrase for text in texts for phrase in caption_phrases(text)]
    known = sorted({*phrases, *map(normalised_text, phrases)}) or [""]  # one row tells how many numbers there are
    parts = side.split("+")
    vectors = np.concatenate([_encoded(part, tuple(known)).astype(np.float16) for part in parts], axis=1)
    row = {text: place for place, text in enumerate(known)}
    return lambda asked: vectors[[row[text] for text in asked]]


@cache
def _encoded(part: str, texts: tuple[str, ...]) -> np.ndarray:
    return encoded(part, list(texts))
