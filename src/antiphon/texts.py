"""Texts as they compare."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence


def normalised_text(text: str) -> str:
    """The form in which two captions count as identical: NFKC, case folded, white space collapsed."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def spelled_as(texts: Sequence[str], known: Iterable[str]) -> list[str]:
    r"""Texts, each as the one of ``known`` that is the same but for how accents are encoded; as it is where none is.

    One system names a file with the letter é, another (macOS) with e and an accent.

    >>> spelled_as(["cafe\u0301", "tea"], ["caf\u00e9"])
    ['café', 'tea']
    """
    here = set(known)
    if all(text in here or text.isascii() for text in texts):
        return list(texts)
    forms: dict[str, set[str]] = {}
    for text in here:
        if not text.isascii():
            forms.setdefault(unicodedata.normalize("NFC", text), set()).add(text)
    meant = [set() if text in here else forms.get(unicodedata.normalize("NFC", text), set()) for text in texts]
    return [next(iter(of)) if len(of) == 1 else text for text, of in zip(texts, meant, strict=True)]


def look_alike(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of texts that nobody can tell apart: they differ by how accents are encoded, or by marks without width."""
    first: dict[str, str] = {}
    pairs = []
    for text in texts:
        if text.isascii():
            shown = text
        else:
            shown = "".join(c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c) != "Cf")
        other = first.setdefault(shown, text)
        if other != text:
            pairs.append((other, text))
    return pairs


def as_utf8(text: str) -> str:
    r"""A text that any file or answer can hold: bytes of a file's name that are no UTF-8 are written out.

    >>> as_utf8("caf\udce9.flac")
    'caf\\udce9.flac'
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
