"""Phrases of captions: the tags, clauses and sentences in them that somebody might type alone.

The rule, for any language that uses these signs:

1. A caption falls into sentences at ``. ! ? …`` before white space, at ``;`` and its wide kin, and at ends of lines,
   ``|`` and ``•``. A full stop stays where it may belong to an abbreviation: after a single letter, a capitalised word
   of two (Dr., No.), one with a full stop inside (e.g.) or one of ``ABBREVIATIONS``; and before a small letter in a
   caption that has capitals elsewhere.
2. A sentence is a list, and falls into its items at commas of any kind, where every item has at most ``LIST_WORDS``
   words. A comma between two digits is part of a number. Any other sentence stays whole: a clause torn off says little.
3. White space and punctuation around a phrase go. A phrase has a letter or a digit, is not the caption itself, and is
   not named twice.

What it is worth: ``docs/experiments/parts.md``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from antiphon.errors import EmbeddingError
from antiphon.library.commands import as_typed, command
from antiphon.library.pairs import text_ids
from antiphon.library.tracks import Library
from antiphon.library.vectors.joined import join_vectors, stored_names
from antiphon.library.vectors.store import Vectors, open_vectors
from antiphon.texts import normalised_text

Index = NDArray[np.int64]

LIST_WORDS = 4
ABBREVIATIONS = frozenset({"approx", "arr", "feat", "ft", "instr", "mrs", "no", "op", "prod", "vol", "vs"})
"""Lower case, without their full stop."""
OFTEN = 3.0
"""Different captions that have a phrase, on average, from which on phrases are read unasked. Lists of tags have 14, and
a tag alone finds its tracks a fifth better by it; sentences have 1.0 to 1.4, and gain little."""
_SPACE = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_AROUND = _SPACE + ".,;:!?…。！？；，、|•·–—-"
_END = re.compile(r"(?<![.!?…])[.!?…]+[\"'”’»)\]]*(?=\s)|[;。！？；|•\n\r]+")
_COMMA = re.compile(r"(?<!\d)[,，]|[,，](?!\d)|、")


def caption_phrases(text: str) -> list[str]:
    """The phrases of a caption, in order; none where it has no more than one. The rule is the module's.

    >>> caption_phrases("rock, 1,000 guitars")
    ['rock', '1,000 guitars']
    >>> caption_phrases("Slow and sad, with a piano that never hurries. By Dr. Who.")
    ['Slow and sad, with a piano that never hurries', 'By Dr. Who']
    """
    found: dict[str, str] = {}
    for sentence in _sentences(text):
        items = [item for item in map(_bare, _COMMA.split(sentence)) if _says_something(item)]
        listed = all(len(item.split()) <= LIST_WORDS for item in items)
        for phrase in items if listed else [_bare(sentence)]:
            found.setdefault(normalised_text(phrase), phrase)
    whole = normalised_text(_bare(text))
    return [phrase for form, phrase in found.items() if form not in (whole, normalised_text(text))]


def _sentences(text: str) -> list[str]:
    capitals = text != text.lower()
    sentences, start = [], 0
    for match in _END.finditer(text):
        if match.group() == "." and _abbreviates(text, start, match.start(), capitals):
            continue
        sentences.append(text[start : match.start()])
        start = match.end()
    return [sentence for sentence in [*sentences, text[start:]] if _says_something(sentence)]


def _abbreviates(text: str, start: int, stop: int, capitals: bool) -> bool:
    """Whether the full stop at ``stop`` of a sentence that begins at ``start`` belongs to an abbreviation.

    It looks no further than the words beside it: a caption of nothing but full stops must not take its length squared.
    """
    end = _past_space(text, stop - 1, -1)
    begin = end
    while begin >= start and not text[begin].isspace():
        begin -= 1
    word = text[max(begin + 1, start) : end + 1].strip("\"'“‘(«[")
    short = word.isalpha() and (len(word) == 1 or (len(word) == 2 and word[0].isupper()))
    after = _past_space(text, stop + 1, 1)
    small = capitals and after < len(text) and text[after].islower()
    return short or "." in word or word.lower() in ABBREVIATIONS or small


def _past_space(text: str, at: int, step: int) -> int:
    """The next position from ``at`` on that is no white space."""
    while 0 <= at < len(text) and text[at].isspace():
        at += step
    return at


def _bare(text: str) -> str:
    return text.strip(_AROUND)


def _says_something(text: str) -> bool:
    return any(character.isalnum() for character in text)


def peoples_phrases(library: Library) -> Counter[str]:
    """The phrases of the captions that people wrote, in order → how many different ones of these captions have each.

    Captions that Antiphon makes have none: short ones are among them anyway.
    """
    written = zip(library.caption_column("text"), library.caption_column("kind"), strict=True)
    texts = dict.fromkeys(str(text) for text, kind in written if kind == "human")
    return Counter(phrase for text in texts for phrase in caption_phrases(text))


def recur(phrases: Counter[str]) -> bool:
    """Whether captions share their phrases, as lists of tags do and sentences do not: then training gains by them, and
    they are few to read.

    >>> recur(Counter({"rock": 4, "slow": 2}))
    True
    >>> recur(Counter())
    False
    """
    return phrases.total() >= OFTEN * max(len(phrases), 1)


def phrases_folder(library: Library, name: str) -> Path:
    """Where the vectors of captions' phrases by one text encoder live: a row a phrase, its id is the phrase itself."""
    folder = library.embedding_folder("text", name)
    old = folder / "parts"  # as it was called until 25 November 2026
    return old if old.is_dir() and not (folder / "phrases").exists() else folder / "phrases"


