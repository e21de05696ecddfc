"""A copy of a library that went through the chain, for a test that changes it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def copy_trained(trained: Path, root: Path) -> Path:
    """Copy a library to ``root``; its music, ``music`` beside it, is linked and not copied."""
    music = root.parent / "music"
    shutil.copytree(trained / "music", music, copy_function=os.link)
    shutil.copytree(trained, root, ignore=shutil.ignore_patterns("music"))
    (root / "music").symlink_to(music)
    return root
