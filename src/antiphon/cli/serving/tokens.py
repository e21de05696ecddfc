"""Tokens that make their senders owners: from a file, or from the environment; never from the command line, which every
program on the machine can read.
"""

from __future__ import annotations

import os
from pathlib import Path

from antiphon.errors import ConfigError
from antiphon.search.server.guard.callers.tokens import checked
from antiphon.search.server.jobs.followed import TOKENS


def tokens_from(file: Path | None) -> tuple[str, ...]:
    """One a line of the file, or separated by commas in ``ANTIPHON_TOKENS``; lines that begin with # are none.

    Raises
    ------
    ConfigError : the file cannot be read or has none, or one is too short or not plain ASCII.
    """
    if file is None:
        lines = os.environ.get(TOKENS, "").split(",")
    else:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{file} cannot be read: {error}", fix="Name a text file, one token a line.") from error
    found = tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))
    if file is not None and not found:
        raise ConfigError(f"{file} has no token in it.", fix="Write one a line: openssl rand -hex 24")
    return tuple(checked(token) for token in found)
