"""The file of a checkpoint: written atomically with a checksum, read without running anything that it holds."""

from __future__ import annotations

import errno
import pickle
from pathlib import Path
from typing import Any, BinaryIO, cast

import torch

from antiphon.align.checkpoint.checksum import KEY, checksum
from antiphon.align.checkpoint.sealed import read_sealed, sealed_manifest
from antiphon.align.checkpoint.upgrade import FORMAT
from antiphon.errors import CheckpointError
from antiphon.library.files import write_atomically

OF_DAMAGE = (None, errno.EINVAL)
"""Numbers of an OSError that is no trouble of the system's: torch seeks before the beginning of a file that is cut."""


def write_state(state: dict[str, Any], path: Path, *, seal: str | None = None) -> None:
    """Write what :meth:`Bundle.state` gives, atomically.

    Parameters
    ----------
    seal : its checksum, where that is known.
    """
    whole = {**state, KEY: seal or checksum(state)}
    write_atomically(path, lambda stream: _save(whole, stream))


class _Told:
    """A stream that keeps why it could not be written: torch hides that, and a full disk is to be called so.

    Parameters
    ----------
    stream : to write to, until it fails.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.error: OSError | None = None

    def write(self, data: bytes) -> int:
        """Write, or do nothing once that has failed."""
        if self.error is None:
            try:
                self._stream.write(data)
            except OSError as error:
                self.error = error
        return len(data)

    def flush(self) -> None:
        """Nothing: whoever opened the stream flushes it."""


def _save(state: dict[str, Any], stream: BinaryIO) -> None:
    told = _Told(stream)
    torch.save(state, cast(BinaryIO, told))
    if told.error is not None:
        raise told.error


def read_state(path: Path) -> dict[str, Any]:
    """What a checkpoint's file, or a sealed bundle's folder, holds, its checksum included.

    Raises
    ------
    CheckpointError : the file is missing, damaged, no Antiphon checkpoint, or of another format version.
    """
    sealed = sealed_manifest(path)
    if sealed is not None:
        return _of_known_format(read_sealed(sealed), sealed)
    if not path.is_file():
        there = ", ".join(sorted(p.name for p in path.parent.glob("*.pt"))) or "none"
        raise CheckpointError(
            f"No checkpoint {path} (beside it: {there}).", fix="Train first: antiphon train --encoder NAME"
        )
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:  # torch's own message may advise to run whatever the file brings
        raise CheckpointError(
            f"{path} cannot be read: it is damaged, or holds what could run code of its own.",
            fix="Ask for a checkpoint that Antiphon wrote, or train again.",
        ) from error
    except Exception as error:  # torch raises a dozen types for damaged files, whose words say nothing to a user
        if isinstance(error, OSError) and error.errno not in OF_DAMAGE:
            raise
        raise CheckpointError(
            f"{path} cannot be read: it is damaged, or no checkpoint.",
            fix="Name one in checkpoints/; where it is damaged, train again, or restore it from a copy.",
        ) from error
    if not isinstance(state, dict) or "format" not in state:
        raise CheckpointError(f"{path} is a torch file, but no Antiphon checkpoint.", fix="Name one in checkpoints/.")
    return _of_known_format(state, path)


def stored_checksum(path: Path) -> str:
    """The checksum that a checkpoint was written with, by which a result says which checkpoint it is of.

    Times of modification do not: copying or restoring a library changes them. "" for a checkpoint of before 26 November
    2026, and for a file that is missing or no checkpoint.
    """
    try:
        return str(read_state(path).get(KEY, ""))
    except (CheckpointError, OSError):
        return ""


def _of_known_format(state: dict[str, Any], path: Path) -> dict[str, Any]:
    if state.get("format") not in range(1, FORMAT + 1):
        raise CheckpointError(
            f"{path} has format {state.get('format')} (Antiphon {state.get('antiphon')}); this one reads 1 to "
            f"{FORMAT}.",
            fix="Use the version that wrote it, or a later one; or train again with this one.",
        )
    return state
