"""The language of a text by its letters: by their script, and by those that only one language of a script has."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from antiphon.encoders._shared.language.language import Language

CHINESE, JAPANESE = Language("Chinese", ("zh", "ja")), Language("Japanese", ("ja",))
VIETNAMESE = Language("Vietnamese", ("vi",))
SCRIPTS = {
    "ARABIC": Language("Arabic", ("ar",)),
    "ARMENIAN": Language("Armenian", ("hy",)),
    "BENGALI": Language("Bengali", ("bn",)),
    "CJK": CHINESE,
    "CYRILLIC": Language("Russian", ("ru",)),
    "DEVANAGARI": Language("Hindi", ("hi",)),
    "ETHIOPIC": Language("Amharic", ("am",)),
    "GEORGIAN": Language("Georgian", ("ka",)),
    "GREEK": Language("Greek", ("el",)),
    "GUJARATI": Language("Gujarati", ("gu",)),
    "GURMUKHI": Language("Punjabi", ("pa",)),
    "HANGUL": Language("Korean", ("ko",)),
    "HEBREW": Language("Hebrew", ("he",)),
    "HIRAGANA": JAPANESE,
    "KANNADA": Language("Kannada", ("kn",)),
    "KATAKANA": JAPANESE,
    "KHMER": Language("Khmer", ("km",)),
    "LAO": Language("Lao", ("lo",)),
    "MALAYALAM": Language("Malayalam", ("ml",)),
    "MYANMAR": Language("Burmese", ("my",)),
    "SINHALA": Language("Sinhala", ("si",)),
    "TAMIL": Language("Tamil", ("ta",)),
    "TELUGU": Language("Telugu", ("te",)),
    "THAI": Language("Thai", ("th",)),
}
"""First word of a letter's name in Unicode → the language that is usually written so."""
OF_ONE = {
    "Russian": (
        ("[ґєії]", Language("Ukrainian", ("uk",))),
        ("ў", Language("Belarusian", ("be",))),
        ("[ђјљњћџ]", Language("Serbian", ("sr",))),
        ("ъ(?![еёюя])", Language("Bulgarian", ("bg",))),
    ),
    "Arabic": (("[ٹڈڑںے]", Language("Urdu", ("ur",))), ("[پچژگ]", Language("Persian", ("fa",)))),
}
"""Language that a script is usually of → letters, as a pattern, by which another one is told."""
ONLY_VIETNAMESE = re.compile("[ơưạ-ỹ]")
MOST = 0.5
"""Share of a text's letters beyond which it is in a script."""
ONE_WORD_IN = 4
"""Words of Vietnamese letters among so many of a text: fewer are a name in an English query."""


def by_letters(text: str) -> Language | None:
    """The language of most letters, if they are in another script than Latin or of a language of their own.

    Parameters
    ----------
    text : lower case, letters and accents as one sign each (NFC).
    """
    if text.isascii():
        return None
    letters = [SCRIPTS.get(unicodedata.name(letter, "").split(" ")[0]) for letter in text if letter.isalpha()]
    kinds = Counter(kind for kind in letters if kind is not None)
    if not kinds or kinds.total() <= MOST * len(letters):
        words = text.split()
        vietnamese = sum(ONLY_VIETNAMESE.search(word) is not None for word in words)
        return VIETNAMESE if vietnamese and vietnamese * ONE_WORD_IN >= len(words) else None
    usual = JAPANESE if JAPANESE in kinds else kinds.most_common(1)[0][0]
    others = (language for pattern, language in OF_ONE.get(usual.name, ()) if re.search(pattern, text))
    return next(others, usual)
