"""Vectors of several encoders side by side."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from antiphon.errors import EmbeddingError, LibraryError
from antiphon.layout import Layout
from antiphon.library.pairs import load_pairs, open_embedding
from antiphon.library.tracks import Library
from antiphon.library.vectors.joined import source_names
from antiphon.library.vectors.provenance import Provenance
from antiphon.library.vectors.rows import UNSIGNED
from antiphon.library.vectors.store import Row, VectorWriter
from antiphon.library.vectors.texts import text_signature
from tests.helpers.libraries.made_vectors import make_library

MERT = Layout(3, 4, 2)


def made(name: str, layout: Layout = MERT, **changes: object) -> Provenance:
    return Provenance(**{"encoder": name, "kind": "audio", "layout": layout, "weights_id": "none", **changes})


def write(root: Path, name: str, ids: list[str], size: int, *, failed: tuple[str, ...] = ()) -> np.ndarray:
    vectors = np.random.default_rng(len(ids)).normal(size=(len(ids), size)).astype(np.float16)
    with VectorWriter(root / "embeddings" / "audio" / name, made(name, Layout.flat(size))) as writer:
        writer.write([Row(i, "failed", "too short") if i in failed else Row(i, "ok") for i in ids], vectors)
    return vectors


def test_joined_rows_are_the_rows_of_the_sources_side_by_side(tmp_path: Path) -> None:
    library = make_library(tmp_path, names=("one",), train=6, val=2)
    backwards = [f"t{i:03d}" for i in reversed(range(8))]
    two = write(tmp_path, "two", backwards, 5)
    one, joined = open_embedding(library, "audio", "one"), open_embedding(library, "audio", "one+two")
    ids = ["t003", "t000", "t007"]
    expected = np.concatenate([one.take(ids), two[[4, 7, 0]]], axis=1)
    np.testing.assert_array_equal(joined.take(ids), expected)
    rows = [joined.row_of[i] for i in ids]
    np.testing.assert_array_equal(joined.matrix[np.array(rows)], expected)
    np.testing.assert_array_equal(joined.matrix[rows[0]], expected[0])
    np.testing.assert_array_equal(joined.matrix[2:4], joined.matrix[[2, 3]])
    assert joined.matrix.shape == np.asarray(joined.matrix).shape == (8, 29)
    assert joined.matrix.dtype == np.float16


def test_a_reason_that_several_sources_share_is_told_once(tmp_path: Path) -> None:
    make_library(tmp_path, names=("one",), train=6, val=2)
    for name, had in (("two", ["t000", "t001"]), ("three", ["t000", "t001"])):
        write(tmp_path, name, had, 5, failed=("t001",))
    lacks = open_embedding(Library(tmp_path), "audio", "one+two+three").failed
    assert lacks["t001"] == "two, three: too short"
    assert lacks["t002"] == "two, three: no vector yet"


def test_a_track_that_lacks_a_part_is_left_out_and_the_part_is_named(tmp_path: Path) -> None:
    make_library(tmp_path, names=("one",), train=6, val=2)
    write(tmp_path, "two", ["t000", "t001", "t003"], 5, failed=("t001",))
    pairs = load_pairs(Library(tmp_path), "one+two", "words", "train")
    assert list(pairs.track_ids) == ["t000", "t003"]
    assert pairs.audio.shape == (2, 29)
    assert pairs.left_out["t001"] == "two: too short"
    assert pairs.left_out["t002"] == "two: no vector yet"
    assert pairs.audio_provenance.encoder == "one+two"


def test_a_track_without_any_part_says_so(tmp_path: Path) -> None:
    make_library(tmp_path, names=(), train=3, val=1)
    write(tmp_path, "one", ["t000", "t001"], 4)
    write(tmp_path, "two", ["t000", "t001"], 4)
    assert load_pairs(Library(tmp_path), "one+two", "words", "train").left_out == {"t002": "no one+two vector yet"}


def test_nothing_in_common_is_an_error_that_names_the_encoders_to_run(tmp_path: Path) -> None:
    make_library(tmp_path, names=(), train=3, val=1)
    write(tmp_path, "one", ["t000"], 4)
    write(tmp_path, "two", ["t001"], 4)
    with pytest.raises(LibraryError, match="antiphon embed --encoder one two"):
        load_pairs(Library(tmp_path), "one+two", "words", "train")


def test_a_missing_part_is_an_error_that_names_it(tmp_path: Path) -> None:
    make_library(tmp_path, names=("one",), train=3, val=1)
    with pytest.raises(LibraryError, match="no audio vectors called 'two'"):
        open_embedding(Library(tmp_path), "audio", "one+two")


def test_vectors_stored_under_a_name_with_a_plus_are_one_encoders(tmp_path: Path) -> None:
    library = make_library(tmp_path, names=("a+b",), train=3, val=1)
    assert open_embedding(library, "audio", "a+b").provenance.sources == ()


@pytest.mark.parametrize("name", ["one+", "+", "one+one", "one,two+two", "one,,two"])
def test_a_name_that_joins_nothing_is_refused(name: str) -> None:
    with pytest.raises(LibraryError, match="each once, none empty"):
        source_names(name)


def test_source_names_keep_their_order() -> None:
    assert source_names("one,two,one") == ["one", "two", "one"]  # two trainings of one encoder
    assert source_names("muq") == ["muq"]
    assert source_names("muq+mert+latent") == source_names("muq,mert,latent") == ["muq", "mert", "latent"]


def test_joined_layouts_and_provenances_survive_json() -> None:
    both = Provenance.joined([made("mert"), made("muq", Layout.flat(7), licence="MIT")])
    assert both.layout.size == 31
    assert str(both.layout) == "3 × 4 × 2 + 1 × 7 × 1"
    assert Layout.from_dict(both.layout.to_dict()) == both.layout
    assert Provenance.from_dict(both.to_dict()) == both
    assert Provenance.from_dict(both.to_dict()).fingerprint == both.fingerprint


def test_joined_vectors_keep_the_fingerprint_that_indexes_and_checkpoints_have_stored() -> None:
    one = Provenance(encoder="a", kind="audio", layout=Layout(2, 3, 1), weights_id="none")
    joined = Provenance.joined([one, replace(one, encoder="b", layout=Layout.flat(4))])
    assert joined.fingerprint == "a8daca28985d8c38be36e3d53b1a796ee0399a4512e7b54c04dc3f80ab1817ef"
    assert [source["encoder"] for source in joined.to_dict()["parts"]] == ["a", "b"]


def test_sources_leave_the_identity_of_a_single_encoder_as_it_was() -> None:
    assert "parts" not in made("mert").identity()
    assert "parts" not in MERT.to_dict()


def test_sources_that_do_not_fill_a_layout_are_refused() -> None:
    with pytest.raises(ValueError, match="do not make 9"):
        Layout(1, 9, 1, (Layout.flat(4), Layout.flat(4)))


def test_each_source_is_compared_and_the_one_that_differs_is_named() -> None:
    old = Provenance.joined([made("mert"), made("muq", weights_id="a")])
    new = Provenance.joined([made("mert"), made("muq", weights_id="b")])
    with pytest.raises(EmbeddingError, match=r"muq in the checkpoint(.|\n)*weights_id: a"):
        old.require_same(new, mine="the checkpoint", theirs="the vectors")
    old.require_same(replace(old, licence="other"), mine="it", theirs="itself")


def test_other_sources_or_another_order_are_refused() -> None:
    mert, muq = made("mert"), made("muq")
    with pytest.raises(EmbeddingError, match=r"encoder: mert\+muq"):
        Provenance.joined([mert, muq]).require_same(Provenance.joined([muq, mert]), mine="this", theirs="that")
    with pytest.raises(EmbeddingError, match="sources: None"):
        mert.require_same(Provenance.joined([mert, muq]), mine="this", theirs="that")


def texts(root: Path, name: str, signatures: dict[str, str]) -> None:
    words = Provenance(encoder=name, kind="text", layout=Layout.flat(3), weights_id="none")
    with VectorWriter(root / "embeddings" / "text" / name, words) as writer:
        writer.write([Row(i, "ok", "", said) for i, said in signatures.items()], np.ones((len(signatures), 3)))


def test_a_caption_counts_where_all_sources_have_read_the_text_that_it_has_now(tmp_path: Path) -> None:
    library = make_library(tmp_path, names=("one",), train=4, val=1, captions=1)
    now = {c: text_signature(t) for c, t in zip(*map(library.caption_column, ("caption_id", "text")), strict=True)}
    ids = list(now)
    texts(tmp_path, "a", now)
    texts(tmp_path, "b", {**now, ids[0]: text_signature("another text"), ids[1]: UNSIGNED, ids[2]: ""})
    texts(tmp_path, "c", {i: text_signature(f"older {i}") for i in ids})
    assert load_pairs(library, "one", "a+b", "train").caption_ids.tolist() == ids[1:4]
    with pytest.raises(LibraryError, match=r"embed --encoder one --text a c"):
        load_pairs(library, "one", "a+c", "train")
