"""An encoder's own text side, with tiny checkpoints in the models' own format."""

from pathlib import Path

import numpy as np
import pytest

from antiphon.arrays import unit_length
from antiphon.cli import app
from antiphon.errors import EmbeddingError
from antiphon.library.pairs import open_embedding
from antiphon.library.tracks import Library
from antiphon.library.vectors.provenance import read_provenance
from antiphon.library.vectors.store import Row, VectorWriter
from antiphon.registry import LoadOptions, TextEncoder, load
from antiphon.search.zero_shot.ways.find import find_ways
from antiphon.search.zero_shot.ways.native_tower import NativeTower
from antiphon.search.zero_shot.ways.way import in_spreads
from tests.helpers.checkpoints.muq import write_muq
from tests.helpers.libraries.tone_library import make


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A library of three tones with vectors of a tiny MuQ-MuLan, and the weights."""
    folder = tmp_path_factory.mktemp("muq")
    write_muq(folder / "weights")
    root = make(folder, a=1.0, b=2.0, c=1.5)
    arguments = ["embed", "--encoder", "muq", "--weights", str(folder / "weights"), "--device", "cpu", "--jobs", "1"]
    app([*arguments, "--library", str(root)], result_action="return_value")
    return root, folder / "weights"


def test_scores_are_the_cosines_in_the_joint_space(embedded: tuple[Path, Path]) -> None:
    root, weights = embedded
    library = Library(root)
    tower = load("muq-mulan", LoadOptions(weights=str(weights), device="cpu"), kind="text")
    assert isinstance(tower, TextEncoder)
    query = unit_length(tower.encode(["slow piano"]))[0]
    stored = open_embedding(library, "audio", "muq")
    dims = stored.provenance.layout.dims
    expected = []
    for track in library.column("track_id"):
        mean = stored.take([track])[0].astype(np.float64).reshape(dims, 3)[:, 0]
        expected.append(mean @ query / np.linalg.norm(mean))
    found = NativeTower(library, "muq").scores("slow piano")
    np.testing.assert_allclose(found, in_spreads(np.array(expected)), atol=1e-3)


def test_a_library_with_such_vectors_has_the_way_open(embedded: tuple[Path, Path]) -> None:
    assert "muq-mulan" in [way.name for way in find_ways(Library(embedded[0])).open]


def test_vectors_of_other_weights_close_the_way_and_say_so(embedded: tuple[Path, Path], tmp_path: Path) -> None:
    root, _ = embedded
    made = read_provenance(root / "embeddings" / "audio" / "muq" / "provenance.json")
    other = make(tmp_path, a=1.0)
    changed = type(made).from_dict({**made.to_dict(), "weights_id": "f" * 64})
    with VectorWriter(other / "embeddings" / "audio" / "muq", changed) as writer:
        writer.write([Row("a", "ok")], np.ones((1, made.layout.size)))
    with pytest.raises(EmbeddingError, match="different weights"):
        NativeTower(Library(other), "muq")
    ways = find_ways(Library(other))
    assert [way.name for way in ways.open] == ["metadata"]
    assert "different weights" in ways.closed[0]
    assert "antiphon embed --encoder muq --text muq-mulan" in ways.closed[0]
