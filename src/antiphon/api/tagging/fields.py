"""Fields of a sound file, read and written by mutagen: the same few names in every format.

mutagen is no dependency of Antiphon (docs/decisions/writing-tags.md): whoever writes tags installs it.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from antiphon.api.tagging.words import Fields
from antiphon.errors import AudioError, ConfigError

FREEFORM = "----:com.apple.iTunes:"
NAMED: dict[str, dict[str, str]] = {"id3": {"mood": "TMOO", "grouping": "GRP1"}, "mp4": {"grouping": "\xa9grp"}}
"""Format → the field's own name there; others are TXXX:NAME in ID3 and freeform atoms in MP4."""


def require_mutagen() -> None:
    """Refuse what needs it where it is not installed.

    Raises
    ------
    ConfigError : it is not.
    """
    if importlib.util.find_spec("mutagen") is None:
        raise ConfigError(
            "Writing tags needs mutagen, which Antiphon does not bring along (it is under the GPL).",
            fix="pip install 'antiphon[tags]'",
        )


def _opened(path: Path) -> tuple[Any, str]:
    """The file as mutagen has it, and which kind of tags it takes.

    Raises
    ------
    AudioError : its tags cannot be read, or its format takes none of these fields.
    """
    mutagen = importlib.import_module("mutagen")
    try:
        file = mutagen.File(path)
    except Exception as error:  # on damaged files it raises whatever comes
        raise AudioError(f"{path}: its tags cannot be read ({error}).") from error
    kind = _kind(file)
    if not kind:
        raise AudioError(f"{path}: tags of this format are not written.")
    if file.tags is None:
        file.add_tags()
    return file, kind


def _kind(file: Any) -> str:
    names = {each.__name__ for each in type(file).__mro__} if file is not None else set()
    if names & {"ID3FileType", "WAVE", "AIFF", "MP3", "TrueAudio"}:
        return "id3"
    if "MP4" in names:
        return "mp4"
    return "vorbis" if names & {"FLAC", "OggFileType", "OggVorbis", "OggOpus"} else ""


def read_fields(path: Path, names: tuple[str, ...]) -> Fields:
    """The values of some fields; those that the file has none of are left out. Errors as :func:`write_fields`."""
    file, kind = _opened(path)
    found = {name: _values(file.tags, kind, name) for name in names}
    return {name: values for name, values in found.items() if values}


def _values(tags: Any, kind: str, name: str) -> list[str]:
    if kind == "vorbis":
        return [str(value) for value in tags.get(name.upper(), [])]
    if kind == "mp4":
        said = tags.get(NAMED["mp4"].get(name, FREEFORM + name.upper()), [])
        return [value if isinstance(value, str) else bytes(value).decode("utf-8", "replace") for value in said]
    frame = tags.get(NAMED["id3"].get(name, f"TXXX:{name.upper()}"))
    return [] if frame is None else [str(value) for value in frame.text]


def write_fields(path: Path, fields: Mapping[str, list[str]]) -> None:
    """Set some fields of a file, in place; [] removes one. All others stay as they are.

    Raises
    ------
    AudioError : its tags cannot be read or written.
    """
    file, kind = _opened(path)
    for name, values in fields.items():
        _set(file.tags, kind, name, values)
    mutagen = importlib.import_module("mutagen")
    try:
        if kind == "id3" and getattr(file.tags, "version", (2, 4, 0))[:2] == (2, 3):
            file.save(v2_version=3)  # as the file had it: some players read nothing newer
        else:
            file.save()
    except mutagen.MutagenError as error:
        raise AudioError(f"{path}: its tags cannot be written ({error}).") from error


def _set(tags: Any, kind: str, name: str, values: list[str]) -> None:
    if kind == "vorbis":
        _drop(tags, name.upper())
        if values:
            tags[name.upper()] = values
    elif kind == "mp4":
        key = NAMED["mp4"].get(name, FREEFORM + name.upper())
        _drop(tags, key)
        if values:
            tags[key] = values if key in NAMED["mp4"].values() else [value.encode() for value in values]
    else:
        _set_frame(tags, name, values)


def _drop(tags: Any, key: str) -> None:
    if key in tags:
        del tags[key]


def _set_frame(tags: Any, name: str, values: list[str]) -> None:
    frames = importlib.import_module("mutagen.id3")
    own = NAMED["id3"].get(name)
    tags.delall(own or f"TXXX:{name.upper()}")
    if values:
        tags.add(
            getattr(frames, own)(encoding=3, text=values)
            if own
            else frames.TXXX(encoding=3, desc=name.upper(), text=values)
        )
