"""Texts in tags that were stored in another encoding than their tag says, repaired where it is sure which.

ID3 knows Latin-1 and Unicode, and programs have long written the system's own encoding and called it Latin-1:
"Привет" becomes "Ïðèâåò". Such a text holds no character above U+00FF, so its bytes are all still there. What they are
is decided on all texts of a file together, and only where nothing else is at all likely:

- UTF-8 checks itself: text that is none hardly ever reads as UTF-8.
- Japanese in Shift-JIS has bytes that stand for control characters in Latin-1, and reads as kana.
- Punctuation of Windows-1252 stands where Latin-1 has control characters.
- Cyrillic and Greek words are made of nothing but accented letters, which no language is that Latin-1 was made for.
  The language's most frequent letters tell Windows-1251, KOI8-R and Windows-1253 apart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

SURE_LETTERS = 6
"""Letters from which the frequencies of letters say something."""
SURE_MARGIN = 0.12
"""Share of letters that must be frequent ones in the best reading beyond the next."""
_FREQUENT = {
    "cp1251": frozenset("оеаинтсрвлкмдпуыя"),
    "koi8-r": frozenset("оеаинтсрвлкмдпуыя"),
    "cp1253": frozenset("αοιετσνηυρπκμλςά"),
}
_WORD = re.compile(r"[^\W\d_]+")
_HIGH = re.compile(r"[\u0080-\u00ff]")
_CONTROL = re.compile(r"[\u0080-\u009f]")
_KANA = re.compile(r"[\u3040-\u30ff]")


@dataclass(frozen=True, kw_only=True)
class Repair:
    """What the texts of a file are.

    Parameters
    ----------
    encoding : that they were really stored in; "" where they are as they should be, or nobody can tell.
    doubtful : whether they look wrong, and nobody can tell what they are.
    """

    encoding: str = ""
    doubtful: bool = False


FINE = Repair()


def find_repair(texts: Sequence[str]) -> Repair:
    """What the texts of one file were stored in.

    Parameters
    ----------
    texts : as their tag's own encoding reads them.
    """
    suspects = [text for text in texts if _HIGH.search(text) and _is_single_byte(text)]
    if any("\ufffd" in text for text in texts):
        return Repair(doubtful=True)
    if not suspects:
        return FINE
    whole = "\n".join(suspects)
    if any(_read_as(text, "utf-8") is not None for text in suspects):
        return Repair(encoding="utf-8")
    if _CONTROL.search(whole):
        return _with_controls(whole)
    return _of_letters(whole)


def repaired(text: str, repair: Repair) -> str:
    """A text in the encoding of its file; as it stands where it cannot be in that."""
    if not repair.encoding or not _HIGH.search(text) or not _is_single_byte(text):
        return text
    found = _read_as(text, repair.encoding)
    return text if found is None else found


def _is_single_byte(text: str) -> bool:
    return all(mark <= "\xff" for mark in text)


def _read_as(text: str, encoding: str) -> str | None:
    try:
        return text.encode("latin-1").decode(encoding)
    except (UnicodeDecodeError, UnicodeEncodeError):
        return None


def _with_controls(whole: str) -> Repair:
    high = len(_HIGH.findall(whole))
    japanese = _read_as(whole, "shift_jis")
    if japanese is not None and 2 * len(_KANA.findall(japanese)) >= len(re.findall(r"[^\x00-\x7f]", japanese)):
        return Repair(encoding="shift_jis")
    windows = _read_as(whole, "cp1252")
    if windows is not None and 5 * high <= len(whole):
        return Repair(encoding="cp1252")
    return Repair(doubtful=True)


def _of_letters(whole: str) -> Repair:
    """Texts of accented letters: words that are nothing else are foreign, words that have one or two are not."""
    words = [word for word in _WORD.findall(whole) if _HIGH.search(word)]
    foreign = [word for word in words if len(_HIGH.findall(word)) == len(word) and len(word) > 1]
    if not foreign or 2 * sum(map(len, foreign)) < sum(map(len, words)):
        return FINE
    scores = sorted(((_score(foreign, encoding), encoding) for encoding in _FREQUENT), reverse=True)
    letters = sum(map(len, foreign))
    if letters < SURE_LETTERS or scores[0][0] - scores[1][0] < SURE_MARGIN:
        return Repair(doubtful=letters > 2)
    return Repair(encoding=scores[0][1])


def _score(words: Sequence[str], encoding: str) -> float:
    """Share of frequent letters when the words are read in an encoding; 0 where they are no words in it."""
    frequent = letters = 0
    for word in words:
        text = _read_as(word, encoding)
        if text is None or not text.isalpha() or not (text[1:].islower() or text.isupper()):
            return 0.0
        frequent += sum(mark in _FREQUENT[encoding] for mark in text.casefold())
        letters += len(text)
    return frequent / letters
