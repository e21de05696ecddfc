"""Which caption each row of a file of text vectors belongs to.

A caption's id, ``{track_id}#{n}``, counts captions, and who wrote the file may have counted other ones: the library
drops empty and repeated captions. So a file that holds its texts goes by them. Of one that does not, the ids are
believed only for tracks of which it has no caption more than the library: else all of that track is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from antiphon.library.tracks import Library
from antiphon.library.vectors.files.vector_file import VectorFile
from antiphon.printed import counted
from antiphon.texts import normalised_text


@dataclass(frozen=True, kw_only=True)
class CaptionRows:
    """The caption ids of a file's rows.

    Parameters
    ----------
    ids : (n,) a caption's id; a row that belongs to none keeps an id that the library does not have.
    doubtful : tracks of which nothing is taken, each with the reason.
    other_text : rows whose id is a caption's of the library, but whose text is another.
    """

    ids: list[str]
    doubtful: dict[str, str]
    other_text: tuple[str, ...] = ()


def caption_rows(source: VectorFile, library: Library) -> CaptionRows:
    """Give every row of a file of text vectors its caption."""
    captions = library.caption_column("caption_id").tolist()
    owners = library.caption_column("track_id").tolist()
    owner_of = dict(zip(captions, owners, strict=True))
    if source.texts is not None:
        texts = library.caption_column("text").tolist()
        return _by_text(source.ids, source.texts, owner_of, dict(zip(captions, texts, strict=True)))
    counted = source.per_caption and not set(source.ids) & set(captions)
    return _by_number(_numbered(source.ids) if counted else source.ids, owner_of)


def _numbered(track_ids: Sequence[str]) -> list[str]:
    """Where a table names tracks, once for each caption, its rows are counted."""
    seen: dict[str, int] = {}
    numbered = []
    for track_id in track_ids:
        n = seen.get(track_id, 0)
        seen[track_id] = n + 1
        numbered.append(f"{track_id}#{n}")
    return numbered


def _track_of(item: str, owner_of: Mapping[str, str], tracks: set[str]) -> str:
    """The track that an id of a file is about; "" where there is no such track."""
    track = owner_of.get(item) or (item if item in tracks else item.rpartition("#")[0])
    return track if track in tracks else ""


def _by_text(
    ids: Sequence[str], texts: Sequence[str], owner_of: Mapping[str, str], text_of: Mapping[str, str]
) -> CaptionRows:
    by_text = {(owner, normalised_text(text_of[caption])): caption for caption, owner in owner_of.items()}
    tracks = set(owner_of.values())
    found, other = [], []
    for item, text in zip(ids, texts, strict=True):
        caption = by_text.get((_track_of(item, owner_of, tracks), normalised_text(text)))
        if caption is None and item in owner_of:
            other.append(item)
        found.append(caption or f"{item}: {text[:60] or 'no text'}")
    return CaptionRows(ids=found, doubtful={}, other_text=tuple(dict.fromkeys(other)))


def _by_number(ids: Sequence[str], owner_of: Mapping[str, str]) -> CaptionRows:
    tracks = set(owner_of.values())
    here: dict[str, set[str]] = {}
    for caption, owner in owner_of.items():
        here.setdefault(owner, set()).add(caption)
    there: dict[str, set[str]] = {}
    for item in ids:
        there.setdefault(_track_of(item, owner_of, tracks), set()).add(item)
    there.pop("", None)
    written = {track: {caption for caption in mine if _number(caption) is not None} for track, mine in here.items()}
    doubtful = {
        track: _doubt(track, rows - (here[track] - written[track]), written[track])
        for track, rows in there.items()
        if rows - here[track] and written[track] and _without_holes(track, written[track])
    }
    if not doubtful and _from_one(there, written):
        doubtful = {track: f"{track}: no caption #0 in the file, which may count from 1" for track in there}
    kept = [f"{item} (in doubt)" if _track_of(item, owner_of, tracks) in doubtful else item for item in ids]
    return CaptionRows(ids=kept if doubtful else list(ids), doubtful=doubtful)


def _doubt(track: str, rows: set[str], written: set[str]) -> str:
    """Why a track's rows are not believed."""
    if len(rows) > len(written):
        here = counted(len(written), "caption")
        return f"{track} has {counted(len(rows), 'caption vector')} in the file, {here} here"
    last = len(written) - 1
    ids = f"{track}#0" + (f" to #{last}" if last else "")
    return f"'{min(rows - written)}' is none of {track}'s captions here ({ids})"


def _from_one(there: Mapping[str, set[str]], written: Mapping[str, set[str]]) -> bool:
    """Whether a file counts captions from 1, as far as one can see: it has numbers, and of no track the first one."""
    numbers = [_number(item) for rows in there.values() for item in rows]
    known = [number for number in numbers if number is not None]
    return bool(known) and 0 not in known and any(f"{track}#0" in written[track] for track in there)


def _number(caption: str) -> int | None:
    """Which of its track's captions one is, None for one that was made or is called otherwise."""
    name = caption.rpartition("#")[2]
    return int(name) if name.isascii() and name.isdigit() else None


def _without_holes(track: str, captions: set[str]) -> bool:
    """Whether the library counted its captions one after the other; where it left holes, it counted rows."""
    return captions == {f"{track}#{n}" for n in range(len(captions))}
