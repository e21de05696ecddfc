"""Names of artists as they compare; what stands for no name."""

from __future__ import annotations

import re

from antiphon.library.manifest.cells.words import is_nothing
from antiphon.texts import normalised_text

UNKNOWN = frozenset({"unknown", "<unknown>", "[unknown]", "(unknown)", "-", "--", "?", "unk", "not available"})
"""What people write where they do not know a group or an artist."""
UNKNOWN_ARTISTS = UNKNOWN | {
    *("unknown artist", "various", "various artists", "va", "v.a.", "no artist", "anonymous", "traditional")
}
FEATURING = re.compile(r"[\s(\[]+(?:feat\.?|ft\.?|featuring)\s.*$")


def known_artist(artist: str) -> str:
    """The form in which two artists count as the same, "" where the artist is not known."""
    name = FEATURING.sub("", normalised_text(artist)).strip()
    return "" if is_nothing(name) or name in UNKNOWN_ARTISTS else name
