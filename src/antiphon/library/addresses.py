"""Which paths are addresses: sound behind a scheme (``s3://bucket/a.flac``) and not a file of this machine."""

from __future__ import annotations

import re
from pathlib import Path

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


def is_address(path: Path | str) -> bool:
    """Whether this names something behind a scheme. A ``Path`` never does: it would have lost a slash."""
    return isinstance(path, str) and _SCHEME.match(path) is not None