def has_phrases(library: Library, name: str) -> bool:
    """Whether there are vectors of captions' phrases by a text encoder, or by each of several joined ones."""
    return all((phrases_folder(library, one) / "provenance.json").exists() for one in _sources(library, name))


def reads_phrases(library: Library, name: str, asked: bool | None = None) -> bool:
    """Whether a text encoder reads captions' phrases, too: as it was asked for, and unasked (None) where it has read
    them before, so that they stay complete, and where captions share them (:func:`recur`)."""
    return has_phrases(library, name) or recur(peoples_phrases(library)) if asked is None else asked


def _sources(library: Library, name: str) -> list[str]:
    return stored_names(library.embedding_folder("text", name).parent, name)


@dataclass(frozen=True, kw_only=True, eq=False)
class CaptionPhrases:
    """Phrases of some captions, and their vectors. ``q`` phrases are different ones, ``k`` is how often they occur.

    Parameters
    ----------
    vectors : (q, d) float16.
    texts : (q,) strings.
    caption : (k,) ascending, which caption each occurrence belongs to, 0 … m−1.
    phrase : (k,) row in ``vectors`` of each occurrence.
    text_id : (m+q,) of the captions, then of the phrases: equal where the normalised text is identical.
    unread : different phrases that no vector was made of yet, which are left out.
    """

    vectors: NDArray[np.float16]
    texts: NDArray[np.object_]
    caption: Index
    phrase: Index
    text_id: Index
    unread: int = 0


def load_phrases(
    library: Library, name: str, texts: Sequence[str], by_people: Collection[str] | None = None
) -> CaptionPhrases:
    """The phrases of captions and their vectors; phrases that have none are left out.

    Parameters
    ----------
    name : of the text encoder, or of several joined by +.
    texts : (m,) the captions.
    by_people : those of ``texts`` whose phrases take part; None for all.

    Raises
    ------
    EmbeddingError : there are no vectors of phrases, or they are not made like those of whole captions.
    """
    parts = {text: caption_phrases(text) for text in dict.fromkeys(texts) if by_people is None or text in by_people}
    occurring = [(row, one) for row, text in enumerate(texts) for one in parts.get(text, ())]
    asked = dict.fromkeys(one for _, one in occurring)
    stored, unread = _open(library, name, asked)
    number: dict[str, int] = {}
    caption, phrase = [], []
    for row, one in occurring:
        if one in stored.row_of:
            caption.append(row)
            phrase.append(number.setdefault(one, len(number)))
    different: NDArray[np.object_] = np.array(list(number), dtype=object)
    return CaptionPhrases(
        vectors=stored.take(list(number)) if number else np.empty((0, stored.matrix.shape[1]), np.float16),
        texts=different,
        caption=np.array(caption, dtype=np.int64),
        phrase=np.array(phrase, dtype=np.int64),
        text_id=text_ids(np.array([*texts, *different], dtype=object)),
        unread=unread,
    )


def _open(library: Library, name: str, phrases: Collection[str]) -> tuple[Vectors, int]:
    """The vectors of phrases, and how many of them a source has neither read nor failed to read."""
    names = _sources(library, name)
    found = [_open_source(library, one) for one in names]
    unread = sum(any(one not in each.row_of and one not in each.failed for each in found) for one in phrases)
    return (found[0] if len(found) == 1 else join_vectors(found, names)), unread


def _open_source(library: Library, name: str) -> Vectors:
    folder = phrases_folder(library, name)
    if not has_phrases(library, name):
        raise EmbeddingError(
            f"{as_typed(library.root)} has no {name} vectors of captions' phrases.", fix=phrases_command(library, name)
        )
    stored = open_vectors(folder)
    whole = open_vectors(library.embedding_folder("text", name)).provenance
    whole.require_same(
        stored.provenance,
        mine="the vectors of whole captions",
        theirs="those of their phrases",
        fix=f"Delete {folder}, then: {phrases_command(library, name)}",
    )
    return stored


def phrases_command(library: Library, name: str) -> str:
    """What reads captions' phrases with a text encoder, or with several joined by +."""
    return command(f"embed --text {' '.join(_sources(library, name))} --phrases", library.root)
