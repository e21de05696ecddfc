"""Texts as they compare."""

from __future__ import annotations

import unicodedata


def normalised_text(text: str) -> str:
    """The form in which two captions count as identical: NFKC, case folded, white space collapsed."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def as_utf8(text: str) -> str:
    r"""A text that any file or answer can hold: bytes of a file's name that are no UTF-8 are written out.

    >>> as_utf8("caf\udce9.flac")
    'caf\\udce9.flac'
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
