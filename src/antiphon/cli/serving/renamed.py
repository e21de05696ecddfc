"""Music under another name than a library knows it by: its folder was renamed or moved, and nobody told the library."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from antiphon.errors import AntiphonError
from antiphon.library.addresses import is_address, split_part
from antiphon.library.ingest.recipe.recorded import inodes, inodes_of, library_recipe
from antiphon.library.manifest.paths.mapping import below
from antiphon.library.tags.ledger import TagLedger, open_tag_ledger
from antiphon.library.tracks import Library

LOOKED_AT = 200
"""Files of a library, evenly through it, that are looked for in the new place."""
MOST = 0.5
"""Share of them beyond which it is the same music: some were added, deleted or tagged meanwhile."""


class Renamed(NamedTuple):
    """A library whose music seems to be elsewhere now.

    Parameters
    ----------
    library : its folder.
    old : the folder of music as the library has it, which is gone.
    looked_at, found : files that were looked for in the new place, and those that are there as they were in the old.
    is_away : whether the disk of the old folder seems to be away, so that the new one may be a copy: it is another
        folder than the old one was, and that one's disk is not there to be without it.
    """

    library: Path
    old: str
    looked_at: int
    found: int
    is_away: bool = False


def renamed_from(folder: Path, libraries: Iterable[Path]) -> Renamed | None:
    """The library that a folder of music was known to by another name; None where there is none.

    A folder that is still there is no former name of another: that one is a copy, or other music. One whose disk seems
    to be away is given where no other is.

    Parameters
    ----------
    folder : of music, an absolute path.
    libraries : folders of libraries; one that cannot be read is passed over.
    """
    known: Renamed | None = None
    for root in libraries:
        try:
            library = Library(root)
            gone = [
                each
                for each in map(str, library_recipe(library).sources)
                if not is_address(each) and not Path(each).exists()
            ]
            found = [_looked_for(library, old, folder) for old in gone]
        except (AntiphonError, OSError):  # said by whatever opens it
            continue
        for each in found:
            if each is None or each.found <= MOST * each.looked_at:
                continue
            if not each.is_away:
                return each
            known = known or each
    return known


def _is_away(library: Library, old: str, folder: Path) -> bool:
    """Whether a folder that is gone seems to have gone with its disk; False where nothing says which disk that was."""
    was, now = inodes_of(library.meta, old), inodes(folder)
    if was is None or now is None or now[1] == was[1]:
        return False
    try:
        return Path(old).parent.stat().st_ino != was[0]
    except OSError:
        return True


def _looked_for(library: Library, old: str, folder: Path) -> Renamed | None:
    """How many of the files in a folder that is gone are in another one; None where the library has none there."""
    paths = [str(path) for path in library.column("path") if path and not is_address(str(path))]
    inside = [(path, rest) for path in paths if (rest := below(split_part(library.sound_at(path))[0], old))]
    if not inside:
        return None
    looked_at = inside[:: max(1, -(-len(inside) // LOOKED_AT))]
    ledger = open_tag_ledger(library.root)
    sizes = ledger.rows.column("size").to_pylist()
    there = sum(_is_there(folder / rest, path, ledger, sizes) for path, rest in looked_at)
    return Renamed(library.root, old, len(looked_at), there, _is_away(library, old, folder))


def _is_there(file: Path, path: str, ledger: TagLedger, sizes: list[int]) -> bool:
    """Whether a file is there, and as long as when it was read, where that is known."""
    if not file.is_file():
        return False
    row = ledger.row_of.get(path)
    return row is None or sizes[row] == file.stat().st_size
