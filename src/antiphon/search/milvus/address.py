"""Which collection of which Milvus is meant.

``milvus://HOST:PORT/COLLECTION`` is a server, ``milvus+https://…`` one with TLS; a path that ends in ``.db`` is a file
of Milvus Lite. Credentials come from ``ANTIPHON_MILVUS_TOKEN`` ("user:password", or a token), never from the address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from antiphon.errors import ConfigError

TOKEN = "ANTIPHON_MILVUS_TOKEN"  # nosec B105 # a variable's name
LITE_COLLECTION = "tracks"
SCHEMES = {"milvus": "http", "milvus+https": "https"}
EXAMPLE = "milvus://localhost:19530/tracks, or tracks.db for a file."
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,200}")


@dataclass(frozen=True)
class Address:
    """A collection.

    Parameters
    ----------
    uri : what the client opens.
    collection : the name that searches use; an alias of the collection of one checkpoint.
    shown : as it was written.
    """

    uri: str
    collection: str
    shown: str

    @property
    def file(self) -> Path | None:
        """The file of Milvus Lite; None for a server."""
        return None if "://" in self.uri else Path(self.uri)


def kept_address(text: str) -> str:
    """An address as it is kept for later, wherever that is asked from: a file by its absolute path.

    Raises
    ------
    ConfigError : it is none.
    """
    file = address_of(text).file
    return text if file is None else str(file.absolute())


def address_of(text: str) -> Address:
    """What an address means.

    Raises
    ------
    ConfigError : it is none.
    """
    parts = urlsplit(text)
    if parts.scheme in SCHEMES:
        name = parts.path.strip("/")
        if "@" in parts.netloc:
            raise ConfigError("An address holds no password.", fix=f"Put it into the environment variable {TOKEN}.")
        if not parts.hostname or not _NAME.fullmatch(name):
            raise ConfigError(f"'{text}' names no collection of a Milvus server.", fix=f"Such as {EXAMPLE}")
        return Address(f"{SCHEMES[parts.scheme]}://{parts.netloc}", name, text)
    if not parts.scheme and text.endswith(".db"):
        return Address(text, LITE_COLLECTION, text)
    raise ConfigError(f"'{text}' is no address of an index.", fix=f"Such as {EXAMPLE}")
