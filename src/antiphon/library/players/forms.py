"""How players write one and the same id.

Jellyfin writes a GUID with dashes and without, in either case; Ampache's plug-in tries the bare row number before
``so-`` and the number, as its Subsonic interface has it. Others' ids are compared as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_GUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
_SONG = "so-"
_ROW = re.compile(r"[0-9]+")


def canonical(player_id: str) -> str:
    """An id as it is kept and given out: a GUID as 32 small hexadecimal digits, any other as it stands.

    >>> canonical("0A1B2C3D-0000-1111-2222-333344445555"), canonical("so-12")
    ('0a1b2c3d000011112222333344445555', 'so-12')
    """
    text = player_id.strip()
    return text.replace("-", "").lower() if _GUID.fullmatch(text) else text


def spellings(player_id: str) -> Iterator[str]:
    """The ids that may be kept for one that a player sends, the likeliest first."""
    text = canonical(player_id)
    yield text
    if text.startswith(_SONG):
        yield text.removeprefix(_SONG)
    elif _ROW.fullmatch(text):
        yield f"{_SONG}{text}"
