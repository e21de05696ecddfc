"""What was found of one file of a library."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from antiphon.errors import AntiphonError

State = Literal["sound", "unsealed", "damaged", "newer"]
"""As it was written, or as it was when it got a checksum later (which is said); read in full, with nothing to compare
it with; not as it was written, or not to be read; written by a later version of Antiphon."""
Tell = Callable[[int], None]
"""Told of bytes that were read."""


@dataclass(frozen=True, kw_only=True)
class CheckedFile:
    """One file.

    Parameters
    ----------
    path : below the library's folder.
    state : see :data:`State`.
    said : what is wrong, or what is wanting; "" for nothing.
    fix : what to do about it, mostly a command.
    """

    path: str
    state: State
    said: str = ""
    fix: str = ""

    @property
    def wrong(self) -> bool:
        """Whether anything has to be done."""
        return self.state in ("damaged", "newer")


@dataclass(frozen=True, kw_only=True)
class Context:
    """What all checks ask.

    Parameters
    ----------
    root : the library's folder.
    ingest : the command that makes its tables anew.
    tell : told of bytes that were read.
    add_checksums : give vectors that have none a checksum of what they are now.
    """

    root: Path
    ingest: str
    tell: Tell
    add_checksums: bool = False

    def name(self, path: Path) -> str:
        """A path as it is reported."""
        return path.relative_to(self.root).as_posix()

    def sound(self, path: Path, said: str = "") -> CheckedFile:
        """It is as it was written."""
        return CheckedFile(path=self.name(path), state="sound", said=said)

    def unsealed(self, path: Path, said: str = "") -> CheckedFile:
        """It can be read; nothing says that it is as it was written."""
        return CheckedFile(path=self.name(path), state="unsealed", said=said)

    def damaged(self, path: Path, said: object, fix: str) -> CheckedFile:
        """It is not as it was written; of an error of ours what was wrong, since ``fix`` is what mends it here."""
        what = said.problem if isinstance(said, AntiphonError) else said
        return CheckedFile(path=self.name(path), state="damaged", said=str(what), fix=fix)

    def newer(self, path: Path, said: object) -> CheckedFile:
        """A later version wrote it."""
        return CheckedFile(path=self.name(path), state="newer", said=str(said), fix=LATER)

    def read(self, path: Path) -> None:
        """Note that a file was read in full."""
        self.tell(path.stat().st_size)


LATER = "Use the version of Antiphon that wrote it, or a later one."
"""The fix of what is newer."""
