"""One audio file as a vector: that of the library's own embedding, or a reason why not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from antiphon.embed import embed_audio
from antiphon.embed.workers.one_file import file_vector
from antiphon.errors import EmbeddingError, EncoderError, LibraryError
from antiphon.library.pairs import open_embedding
from antiphon.library.tracks import Library
from antiphon.search.queries.reading import read_query
from antiphon.search.zero_shot.searcher import UntrainedSearcher
from tests.helpers.encoders.fake_plugin import fakes  # noqa: F401 - a fixture
from tests.helpers.libraries.tone_library import make, vectors

pytestmark = pytest.mark.usefixtures("fakes")
NAMES = ("fake-signal", "fake-model")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = make(tmp_path, a=2.0, b=3.3, c=4.1)
    embed_audio(root, list(NAMES), jobs=1)
    return root


def test_a_file_has_the_vector_that_its_track_has(root: Path) -> None:
    stored = open_embedding(Library(root), "audio", "+".join(NAMES))
    own = np.concatenate([vectors(root, name)["b"] for name in NAMES])
    np.testing.assert_allclose(file_vector(root.parent / "b.wav", stored.provenance), own, rtol=2e-3, atol=1e-3)


def test_a_file_asks_for_what_sounds_like_it_alone_and_beside_a_track(root: Path) -> None:
    file = str(root.parent / "b.wav")
    searcher = UntrainedSearcher(root)
    assert searcher.answer(read_query("", files=[file]))[0].track_id == "b"
    assert "a" not in {hit.track_id for hit in searcher.answer(read_query("", like=["a"], files=[file]))}


def test_what_cannot_be_heard_is_named(root: Path) -> None:
    made_by = open_embedding(Library(root), "audio", "fake-signal").provenance
    (root / "text.wav").write_text("no sound", encoding="utf-8")
    with pytest.raises(LibraryError, match=r"There is no file .*nowhere\.wav"):
        file_vector(root / "nowhere.wav", made_by)
    with pytest.raises(LibraryError, match=r"text\.wav cannot be heard"):
        file_vector(root / "text.wav", made_by)
    with pytest.raises(EmbeddingError, match="were imported"):
        file_vector(root.parent / "b.wav", replace(made_by, origin="imported"))
    with pytest.raises(EmbeddingError, match="version"):
        file_vector(root.parent / "b.wav", replace(made_by, version="of old"))
    with pytest.raises(EncoderError, match="Unknown audio encoder 'gone'"):
        file_vector(root.parent / "b.wav", replace(made_by, encoder="gone"))
