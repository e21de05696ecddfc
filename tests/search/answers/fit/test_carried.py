"""What a bundle carries to judge answers by."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from antiphon.library.tracks import Library
from antiphon.library.vectors.store import HEADER_BYTES
from antiphon.search.answers.fit.carried import fit_to_carry
from tests.helpers.libraries.made_vectors import make_library


def test_a_vector_that_a_disk_has_damaged_is_left_out(tmp_path: Path) -> None:
    library = make_library(tmp_path)
    reads: Any = SimpleNamespace(encode=lambda texts: np.eye(24, dtype=np.float32)[np.arange(len(texts)) % 24])
    bundle: Any = SimpleNamespace(encoder="made", score_audio=lambda rows: rows, score_text=lambda rows: rows)
    whole = fit_to_carry(library, bundle, lambda: reads)
    file = tmp_path / "embeddings" / "audio" / "made" / "vectors.npy"
    np.memmap(file, np.float16, "r+", HEADER_BYTES).reshape(-1, 24)[3] = np.nan
    found = fit_to_carry(Library(tmp_path), bundle, lambda: reads)
    assert whole is not None
    assert found is not None
    assert np.isfinite(found["scores"]).all()
    assert found["captions"] == whole["captions"]
