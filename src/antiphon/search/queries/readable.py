"""What may be asked: words, and how many answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from antiphon import registry
from antiphon.encoders._shared.language.unread import language_unread, languages_of
from antiphon.errors import ConfigError, LibraryError
from antiphon.library.commands import command
from antiphon.registry import EncoderCard
from antiphon.search.queries.remark import Remark


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
    r"""A query as text: bytes that a shell passed on undecoded (no UTF-8) are read as the usual 8-bit alphabet.

    >>> readable("caf\udce9 jazz")
    'café jazz'
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        try:
            return text.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
        except UnicodeEncodeError:  # half of a character, as JSON can write it: no byte of any alphabet
            return text.encode("utf-8", "replace").decode("utf-8")
    return text


def language_remarks(text: str, readers: Sequence[EncoderCard], root: Path | str = ".") -> list[Remark]:
    """That a query is in a language which its readers were not trained to read, where that is sure; else nothing.

    Parameters
    ----------
    text : the query.
    readers : the text encoders that read it.
    root : the library that is asked, which the commands name.
    """
    found = language_unread(text, languages_of(readers))
    if found is None:
        return []
    names = " and ".join(dict.fromkeys(card.name for card in readers))
    others = [registry.find(name).card for name in registry.names("text")]
    able = next((card.name for card in others if set(card.languages) & set(found.codes)), None)
    looks = f"the query looks {found.name},"
    if able in {part for card in readers for part in card.name.split("+")}:
        alone = f"which of {names} {able} alone was trained to read: by it alone search finds more."
        return [Remark(problem=f"{looks} {alone}", of_language=True)]
    fix = ""
    if able:
        again = f"{command(f'embed --text {able}', root)}, then {command(f'train --text {able}', root)}"
        fix = f"{able} reads it: antiphon encoders --get {able}, then {again}"
    return [Remark(problem=f"{looks} a language that {names} was not trained to read.", fix=fix, of_language=True)]
