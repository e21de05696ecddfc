"""What of a comment describes music."""

from __future__ import annotations

import pytest

from antiphon.captions.tags.remarks import useful_labels, useful_remarks

JUNK = [
    "Ripped by DJ X",
    "Exact Audio Copy",
    "http://www.example.com/music",
    " 0000021F 0000020D 00001C2A 00001B5E",
    "8A - 124.0 - 6",
    "LAME 3.98 -V0 VBR piano",
    "Track 3 of a promo CD",
    "CATALOG: ABC-123 jazz",
    "Encoded with love on piano",
    "replaygain -6.5 dB",
    "© 2004 Jazz Records",
    "My neighbour gave me this one",
    "visit my piano site",
    "Bought on Bandcamp, great guitar",
    "YEAR: 2004 ID3v2.3 rock",
    "d41d8cd98f00b204 soul",
    "",
]


@pytest.mark.parametrize("text", JUNK)
def test_what_programs_shops_and_rippers_write_is_left_out(text: str) -> None:
    assert useful_remarks(text) == ""


def test_the_sentence_that_describes_is_kept_without_its_neighbours() -> None:
    text = "Ripped by EAC\nA sad piano piece for rainy evenings. http://example.com"
    assert useful_remarks(text) == "A sad piano piece for rainy evenings."


def test_labels_are_short_and_no_names_of_works() -> None:
    labels = [
        "Late Night; Workout",
        "Symphony No. 5 in C minor, Op. 67",
        "5 stars",
        "2004",
        "This Is A Long Label Indeed",
    ]
    assert useful_labels(labels) == ["late night", "workout"]
