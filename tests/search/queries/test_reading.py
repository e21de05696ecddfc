"""Words as people type them: what is wanted, how much, and what is not."""

from __future__ import annotations

import pytest

from antiphon.errors import ConfigError, LibraryError
from antiphon.search.queries.query import Part
from antiphon.search.queries.reading import read_query


@pytest.mark.parametrize(
    ("text", "wanted", "excluded"),
    [
        ("slow sad piano, violin", [("slow sad piano, violin", 1)], []),
        ("piano:2 rain", [("piano", 2), ("rain", 1)], []),
        ('"slow piano":2.5, rain:.5 sea', [("slow piano", 2.5), ("rain:.5 sea", 1)], []),
        ("12:30 blues", [("12:30 blues", 1)], []),
        ("piano, no drums", [("piano", 1)], ["drums"]),
        ("piano, no drums, slow", [("piano, slow", 1)], ["drums"]),
        ("piano without drums or vocals", [("piano", 1)], ["drums", "vocals"]),
        ("jazz but no vocals and no drums", [("jazz", 1)], ["vocals", "drums"]),
        ('sad -"female vocals" jazz', [("sad jazz", 1)], ["female vocals"]),
        ("lo-fi hip-hop -drums", [("lo-fi hip-hop", 1)], ["drums"]),
        ("Klavier ohne Schlagzeug oder Gesang", [("Klavier", 1)], ["Schlagzeug", "Gesang"]),
        ("piano calme sans batterie", [("piano calme", 1)], ["batterie"]),
        ("фортепиано без барабанов", [("фортепиано", 1)], ["барабанов"]),
        ("Ohne dich", [("Ohne dich", 1)], []),
        ("no wave", [("no wave", 1)], []),
        ("No Woman No Cry", [("No Woman No Cry", 1)], []),
        ("without you", [("without you", 1)], []),
    ],
)
def test_what_a_text_asks(text: str, wanted: list[tuple[str, float]], excluded: list[str]) -> None:
    query = read_query(text)
    assert query.wanted == tuple(Part(*part) for part in wanted)
    assert query.excluded == tuple(excluded)


def test_what_options_exclude_joins_what_the_words_do() -> None:
    assert read_query("piano, no drums", excluded=["vocals", "drums", " "]).excluded == ("drums", "vocals")


@pytest.mark.parametrize("text", ["", "  "])
def test_a_query_needs_something_that_is_wanted(text: str) -> None:
    with pytest.raises(LibraryError, match="The query is empty"):
        read_query(text)
    assert read_query(text, like=["a"]).like == ("a",)


def test_only_what_is_not_wanted_is_no_query() -> None:
    with pytest.raises(LibraryError, match="Only what is not wanted is asked for: drums"):
        read_query("-drums")


@pytest.mark.parametrize("weight", ["0", "-1"])
def test_a_weight_is_above_0(weight: str) -> None:
    with pytest.raises(ConfigError, match=rf"'piano' has the weight {weight}") as refused:
        read_query(f"piano:{weight} rain")
    assert "--not" in str(refused.value.fix)


def test_how_it_was_read_is_said() -> None:
    assert read_query("piano").remarks() == []
    assert read_query("piano:2 rain, no drums").remarks() == [
        "Weights: piano (2), rain (1).",
        "Left out: what is most like drums.",
    ]
