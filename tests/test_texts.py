"""Texts as they compare."""

from __future__ import annotations

from antiphon.texts import look_alike, spelled_as

ONE, TWO = "caf\u00e9", "cafe\u0301"
"""The same word, with the letter é and with an accent."""


def test_a_text_is_spelled_as_the_known_one_that_looks_the_same() -> None:
    assert spelled_as([ONE, TWO, "tea", "na\u00efve"], [TWO, "tee"]) == [TWO, TWO, "tea", "na\u00efve"]


def test_where_both_spellings_are_known_each_is_itself() -> None:
    assert spelled_as([ONE, TWO], [TWO, ONE]) == [ONE, TWO]


def test_texts_that_nobody_can_tell_apart_are_found() -> None:
    assert look_alike(["c", ONE, "c\u200b", TWO, "d"]) == [("c", "c\u200b"), (ONE, TWO)]
