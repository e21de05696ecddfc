"""Where the reference package ``muq`` comes from: a folder of its own, for it breaks on transformers 5."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PACKAGES = ["muq==0.1.0", "einops", "easydict", "transformers==4.49.0", "huggingface_hub<1", "tokenizers<0.22"]
PACKAGES += ["requests", "urllib3", "charset_normalizer", "idna", "certifi"]


def install(folder: Path) -> str:
    """Put the package and what it needs into ``folder``, nothing of which replaces torch; return why not, or ""."""
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder), *PACKAGES]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    return done.stderr.strip()[-300:] if done.returncode else ""
