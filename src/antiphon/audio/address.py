"""Sound that is not a file of this machine: object storage, and whatever else fsspec opens.

An address has a scheme (``s3://bucket/a.flac``, ``gs://…``, ``file:///…``). A plain name that merely holds a colon is a
file. fsspec is imported only when an address is met; its drivers (s3fs, gcsfs, …) are packages of their own.
"""

from __future__ import annotations

import re
from types import ModuleType
from typing import BinaryIO, cast

from antiphon.errors import AntiphonError, AudioError

_MARKS = ("ETag", "etag", "md5Hash", "mtime", "LastModified", "last_modified", "updated", "created")
"""What storages call that which changes with the content, the surest first."""
_OURS = dict.fromkeys(("subsonic+https", "subsonic+http"), "antiphon.library.subsonic.storage.SubsonicStorage")
"""Kinds of storage that come with Antiphon."""


def open_address(address: str) -> BinaryIO:
    """Open for reading, seekable.

    Raises
    ------
    AudioError : nothing is there, it is empty or may not be read, or the storage's driver is not installed.
    """
    if not describe_address(address)[0]:
        raise AudioError(f"{address} is empty (0 bytes).", fix="Fetch the file again.")
    fsspec = _fsspec()
    try:
        return cast(BinaryIO, fsspec.open(address, "rb").open())
    except OSError as error:
        raise AudioError(f"{address} cannot be read: {error}.") from error
    except AntiphonError as error:
        raise AudioError(f"{address} cannot be read: {error.problem}", fix=error.fix) from error


def _fsspec() -> ModuleType:
    import fsspec

    for scheme, driver in _OURS.items():
        fsspec.register_implementation(scheme, driver)
    return cast(ModuleType, fsspec)


def describe_address(address: str) -> tuple[int, str]:
    """Size in bytes, and a mark that changes when the content does ("" where the storage has none).

    Raises
    ------
    AudioError : nothing is there, it may not be read, or the storage's driver is not installed.
    """
    fsspec = _fsspec()
    try:
        storage, path = fsspec.core.url_to_fs(address)
        found = storage.info(path)
    except FileNotFoundError:
        raise AudioError(f"{address} is missing.", fix="Put it back, or correct its path in the manifest.") from None
    except AntiphonError as error:
        raise AudioError(f"{address} cannot be read: {error.problem}", fix=error.fix) from error
    except (ImportError, ValueError) as error:
        raise AudioError(f"{address} cannot be opened: {error}.", fix="Install the storage's driver.") from error
    except Exception as error:  # every storage has errors of its own
        raise AudioError(f"{address} cannot be read: {type(error).__name__}: {error}.") from error
    if found.get("type") == "directory":
        raise AudioError(f"{address} is a folder, not a sound file.")
    mark = next((found[key] for key in _MARKS if found.get(key) is not None), "")
    return int(found.get("size") or 0), re.sub(r"[^0-9A-Za-z]", "", str(mark))
