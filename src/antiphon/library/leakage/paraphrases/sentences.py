"""What a sentence is, and the words by which two of them are compared."""

from __future__ import annotations

import re

from antiphon.texts import normalised_text

MIN_WORDS = 6
MIN_RUN = 4

# One character of a script without spaces counts as half a word.
IDEOGRAPH = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\u0e00-\u0e7f"
WORD = re.compile(rf"[{IDEOGRAPH}]|[^\W{IDEOGRAPH}]+(?:'\w+)?")
PHRASE_END = re.compile(r"[,;|/•\n、，；]+")
FIRST_IDEOGRAPH = re.compile(rf"[{IDEOGRAPH}]")
# Function words of English and the words that open every description of music.
STOCK = frozenset(
    [
        *("a", "an", "the", "of", "in", "on", "at", "to", "for", "with", "and", "or", "as", "by", "from", "like"),
        *("is", "are", "was", "be", "it", "its", "this", "that", "there", "can", "could", "would"),
        *("song", "music", "piece", "track"),
    ]
)


def words_of(text: str) -> list[str]:
    """The words of a text in order, case folded; characters of scripts without spaces one by one."""
    return _words(normalised_text(text))


def _words(normalised: str) -> list[str]:
    return WORD.findall(normalised.replace("’", "'"))


def is_sentence(text: str) -> bool:
    """Whether a caption is long enough to be about one piece of music, rather than a label or a list of tags."""
    key = normalised_text(text)
    return _length(key) >= MIN_WORDS and max(map(_length, PHRASE_END.split(key))) >= MIN_RUN


def _length(normalised: str) -> float:
    words = _words(normalised)
    if normalised.isascii():
        return len(words)
    return sum(0.5 if FIRST_IDEOGRAPH.match(word) else 1.0 for word in words)


def likeness(a: str, b: str) -> float:
    """Dice coefficient of the content words of two texts, 0 … 1."""
    left, right = set(content_words(a)), set(content_words(b))
    return 2 * len(left & right) / max(1, len(left) + len(right))


def content_words(text: str) -> list[str]:
    """The words of a text without those that stand in any description; all of them where nothing else is left."""
    words = words_of(text)
    return [word for word in words if word not in STOCK] or words
