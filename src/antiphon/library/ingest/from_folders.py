"""Artist, album and title from the names of folders and files, where a file has no tags.

Names are believed where those of tagged files agree with their tags, or, where hardly any has tags, where most files
are numbered as tracks of albums are. Folders of classes (``genres/jazz/jazz.00001.wav``) are neither.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from antiphon.library.leakage.artists import known_artist
from antiphon.library.manifest.paths.albums import NamesInPath, comparable, named_by
from antiphon.library.manifest.rows.entry import Entry

FEWEST = 5
"""Tagged files from which their tags say whether names can be believed."""
MOSTLY = 0.5


def fill_from_folders(entries: Sequence[Entry]) -> dict[str, int]:
    """Fill what is open, and count it: "artist", "album", "title" → tracks.

    Parameters
    ----------
    entries : of a folder of sound without a table, after their tags were taken.
    """
    if all(entry.artist and entry.album and entry.title for entry in entries):
        return {}
    said = [named_by(entry.path) for entry in entries]
    if not _believable(entries, said):
        return {}
    filled: Counter[str] = Counter()
    same: dict[str, str] = {}
    for entry, names in zip(entries, said, strict=True):
        for role, text in (("artist", known_artist(names.artist) and names.artist), ("album", names.album)):
            if text and not getattr(entry, role):
                setattr(entry, role, same.setdefault(text, text))
                filled[role] += 1
        if names.title and not entry.title:
            entry.title = names.title
            filled["title"] += 1
    return dict(filled)


def drop_album_captions(entries: Sequence[Entry]) -> int:
    """Take captions back that were folders' names, if tags show that the folders are artists or albums.

    Returns
    -------
    How many there were.
    """
    named = [entry for entry in entries if entry.captions and (entry.artist or entry.album)]
    agree = sum(_is_album(entry) for entry in named)
    if len(named) < MOSTLY * len(entries) or agree < MOSTLY * len(named):
        return 0
    for entry in entries:
        entry.captions.clear()
        entry.kinds = None
    return len(entries)


def _is_album(entry: Entry) -> bool:
    caption = comparable(entry.captions[-1])
    return any(name and name in caption for name in (comparable(entry.artist), comparable(entry.album)))


def _believable(entries: Sequence[Entry], said: Sequence[NamesInPath]) -> bool:
    both = [
        (comparable(entry.artist), comparable(names.artist))
        for entry, names in zip(entries, said, strict=True)
        if entry.artist and names.artist
    ]
    if len(both) >= FEWEST:
        return sum(tag in name or name in tag for tag, name in both) >= MOSTLY * len(both)
    placed = [names for names in said if names.album]
    return len(placed) >= MOSTLY * len(said) and sum(names.numbered for names in placed) >= MOSTLY * len(placed)
