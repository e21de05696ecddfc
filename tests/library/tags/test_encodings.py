"""Texts that were labelled Latin-1: repaired where it is sure, told where it is not, left where they are right."""

from __future__ import annotations

import pytest

from antiphon.library.tags.encodings import find_repair, repaired


def as_latin(text: str, encoding: str) -> str:
    return text.encode(encoding).decode("latin-1")


@pytest.mark.parametrize(
    ("texts", "encoding"),
    [
        (["Привет"], "cp1251"),
        (["ДДТ", "Что такое осень", "Rock"], "cp1251"),
        (["Группа крови", "Кино"], "koi8-r"),
        (["Μίκης Θεοδωράκης"], "cp1253"),
        (["さくら さくら", "日本の歌"], "shift_jis"),
        (["Ágætis byrjun"], "utf-8"),
        (["Привет", "日本"], "utf-8"),
        (["Don’t “Stop” the music", "Ann"], "cp1252"),
    ],
)
def test_what_is_sure_is_repaired(texts: list[str], encoding: str) -> None:
    wrong = [as_latin(text, encoding) for text in texts]
    repair = find_repair(wrong)
    assert repair.encoding == encoding
    assert [repaired(text, repair) for text in wrong] == texts


@pytest.mark.parametrize(
    "text",
    ["Björk", "Mötley Crüe", "Où", "São Tomé", "Ñu", "Ása", "Þórr Æði", "Дом", "naïve café", "Å", "日本", "plain", ""],
)
def test_what_is_right_is_left(text: str) -> None:
    repair = find_repair([text])
    assert (repair.encoding, repair.doubtful) == ("", False)
    assert repaired(text, repair) == text


@pytest.mark.parametrize("text", [as_latin("ДДТ", "cp1251"), as_latin("中国人民", "gbk"), "K\ufffdno"])
def test_what_nobody_can_tell_is_said(text: str) -> None:
    repair = find_repair([text])
    assert (repair.encoding, repair.doubtful) == ("", True)


def test_a_right_text_beside_a_wrong_one_stays() -> None:
    wrong = as_latin("Группа крови", "cp1251")
    repair = find_repair([wrong, "Кино", "plain"])
    assert [repaired(text, repair) for text in (wrong, "Кино", "plain")] == ["Группа крови", "Кино", "plain"]
