"""What tinytag found in a file, as texts under the tags' own names.

Texts are split where a program put several into one, dates become ISO 8601 as far as they say anything, numbers lose
what stands around them. Nothing is guessed: what a number or a date cannot be made of is kept under
``other_fields``, as are further values of tags that have only one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from antiphon.library.tags.encodings import FINE, Repair, find_repair, repaired
from antiphon.library.tags.names import LISTS, TEXTS, tag_name

Tags = dict[str, list[str]]
SPARE = "other_fields"
PICTURES = frozenset({"coverart", "coverartmime", "coverartdescription", "metadata_block_picture"})
LONGEST = 100_000
BLOB = 512
"""Characters without white space from which a text is a program's data and nothing to read."""
MUSICBRAINZ = "http://musicbrainz.org"
NUMBERS = ("tracknumber", "tracktotal", "discnumber", "disctotal")
_DATE = re.compile(r"(\d{4})(?:[-./](\d{1,2})(?:[-./](\d{1,2}))?)?(?:[T ].*)?")
_YEAR = re.compile(r"(?<!\d)(1[0-9]|20)\d\d(?!\d)")
_NUMBER = re.compile(r"([-+]?[0-9]{1,9}(?:[.,][0-9]+)?)\s*(?:bpm|db)?", re.IGNORECASE)


def tidy(found: Mapping[str, Sequence[str]]) -> tuple[Tags, Repair, int]:
    """The tags of one file.

    Parameters
    ----------
    found : name as the format gives it → values as they stand.

    Returns
    -------
    tags : name → values, none of them empty, no two alike.
    repair : what the texts had been stored in.
    left_out : texts that are pictures or a program's data.
    """
    named, left_out = _named(found)
    repair = find_repair([value for values in named.values() for value in values])
    if repair is not FINE:
        named = {name: [repaired(value, repair) for value in values] for name, values in named.items()}
    spare: list[str] = named.pop(SPARE, [])
    tags: Tags = {}
    for name, values in named.items():
        _add(tags, name, list(dict.fromkeys(value for value in values if value)), spare)
    if spare:
        tags[SPARE] = spare
    return tags, repair, left_out


def one_line(text: str) -> str:
    """A text as a name: line breaks and control characters are spaces, for names stand in lists and playlists."""
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())


def _named(found: Mapping[str, Sequence[str]]) -> tuple[dict[str, list[str]], int]:
    named: dict[str, list[str]] = {}
    left_out = 0
    for raw, values in found.items():
        for value in values:
            name, pieces = _pieces(raw, value)
            for piece in pieces:
                if name in PICTURES or (len(piece) >= BLOB and not re.search(r"\s", piece)):
                    left_out += 1
                elif piece:
                    named.setdefault(name, []).append(piece)
    return named, left_out


def _pieces(raw: str, value: str) -> tuple[str, list[str]]:
    """The tag's name, and its value cut at the zeros that stand between several values."""
    pieces = [piece.replace("\ufeff", "").strip()[:LONGEST] for piece in value.split("\0")]
    if raw.casefold() == "ufid":
        is_recording = pieces[0] == MUSICBRAINZ and len(pieces) > 1
        return ("musicbrainz_trackid", pieces[1:2]) if is_recording else ("ufid", [" ".join(pieces)])
    return tag_name(raw), pieces


def _add(tags: Tags, name: str, values: list[str], spare: list[str]) -> None:
    if name in LISTS:
        items = [item for value in values for item in _split(name, value)]
        tags[name] = list(dict.fromkeys([*tags.get(name, []), *items]))
    elif name == "artist":
        tags["artist"], several = values[:1], list(dict.fromkeys([*tags.get("artists", []), *values]))
        if len(several) > 1:
            tags["artists"] = _without_joined(several)
    elif name in ("date", "originaldate"):
        _add_date(tags, name, values, spare)
    elif name == "bpm" or name in NUMBERS or name.startswith("replaygain_"):
        _add_number(tags, name, values, spare)
    elif name in TEXTS:
        tags[name] = ["\n".join(values) if name in ("comment", "lyrics") else "; ".join(values)]
    else:
        tags[name] = values
    if not tags.get(name):
        tags.pop(name, None)


def _split(name: str, value: str) -> list[str]:
    """Genres and moods that stand in one text; a slash alone is part of a name (Drum/Bass)."""
    pieces = re.split(r";| / ", value) if name in ("genre", "mood") else [value]
    return [piece.strip() for piece in pieces if piece.strip()]


def _without_joined(artists: list[str]) -> list[str]:
    """The artists one by one, without a first that only names the others together."""
    first, *others = artists
    joined = len(others) > 1 and all(other.casefold() in first.casefold() for other in others)
    return others if joined else artists


def _add_date(tags: Tags, name: str, values: list[str], spare: list[str]) -> None:
    """The year, and a date where it says more than that."""
    year_name = name.replace("date", "year")
    for value in values:
        iso = _iso(value)
        year = iso[:4] or next((match.group() for match in _YEAR.finditer(value)), "")
        if year:
            tags.setdefault(year_name, [year])
        if len(iso) > len(year):
            tags.setdefault(name, [iso])
        fits = iso and (tags.get(name) == [iso] or (iso == year and tags[year_name] == [year]))
        if not fits:
            spare.append(f"{name}: {value}")


def _iso(value: str) -> str:
    """A date as ISO 8601, as far as it goes; "" for what is none. The time of day is no part of it."""
    match = _DATE.fullmatch(value)
    if match is None or match[1] == "0000":
        return ""
    year, month, day = match[1], int(match[2] or 0), int(match[3] or 0)
    if month > 12 or day > 31 or (day and not month):
        return ""
    return year + (f"-{month:02}" + (f"-{day:02}" if day else "") if month else "")


def _add_number(tags: Tags, name: str, values: list[str], spare: list[str]) -> None:
    for value in values:
        match = _NUMBER.fullmatch(value)
        number = _plain_number(match[1]) if match else ""
        if number == "0" and name in ("bpm", *NUMBERS):  # programs write 0 for "not known"
            continue
        if number:
            tags.setdefault(name, [number])
        if tags.get(name) != [number]:
            spare.append(f"{name}: {value}")


def _plain_number(number: str) -> str:
    value = float(number.replace(",", "."))
    return str(int(value)) if value.is_integer() else repr(value)
