"""Files of vectors to bring in, and what a library has of them afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from antiphon.library.vectors.store import open_vectors


def npz(path: Path, **arrays: object) -> Path:
    """A ``.npz`` of these arrays."""
    values: dict[str, Any] = {name: np.array(value) for name, value in arrays.items()}
    np.savez(path, **values)
    return path


def random(rows: int, size: int = 6) -> np.ndarray:
    """(rows, size) float32, always the same."""
    return np.random.default_rng(0).standard_normal((rows, size)).astype(np.float32)


def stored(root: Path, name: str = "mine", kind: str = "audio") -> dict[str, list[float]]:
    """Id → vector."""
    found = open_vectors(root / "embeddings" / kind / name)
    return {item: found.take([item])[0].tolist() for item in found.ids}
