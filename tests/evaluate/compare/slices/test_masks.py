"""Which queries are in which slice."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from antiphon.errors import ConfigError
from antiphon.evaluate.compare.slices.masks import in_several, slices_by
from antiphon.library.metadata.store import METADATA_FILE
from antiphon.library.metadata.types import field
from antiphon.library.pairs import Pairs, load_pairs
from antiphon.library.tracks import Library
from tests.helpers.libraries.made_vectors import make_library


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    root = tmp_path_factory.mktemp("slices")
    made = make_library(root, train=4, val=0, test=8, captions=(2, 1), listed=True)
    ids = made.column("track_id").tolist()
    columns = {
        "genre": (pa.array([["rock", "live"], ["jazz"], [], ["rock"]] * 3), "list"),
        "bpm": (pa.array([80.0, 90.0, None, 120.0] * 2 + [60.0, 70.0, 140.0, 200.0]), "number"),
        "released": (pa.array(["1999-05", "2001", "2001-01-02", None] * 3), "date"),
        "mode": (pa.array([0.0, 1.0] * 6), "number"),
        "moods": (pa.array(["calm; sad", "sad", None, "calm|glad"] * 3), "text"),
        "unknown": (pa.array([None] * 12, pa.float64()), "number"),
    }
    fields = [pa.field("track_id", pa.string()), *(field(n, v, kind) for n, (v, kind) in columns.items())]  # type: ignore
    table = pa.table([pa.array(ids), *(values for values, _ in columns.values())], schema=pa.schema(fields))
    pa.parquet.write_table(table, root / METADATA_FILE)
    return Library(root)


@pytest.fixture(scope="module")
def pairs(library: Library) -> Pairs:
    return load_pairs(library, "made", "words", "test")


def tracks(library: Library, pairs: Pairs, by: str) -> dict[str, list[str]]:
    found = {}
    for each in slices_by(library, pairs, by):
        assert each.tracks is not None
        np.testing.assert_array_equal(each.captions, each.tracks[pairs.track_of_caption])
        found[each.name] = pairs.track_ids[each.tracks].tolist()
    return found


def test_a_track_with_several_values_is_in_several_slices_and_one_without_in_none(
    library: Library, pairs: Pairs
) -> None:
    found = tracks(library, pairs, "genre")
    assert found == {
        "rock": ["t004", "t007", "t008", "t011"],
        "live": ["t004", "t008"],
        "jazz": ["t005", "t009"],
    }


def test_values_that_stand_in_one_text_are_each_a_slice(library: Library, pairs: Pairs) -> None:
    found = slices_by(library, pairs, "moods")
    assert {each.name: pairs.track_ids[each.tracks].tolist() for each in found} == {
        "calm": ["t004", "t007", "t008", "t011"],
        "sad": ["t004", "t005", "t008", "t009"],
        "glad": ["t007", "t011"],
    }
    assert in_several(found) == 4
    assert in_several(slices_by(library, pairs, "mode")) == in_several(slices_by(library, pairs, "unknown")) == 0


def test_numbers_are_cut_into_quarters_that_leave_nobody_out(library: Library, pairs: Pairs) -> None:
    found = tracks(library, pairs, "bpm")
    assert list(found) == ["60 to below 80", "80 to below 90", "90 to below 120", "120 to 200"]
    assert sorted(t for ids in found.values() for t in ids) == [t for t in pairs.track_ids if t != "t006"]
    assert tracks(library, pairs, "mode") == {
        "0": ["t004", "t006", "t008", "t010"],
        "1": ["t005", "t007", "t009", "t011"],
    }


def test_of_dates_the_year_counts(library: Library, pairs: Pairs) -> None:
    assert tracks(library, pairs, "released") == {
        "1999": ["t004", "t008"],
        "2001": ["t005", "t006", "t009", "t010"],
    }


def test_captions_are_sliced_by_length_and_kind(library: Library, pairs: Pairs) -> None:
    (length,) = slices_by(library, pairs, "caption-length")
    assert (length.name, length.tracks) == ("3 to 5 words", None)
    assert length.captions.all()
    (kind,) = slices_by(library, pairs, "caption-kind")
    assert (kind.name, kind.tracks) == ("human", None)


def test_a_column_that_is_not_there_is_said_with_those_that_are(library: Library, pairs: Pairs) -> None:
    with pytest.raises(
        ConfigError, match="genre, bpm, released, mode, moods, unknown, artist, album, caption-length"
    ) as error:
        slices_by(library, pairs, "gerne")
    assert error.value.fix == "--by genre"
