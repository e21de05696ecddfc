"""What the tracks of a split are known to carry: terms (tags) and words, out of captions and metadata."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from antiphon.captions.making import phrases_from_metadata
from antiphon.captions.phrases import Slot
from antiphon.captions.tags.described import Describer
from antiphon.captions.words.lexicon import music_words, spelt
from antiphon.library.pairs import Pairs
from antiphon.library.phrases import LIST_WORDS, caption_phrases
from antiphon.library.tracks import Library

TYPED: frozenset[Slot] = frozenset(
    {"pace", "quality", "mood", "genre", "version", "decade", "instrument", "voice", "theme", "other"}
)
"""What of a track's metadata somebody might type; remarks and keys are not."""
_SENTENCE_ENDS = (".", "!", "?", "…", "")
_CLAUSES = re.compile(r"[^\w\s'’&/-]+")
_WORD = re.compile(r"[^\W_]+(?:['’&-][^\W_]+)*")


@dataclass(frozen=True, eq=False)
class Carried:
    """Which tracks carry what.

    Parameters
    ----------
    of_track : (n,) the terms of each track, each once, in the order in which they were found.
    """

    of_track: tuple[tuple[str, ...], ...]

    @cached_property
    def holders(self) -> dict[str, frozenset[int]]:
        """Term → rows of the tracks that carry it."""
        found: dict[str, list[int]] = {}
        for row, terms in enumerate(self.of_track):
            for term in terms:
                found.setdefault(term, []).append(row)
        return {term: frozenset(rows) for term, rows in found.items()}

    def all_of(self, terms: Collection[str]) -> frozenset[int]:
        """Tracks that carry each of one or more terms."""
        rare = sorted((self.holders.get(term, frozenset()) for term in terms), key=len)
        return rare[0].intersection(*rare[1:])


def terms_of(library: Library, pairs: Pairs) -> Carried:
    """The tags of each track: of its metadata, the items of captions that are lists, and the words of music in others.

    Raises
    ------
    LibraryError : the metadata are damaged.
    """
    tagged = _tags(library, pairs)
    found: list[dict[str, None]] = [dict.fromkeys(tags) for tags in tagged]
    for track, text in zip(pairs.track_of_caption.tolist(), pairs.texts, strict=True):
        found[track].update(dict.fromkeys(caption_terms(text)))
    return Carried(tuple(map(tuple, found)))


def words_of(pairs: Pairs) -> Carried:
    """The words of each track's captions, case folded."""
    found: list[dict[str, None]] = [{} for _ in pairs.track_ids]
    for track, text in zip(pairs.track_of_caption.tolist(), pairs.texts, strict=True):
        found[track].update(dict.fromkeys(words_in_caption(text)))
    return Carried(tuple(map(tuple, found)))


def words_in_caption(text: str) -> list[str]:
    """The words of a caption, case folded, in order.

    >>> words_in_caption("Slow R&B, a singer's voice")
    ['slow', 'r&b', 'a', "singer's", 'voice']
    """
    return _WORD.findall(text.casefold())


def caption_terms(text: str) -> list[str]:
    """The tags in a caption: the items of a list, the whole of a short label, the words of music in a sentence.

    >>> caption_terms("rock, Hip_Hop, guitars")
    ['rock', 'hip-hop', 'guitars']
    >>> caption_terms("A sad piano that never hurries, without drums.")
    ['sad', 'piano']
    """
    if any(len(clause.split()) > LIST_WORDS for clause in _CLAUSES.split(text)):
        return music_words(text)
    items = caption_phrases(text)
    if not items and len(text.split()) <= LIST_WORDS and text.rstrip()[-1:] not in _SENTENCE_ENDS:
        items = [text]
    short = [spelt(item) for item in items if len(item.split()) <= LIST_WORDS]
    return short if short and len(short) == len(items) else music_words(text)


def _tags(library: Library, pairs: Pairs) -> Sequence[Iterable[str]]:
    describer = Describer(library.metadata.names)
    if not describer.fields:
        return [()] * len(pairs.track_ids)
    rows = np.array([library.row_of_track[track_id] for track_id in pairs.track_ids], dtype=np.int64)
    return [[p.text for p in phrases if p.slot in TYPED] for phrases in phrases_from_metadata(library, describer, rows)]
