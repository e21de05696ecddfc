"""What a guest may read of an error: all but where things are on the server's disk."""

from __future__ import annotations

import re

_PATH = re.compile(r"(?<![\w/:.%])(?:/[\w.@+~%-]+(?: [\w.@+~%-]+(?=/))*){2,}/?")
"""An absolute path of two parts or more; a space may stand inside of a folder's name."""


def without_paths(text: str) -> str:
    """A text in which three dots stand for each absolute path.

    >>> without_paths("/home/anna/My Music/lib/index.json is damaged (see /v1/status, http://nas/a/b).")
    '… is damaged (see …, http://nas/a/b).'
    """
    return _PATH.sub("…", text)
