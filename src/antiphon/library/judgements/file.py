"""``judgements.jsonl``: read with every line checked, appended to under a lock."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from antiphon.errors import LibraryError
from antiphon.library.files import flush_to_disk, of_file, open_in_library
from antiphon.library.judgements.judgement import Judgement, PairKey, judgement_from

NAME = "judgements.jsonl"


@dataclass(frozen=True)
class Judgements:
    """All that was judged, in the order of time.

    Parameters
    ----------
    lines : one a line of the file; a pair may stand there several times.
    remarks : what is not as it should be and yet can be read, each a sentence.
    """

    lines: tuple[Judgement, ...] = ()
    remarks: tuple[str, ...] = ()

    @cached_property
    def latest(self) -> dict[PairKey, Judgement]:
        """The judgement that counts of each pair."""
        return {judgement.key: judgement for judgement in self.lines}

    def __len__(self) -> int:
        return len(self.latest)


def read_judgements(root: Path) -> Judgements:
    """What was judged of a library; nothing where there is no file.

    A last line without its end is what a killed process leaves: it is not counted, and said.

    Raises
    ------
    LibraryError : the file cannot be read, or a line is no judgement; the message names the line.
    """
    path = root / NAME
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Judgements()
    except OSError as error:
        raise LibraryError(f"{path} cannot be read: {error.strerror}.", fix="Make it readable.") from error
    whole, _, torn = content.rpartition(b"\n")
    lines = whole.split(b"\n") if whole else []
    found = tuple(_of_line(line, path, row) for row, line in enumerate(lines, 1) if line.strip())
    said = f"{path}, line {len(lines) + 1}: cut off when it was written, and not counted; judge that pair again."
    return Judgements(found, (said,) if torn.strip() else ())


def _of_line(line: bytes, path: Path, row: int) -> Judgement:
    try:
        return judgement_from(json.loads(line.decode("utf-8")))
    except (ValueError, RecursionError) as error:
        problem = "is no JSON object" if isinstance(error, UnicodeDecodeError | json.JSONDecodeError) else error
        raise LibraryError(
            f"{path}, line {row} {problem}.", fix="Mend or remove this line; the others stay as they are."
        ) from error


def append_judgements(root: Path, judgements: Iterable[Judgement]) -> None:
    """Add judgements at the end of the file, flushed to disk; a torn last line is cut off first.

    Whoever else adds some at this moment is waited for: it takes an instant.

    Raises
    ------
    LibraryError : the file is a link.
    """
    lines = b"".join(_line(judgement) for judgement in judgements)
    path = root / NAME
    with of_file(path), open_in_library(path, "ab") as stream:
        with suppress(OSError):  # a file system without locks: as safe as one writer is
            fcntl.flock(stream, fcntl.LOCK_EX)
        _cut_torn_line(path)
        stream.write(lines)
        flush_to_disk(stream)


def _line(judgement: Judgement) -> bytes:
    text = json.dumps(judgement.to_dict(), ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def _cut_torn_line(path: Path) -> None:
    with open_in_library(path, "r+b") as stream:
        content = stream.read()
        kept = content.rfind(b"\n") + 1
        if kept < len(content):
            stream.truncate(kept)
