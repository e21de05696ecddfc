"""What may be asked: words, and how many answers."""

from __future__ import annotations

from antiphon.errors import ConfigError, LibraryError


def require_some(k: int) -> None:
    """ConfigError where ``k`` asks for no answer at all."""
    if k < 1:
        raise ConfigError(f"k is {k}: it has to be at least 1.", fix="-k 10 gives ten answers.")


def require_words(text: str) -> str:
    """A query as :func:`readable` text.

    Raises
    ------
    LibraryError : it is blank.
    """
    text = readable(text)
    if not text.strip():
        raise LibraryError("The query is empty.", fix='Describe the music: antiphon search "slow sad piano"')
    return text


def readable(text: str) -> str:
    """A query as text: bytes that a shell passed on undecoded (no UTF-8) are read as the usual 8-bit alphabet.

    >>> readable("caf\udce9 jazz")
    'café jazz'
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
    return text
