"""Text on its way to a console: it cannot steer the terminal, and a console shows what it can of it."""

from __future__ import annotations

import codecs
import re
import sys

_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""C0 and C1 controls but tab and line feed, and what turns the direction of writing."""
_UNPRINTABLE = re.compile("[\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
PLAIN = {
    "−": "-",
    "–": "-",
    "—": "-",
    "‑": "-",
    "×": "x",
    "÷": "/",
    "→": "->",
    "…": "...",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "✓": "+",
    "✗": "x",
    "≥": ">=",
    "≤": "<=",
    "√": "sqrt ",
    "σ": "sigma",
    "±": "+-",
}
"""What Antiphon itself writes, for consoles that cannot show it."""
HANDLER = "antiphon-plain"


def visible(text: str) -> str:
    r"""The text with every control character written out, so that a title cannot clear the screen.

    >>> visible("Song\x1b[2J")
    'Song\\x1b[2J'
    """
    return _STEERING.sub(lambda found: repr(found.group())[1:-1], text)


def one_line(text: str) -> str:
    r"""As :func:`visible`, with line breaks and tabs written out as well: for a cell, a path, an id.

    >>> one_line("a\nb")
    'a\\nb'
    """
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def json_text(text: str) -> str:
    """JSON with these characters, and half surrogate pairs, as its own escapes: the value stays the same."""
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def print_anything() -> None:
    """Let stdout and stderr show what they can of any text, whatever their encoding, in place of an error."""
    codecs.register_error(HANDLER, _plain)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors=HANDLER)


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    place = error.object[error.start : error.end]
    return "".join(PLAIN.get(char, "?") for char in place), error.end
