"""The JSON columns of Navidrome's tracks: tags with several values, people by their roles, lyrics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from antiphon.library.manifest.text_tables import parse_json

NAMES = {
    "recordlabel": "label",
    "recordingdate": "date",
    "catalognumber": "catalognumber",
    "musickey": "key",
}
"""Navidrome's name of a tag → ours, where they differ."""
SHOWN = ("artist", "albumartist")
"""Roles that have a column of their own; as lists they are kept only where several people stand in one."""


def tags_of(cell: object) -> dict[str, list[str]]:
    """Tags by name, each a list: ``{"genre": [{"id": …, "value": "Jazz"}]}`` is ``{"genre": ["Jazz"]}``."""
    return {NAMES.get(name, name): values for name, found in _object(cell).items() if (values := _values(found))}


def people_of(cell: object, row: Mapping[str, Any]) -> dict[str, list[str]]:
    """People by role: composer, conductor, performer ("Anna (cello)") …; several artists as ``artists``."""
    people = {}
    for role, found in _object(cell).items():
        names = _values(found)
        if role not in SHOWN and names:
            people[role] = names
        elif len(names) > 1 or (names and names[0] != row.get("artist" if role == "artist" else "album_artist")):
            people[f"{role}s"] = names
    return people


def text_of_lyrics(cell: object) -> str:
    """The words of lyrics: plain text before 0.50, later a list of ``{"line": [{"value": …}]}``."""
    if not isinstance(cell, str) or not cell.lstrip().startswith("["):
        return cell if isinstance(cell, str) else ""
    try:
        found = parse_json(cell)
        lines = [str(line.get("value", "")) for version in found[:1] for line in version.get("line") or []]
    except (ValueError, AttributeError, TypeError):
        return cell
    return "\n".join(lines).strip()


def _object(cell: object) -> dict[str, Any]:
    if not isinstance(cell, str | bytes) or not cell:
        return {}
    try:
        value = parse_json(cell if isinstance(cell, str) else cell.decode("utf-8", "replace"))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _values(found: object) -> list[str]:
    items = found if isinstance(found, list) else [found]
    values = [_value(item) for item in items]
    return list(dict.fromkeys(value for value in values if value))


def _value(item: object) -> str:
    if not isinstance(item, Mapping):
        return str(item).strip() if isinstance(item, str | int | float) else ""
    text = str(item.get("value") or item.get("name") or "").strip()
    sub_role = str(item.get("subRole") or "").strip()
    return f"{text} ({sub_role})" if text and sub_role else text
