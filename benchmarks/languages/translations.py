"""Queries that were translated by hand, and English captions put together from them."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from antiphon.texts import normalised_text

HERE = Path(__file__).parent
NAMES = {
    "en": "English",
    "de": "German",
    "es": "Spanish",
    "fr": "French",
    "pl": "Polish",
    "zh": "Chinese",
    "ja": "Japanese",
}
"""In the order of the tables."""


def translated(caption: str) -> dict[str, str]:
    """Language → the caption in it, English first; {} where nothing of it was translated.

    Of a list of tags those remain that were translated, in English too, so that each language asks for the same.
    """
    known = _known()
    whole = known.get(normalised_text(caption))
    pieces = [whole] if whole else [known[tag] for tag in map(normalised_text, caption.split(",")) if tag in known]
    return {language: ", ".join(piece[language] for piece in pieces) for language in NAMES} if pieces else {}


@cache
def _known() -> dict[str, dict[str, str]]:
    """English text, normalised → language → text."""
    found = {}
    for path in sorted(HERE.glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream, delimiter="\t"):
                found[normalised_text(row["en"])] = row
    return found
