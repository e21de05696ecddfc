"""One cell: words for nothing, lists in any notation, objects, bytes, and numbers that lost digits."""

from __future__ import annotations

import json

import numpy as np
import pytest

from antiphon.library.manifest.cells import CellError, id_of, is_nothing, path_of, text_of, texts_of

PROGRAMS = ["nan", "NaN", "None", "null", "NULL", "<NA>", "N/A", "n/a", "#N/A", "NaT", "NA", "#VALUE!", " nil ", ""]


@pytest.mark.parametrize("word", PROGRAMS)
def test_what_programs_write_for_nothing_is_nothing_in_every_role(word: str) -> None:
    assert is_nothing(word)
    assert (text_of(word), id_of(word), path_of(word), texts_of(word)) == ("", "", "", ([], None))


@pytest.mark.parametrize("word", ["no", "nano", "nanna", "nothing", "0", "-", "?", "none of these"])
def test_other_words_stay(word: str) -> None:
    assert text_of(word) == word


@pytest.mark.parametrize(
    ("cell", "texts"),
    [
        ('["slow piano", "calm"]', ["slow piano", "calm"]),
        ("['slow piano', 'calm']", ["slow piano", "calm"]),
        ("['fast', \"rock 'n roll\"]", ["fast", "rock 'n roll"]),
        ("['bright brass' 'loud band']", ["bright brass", "loud band"]),
        ("['bright brass'\n 'loud band']", ["bright brass", "loud band"]),
        ("array(['a', 'b'], dtype=object)", ["a", "b"]),
        ("('a', 'b')", ["a", "b"]),
        ("['caf\\u00e9', None, nan, 'x']", ["café", "x"]),
        ("['it\\'s', 'so']", ["it's", "so"]),
        ("[]", []),
        ("['']", []),
        (np.array(["a", "b"], dtype=object), ["a", "b"]),
        ([["a", "b"], ["c"]], ["a", "b", "c"]),
    ],
)
def test_a_list_is_read_in_every_notation(cell: object, texts: list[str]) -> None:
    assert texts_of(cell, parse=True) == (texts, None)


@pytest.mark.parametrize(
    "text",
    [
        "[Intro] slow piano with rain",
        '["Intro"] slow piano',
        "(live) take two",
        "('90s) rock",
        "[verse]",
        "{soft} keys",
    ],
)
def test_a_caption_that_begins_with_a_bracket_is_no_list_and_no_problem(text: str) -> None:
    assert texts_of(text, parse=True) == ([text], None)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ('["a", "b', ["a", "b"]),
        ("['a', 'b'", ["a", "b"]),
        ("['slow, sad', 'b]", ["slow, sad", "b"]),
        ("['a', ...]", ["a"]),
        ("['it''s a]", ["it''s a"]),
    ],
)
def test_a_broken_list_is_read_as_far_as_it_goes_and_told(text: str, read: list[str]) -> None:
    texts, fault = texts_of(text, parse=True)
    assert texts == read
    assert fault is not None
    assert fault.kind == "broken list"


def test_brackets_in_brackets_without_end_are_a_text() -> None:
    text = "[" * 100_000
    assert texts_of(text, parse=True)[0] == [text]


@pytest.mark.parametrize("key", ["raw", "text", "caption", "sentence"])
def test_the_text_of_an_object_is_the_caption(key: str) -> None:
    assert texts_of([{key: "slow piano", "tokens": ["slow", "piano"]}]) == (["slow piano"], None)
    assert texts_of(json.dumps({key: "slow piano"}), parse=True) == (["slow piano"], None)


def test_an_object_without_a_text_is_told_with_its_keys_and_the_rest_is_kept() -> None:
    texts, fault = texts_of([{"en": "calm", "de": "ruhig"}, "slow"])
    assert texts == ["slow"]
    assert fault is not None
    assert "keys: de, en" in fault.problem


def test_sound_as_numbers_is_told_with_the_way_out() -> None:
    with pytest.raises(CellError, match=r"array of numbers(.|\n)*decode=False"):
        path_of({"array": [0.0, 0.1], "sampling_rate": 16000, "path": "a.wav"})
    with pytest.raises(CellError, match="keys: url"):
        path_of({"url": "x"})
    assert path_of({"path": "a.wav", "bytes": None}) == "a.wav"
    assert path_of({"path": None, "bytes": None}) == ""


def test_bytes_are_text_where_they_are_utf8() -> None:
    assert text_of("café".encode()) == "café"
    assert texts_of([b"slow", b"calm"]) == (["slow", "calm"], None)
    texts, fault = texts_of(b"caf\xe9", parse=True)
    assert texts == []
    assert fault is not None
    with pytest.raises(CellError, match="0xe9"):
        text_of(b"caf\xe9")


def test_an_id_that_lost_its_digits_as_a_float_is_refused() -> None:
    assert id_of(float(2**52)) == str(2**52)
    with pytest.raises(CellError, match="lost its last digits"):
        id_of(1.2345678901234567e18)


@pytest.mark.parametrize("cell", ["\\N", "(null)", "<null>", "[None]"])
def test_marks_that_databases_write_for_nothing_are_nothing(cell: str) -> None:
    assert text_of(cell) == ""


def test_bytes_that_python_wrote_as_text_are_their_text() -> None:
    assert text_of("b'caf\\xc3\\xa9 piano'") == "café piano"
    assert text_of('b"it\'s slow"') == "it's slow"
    assert text_of("b-side 'slow' piano") == "b-side 'slow' piano"


def test_bytes_that_python_wrote_as_text_but_are_no_text_are_a_fault() -> None:
    with pytest.raises(CellError, match="not UTF-8"):
        text_of("b'\\xff\\xfe'")


def test_a_set_as_python_writes_it_is_several_captions() -> None:
    assert texts_of("{'slow piano', 'fast organ'}", parse=True) == (["slow piano", "fast organ"], None)
