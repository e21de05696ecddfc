"""Texts as they compare."""

from __future__ import annotations

import unicodedata


def normalised_text(text: str) -> str:
    """The form in which two captions count as identical: NFKC, case folded, white space collapsed."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
