"""Several trainings by one call: what cannot be trained is refused before the first one begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from antiphon.align.config import TrainConfig
from antiphon.align.train_all import train_all
from antiphon.errors import LibraryError
from tests.helpers.libraries.made_vectors import make_library


@pytest.mark.parametrize(
    ("encoders", "text", "said"),
    [
        (["musicnn", "mcnn"], None, r"no audio vectors called 'mcnn' \(it has: musicnn\)(.|\n)*Did you mean 'musicnn'"),
        (["musicnn", "musicnn+yam"], None, r"no audio vectors called 'yam' \(it has: musicnn\)"),
        (["musicnn"], ["words", "wrods"], r"no text vectors called 'wrods' \(it has: words\)(.|\n)*mean 'words'"),
    ],
)
def test_a_name_without_vectors_is_refused_before_anything_is_trained(
    tmp_path: Path, encoders: list[str], text: list[str] | None, said: str
) -> None:
    make_library(tmp_path, names=("musicnn",), train=6, val=3)
    with pytest.raises(LibraryError, match=said):
        train_all(tmp_path, encoders, text=text or "words", config=TrainConfig(epochs=1))
    assert not (tmp_path / "runs").exists()
