"""Which names a text is, compared with reading them one by one."""

from __future__ import annotations

import random
import string

import pytest

from antiphon.search.answers.titles import bare_title
from antiphon.search.queries.naming.column import Column
from antiphon.search.queries.naming.keys import TITLE_ARTICLE, as_words, key_of

_WORDS = """a of blue Blues night nights Beyoncé 夜 夜明 don't (I can't) bus buses 19 1999 guitars extraordinary
extraordinarily s ss -- _x Ünder under naïve o ö & (Live) [Remastered 2011]"""
WORDS = _WORDS.split()


def key(text: str) -> str:
    return key_of(" ".join(as_words(text).split()), TITLE_ARTICLE)


def edits(one: str, other: str) -> int:
    """Letters to leave out, put in, replace, or exchange with their neighbours, each place once: by its recursion."""
    table = [[max(i, j) if not (i and j) else 0 for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            best = min(table[i - 1][j], table[i][j - 1]) + 1
            best = min(best, table[i - 1][j - 1] + (one[i - 1] != other[j - 1]))
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                best = min(best, table[i - 2][j - 2] + 1)
            table[i][j] = best
    return table[-1][-1]


@pytest.fixture(scope="module")
def names() -> list[str]:
    draw = random.Random(0)
    return [" ".join(draw.choices(WORDS, k=draw.randint(0, 4))) for _ in range(400)]


def test_exact_names_are_found_as_by_reading_them_all(names: list[str]) -> None:
    column, draw = Column(names, bare_title, TITLE_ARTICLE), random.Random(1)
    for _ in range(300):
        asked = key(" ".join(draw.choices(WORDS, k=draw.randint(1, 4)))) or "blue"
        starting = [name for name in names if key(name).startswith(asked) or name[:1] in "(["]
        slowly = {name for name in starting if name and asked in (key(name), key(bare_title(name)))}
        assert set(column.exact(asked)) == slowly, asked


def test_parts_of_names_are_found_as_by_asking_each_of_them(names: list[str]) -> None:
    column, draw, hits = Column(names, bare_title, TITLE_ARTICLE), random.Random(3), 0
    for _ in range(300):
        words = tuple(as_words(" ".join(draw.choices(WORDS, k=draw.randint(1, 3)))).split())
        if not words:
            continue
        found = set(column.in_part(words))
        assert found == {name for name in names if column.has_part(name, words)}, words
        hits += bool(found)
    assert hits > 100


def test_misspelt_names_are_found_as_by_reading_them_all() -> None:
    draw = random.Random(2)
    names = ["".join(draw.choices("abcd", k=draw.randint(3, 11))) for _ in range(300)]
    column = Column(names, bare_title, TITLE_ARTICLE)
    for _ in range(300):
        asked = "".join(draw.choices("abcd", k=draw.randint(1, 12)))
        wrong = {name: edits(asked, name) for name in names if name[0] == asked[0]}
        most = (len(asked) >= 5) + (len(asked) >= 9)
        fewest = min((each for each in wrong.values() if each <= most), default=-1) if most else -1
        assert set(column.near(asked)) == {name for name, each in wrong.items() if each == fewest}, asked


@pytest.mark.parametrize("names", [[], [""], ["", "--"], ["\n", "a\nb"]])
def test_names_without_letters_and_with_line_breaks_do_no_harm(names: list[str]) -> None:
    column = Column(names, str, TITLE_ARTICLE)
    assert column.exact("blue") == column.near("bluebird") == column.in_part(["blue"]) == []
    assert column.exact("") == []


def test_all_letters_may_be_typed() -> None:
    column = Column(["(a.b*c)"], str, TITLE_ARTICLE)
    assert [column.in_part([sign]) for sign in string.punctuation] == [[]] * len(string.punctuation)
