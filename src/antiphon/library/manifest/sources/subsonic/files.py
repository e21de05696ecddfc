"""Which file on this machine is a server's song.

A song's path counts where a file is there. Elsewhere the file must be the only one of the song's size in bytes and
carry its name, or have its file name in a folder of the same name. Anything less would give some tracks another's
sound.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from antiphon.library.manifest.paths.finder import sounds_below
from antiphon.library.manifest.paths.mapping import PathMap, is_absolute, mapped

SHORTEST = 3
"""Letters and digits from which a title says something about a file's name."""


class LocalFiles:
    """The files of some folders, and how songs were found among them.

    Parameters
    ----------
    folders : the music's folders here.
    maps : where the server's own folders are here.
    """

    def __init__(self, folders: Sequence[Path], maps: Sequence[PathMap]) -> None:
        self._folders, self._maps = [folder.absolute() for folder in folders], maps
        self.by_path = self.by_size = self.by_name = 0

    def told(self) -> str:
        """How many files were found in which way."""
        ways = ((self.by_path, "path"), (self.by_size, "size and title"), (self.by_name, "names of file and folder"))
        return ", ".join(f"{number} by {way}" for number, way in ways if number)

    def find(self, song: Mapping[str, Any]) -> str:
        """The absolute path of a song's file, "" where none is surely it."""
        written = song.get("path")
        path = self._at_path(written) if isinstance(written, str) and written and "\x00" not in written else ""
        if path:
            self.by_path += 1
            return path
        path = self._of_size(song)
        if path:
            self.by_size += 1
            return path
        path = self._of_name(written) if isinstance(written, str) else ""
        self.by_name += bool(path)
        return path

    def _at_path(self, written: str) -> str:
        if is_absolute(written):
            candidates = [mapped(written, self._maps)]
        else:
            candidates = [os.path.normpath(folder / written) for folder in self._folders]
            inside = [str(folder) for folder in self._folders]
            candidates = [p for p, top in zip(candidates, inside, strict=True) if p.startswith(f"{top}{os.sep}")]
        return next((path for path in candidates if os.path.isfile(path)), "")  # noqa: PTH113

    def _of_size(self, song: Mapping[str, Any]) -> str:
        size, title = song.get("size"), _letters(str(song.get("title", "")))
        if not isinstance(size, int) or len(title) < SHORTEST:
            return ""
        path = self._by_size.get((size, str(song.get("suffix", "")).casefold()), "")
        return path if title in _letters(PurePosixPath(path).stem) else ""

    def _of_name(self, written: str) -> str:
        parts = written.replace("\\", "/").rsplit("/", 2)[-2:]
        return self._by_name.get(tuple(map(_letters, parts)), "") if len(parts) == 2 else ""

    @cached_property
    def _sounds(self) -> list[str]:
        return list(dict.fromkeys(path for folder in self._folders for path in sounds_below(folder)))

    @cached_property
    def _by_size(self) -> dict[tuple[int, str], str]:
        """Size and ending → the only file that has both; "" where several have."""
        found: dict[tuple[int, str], str] = {}
        for path in self._sounds:
            try:
                key = (os.stat(path).st_size, path.rpartition(".")[2].casefold())  # noqa: PTH116
            except OSError:
                continue
            found[key] = "" if key in found else path
        return found

    @cached_property
    def _by_name(self) -> dict[tuple[str, ...], str]:
        """Names of folder and file → the only file that has both; "" where several have."""
        found: dict[tuple[str, ...], str] = {}
        for path in self._sounds:
            key = tuple(map(_letters, path.rsplit("/", 2)[-2:]))
            found[key] = "" if key in found else path
        return found


def _letters(text: str) -> str:
    """A name's letters and digits, case folded: players write marks that no file name can hold otherwise."""
    return "".join(mark for mark in unicodedata.normalize("NFKC", text).casefold() if mark.isalnum())
