"""A checkpoint as an mteb model ranks as evaluate does, from files and from samples, and keeps mteb's protocol."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from datasets import Audio, Dataset
from torch.utils.data import DataLoader

import antiphon
from antiphon.align.checkpoint.bundle import Bundle
from antiphon.audio.decode import load
from antiphon.errors import AntiphonWarning, ArgumentError, ConfigError
from antiphon.evaluate.mteb.model import MtebModel
from antiphon.evaluate.mteb.sounds import Sound, sound_vectors
from antiphon.library.pairs import open_embedding
from antiphon.library.tracks import Library
from antiphon.registry import LoadOptions

T2A, A2A = SimpleNamespace(category="t2a"), SimpleNamespace(category="a2a")


def checkpoint(root: Path) -> Path:
    return root / "checkpoints" / "timbre_best_r1.pt"


def test_tracks(root: Path) -> list[tuple[str, str]]:
    library = Library(root)
    rows = library.tracks_in("test")
    return list(zip(library.column("track_id")[rows], library.column("path")[rows], strict=True))


test_tracks.__test__ = False  # type: ignore[attr-defined]


def sounds(root: Path, form: str) -> Dataset:
    """The test split's sounds as mteb has them: files that are not decoded, or samples."""
    paths = [str(path) for _, path in test_tracks(root)]
    if form == "files":
        return Dataset.from_dict({"id": paths, "audio": paths}).cast_column("audio", Audio())
    cells = [{"array": load(path, 8_000), "sampling_rate": 8_000} for path in paths]
    return Dataset.from_dict({"id": paths, "audio": cells})


def encoded(model: MtebModel, dataset: Dataset, task: Any = T2A) -> np.ndarray:
    inputs = DataLoader(dataset, batch_size=4, collate_fn=lambda rows: {k: [r[k] for r in rows] for k in rows[0]})
    return model.encode(inputs, task_metadata=task, hf_split="test", hf_subset="default", prompt_type=None)


@pytest.mark.parametrize("form", ["files", "samples"])
def test_ranks_are_those_of_evaluate(sounding: Path, form: str) -> None:
    model, found = MtebModel(checkpoint(sounding)), antiphon.open(sounding).evaluate("timbre")
    assert Bundle.load(checkpoint(sounding)).hubness is not None  # so that similarity is more than a cosine
    library = Library(sounding)
    texts = dict(zip(library.caption_column("caption_id"), library.caption_column("text"), strict=True))
    asked = [str(texts[query]) for query in found.t2a.query_ids]
    scores = model.similarity(
        encoded(model, Dataset.from_dict({"text": asked})), encoded(model, sounds(sounding, form))
    )
    owner = {caption: caption.split("#")[0] for caption in found.t2a.query_ids}
    names = [track for track, _ in test_tracks(sounding)]
    said = {name: {texts[c] for c, o in owner.items() if o == name} for name in names}
    for row, query in enumerate(found.t2a.query_ids):
        correct = torch.tensor([texts[query] in said[name] for name in names])
        best = scores[row][correct].max()
        assert int((scores[row][~correct] >= best).sum()) + 1 == found.t2a.ranks[row], query


def test_vectors_are_those_that_embed_stored_to_the_last_bit(sounding: Path) -> None:
    bundle, tracks = Bundle.load(checkpoint(sounding)), test_tracks(sounding)
    found = sound_vectors((Sound(Path(path).read_bytes(), ".wav") for _, path in tracks), bundle, LoadOptions())
    stored = open_embedding(Library(sounding), "audio", "timbre").take([track for track, _ in tracks])
    np.testing.assert_array_equal(found, stored)


def test_a_sound_that_cannot_be_read_is_told_and_found_by_no_query(sounding: Path) -> None:
    bundle, (_, path) = Bundle.load(checkpoint(sounding)), test_tracks(sounding)[0]
    broken = [Sound(Path(path).read_bytes(), ".wav"), Sound(b"no sound at all", ".mp3")]
    with pytest.warns(AntiphonWarning, match="1 of 2 sounds could not be read"):
        vectors = sound_vectors(broken, bundle, LoadOptions())
    assert vectors[0].any()
    assert not vectors[1].any()


def test_sounds_beyond_one_batch_keep_their_order(sounding: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("antiphon.evaluate.mteb.sounds.BATCH_BYTES", 40_000)
    test_vectors_are_those_that_embed_stored_to_the_last_bit(sounding)


def test_sounds_among_sounds_are_compared_by_the_cosine(sounding: Path) -> None:
    model = MtebModel(checkpoint(sounding))
    vectors = encoded(model, sounds(sounding, "files"), A2A)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(model.similarity_pairwise(vectors, vectors), 1, atol=1e-5)


def test_samples_survive_as_a_file(tmp_path: Path) -> None:
    samples = np.random.default_rng(0).uniform(-1, 1, (2, 500)).astype("f4")
    path = tmp_path / "a.wav"
    path.write_bytes(Sound.from_samples(samples, 8_000).data)
    np.testing.assert_allclose(load(path, 8_000), samples.mean(axis=0), atol=1e-6)
    with pytest.raises(ArgumentError, match=r"\(n,\) or \(channels, n\)"):
        Sound.from_samples(np.zeros((2, 3, 4)), 8_000)


def test_inputs_of_another_kind_are_refused(sounding: Path) -> None:
    with pytest.raises(ArgumentError, match="mteb gave image"):
        encoded(MtebModel(checkpoint(sounding)), Dataset.from_dict({"image": [1]}))


def test_the_protocol_is_mtebs() -> None:
    """``EncoderProtocol`` of mteb 2.26: what it calls, and by which names."""
    asked = inspect.signature(MtebModel.encode).parameters
    assert asked["inputs"].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    assert asked["task_metadata"].kind is inspect.Parameter.KEYWORD_ONLY
    assert any(each.kind is inspect.Parameter.VAR_KEYWORD for each in asked.values())
    assert all(hasattr(MtebModel, name) for name in ("similarity", "similarity_pairwise", "mteb_model_meta"))


def test_without_mteb_its_install_command_is_told(sounding: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mteb", None)
    with pytest.raises(ConfigError, match=r"mteb is not installed.*\n.*pip install 'mteb\[audio\]>=2.26'"):
        _ = MtebModel(checkpoint(sounding)).mteb_model_meta
