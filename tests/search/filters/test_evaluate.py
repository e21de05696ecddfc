"""Filters beside their slow, obvious twin: one track at a time, in plain Python."""

from __future__ import annotations

import logging
import math
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from antiphon.errors import ConfigError, LibraryError
from antiphon.library.files import read_parquet, write_parquet
from antiphon.library.metadata.collected import MetadataCollector
from antiphon.library.metadata.store import metadata_file
from antiphon.library.tracks import Library, Track, save_library
from antiphon.search.filters.evaluate import GUESSES, TrackFilter
from antiphon.texts import normalised_text

TITLES = ["Blue in Green", "blue  IN green", "Straße", "STRASSE", "", "Ünder", "Lívé  one", "ﬁne", "İstanbul", "a\tb"]
GENRES = [["jazz"], ["Jazz", "hard bop"], [], ["rock", "pop"], ["acid jazz"]]
YEARS: list[str | None] = ["1969", "1970", None, "1984", "-3", "2020"]
GAINS: list[str | None] = ["0.5", "-7.25", "1e3", None]
DATES: list[str | None] = ["1999", "1999-05", "1999-05-03", "2001-01-01T10:00:00Z", None, "1970-12"]
ODD: list[str | None] = ["1999?", "1970", None, "1985-02-03", "120.5"]


def made_library(
    root: Path, rows: list[tuple[str, list[str], str | None, str | None, str | None, str | None]]
) -> Library:
    ids = [f"t{i}" for i in range(len(rows))]
    fields = MetadataCollector()
    for name, column in zip(
        ("genre", "year", "gain", "Release Date", "odd"), list(zip(*rows, strict=True))[1:], strict=True
    ):
        kind = pa.list_(pa.string()) if name == "genre" else pa.string()
        fields.add(name, np.arange(len(rows)), pa.array([value or None for value in column], kind))
    table, _ = fields.table(ids)
    tracks = [Track(track_id=item, title=row[0]) for item, row in zip(ids, rows, strict=True)]
    return save_library(root, tracks, [], {}, beside={"metadata.parquet": metadata_file(table)})


ROWS = [
    (TITLES[i % 10], GENRES[i % 5], YEARS[i % 6], GAINS[i % 4], DATES[(i * 5) % 6], ODD[(i * 3) % 5]) for i in range(60)
]
COLUMN = {"title": 0, "genre": 1, "year": 2, "gain": 3, '"release date"': 4, "odd": 5}


@pytest.fixture(scope="module")
def tracks(tmp_path_factory: pytest.TempPathFactory) -> TrackFilter:
    return TrackFilter(made_library(tmp_path_factory.mktemp("filter"), ROWS))


def days(text: str) -> tuple[str, str]:
    return {4: (text + "-01-01", text + "-12-31"), 7: (text + "-01", text + "-31")}.get(len(text), (text[:10],) * 2)


def as_number(text: str) -> float:
    try:
        return float(text) if "?" not in text and text.count("-") < 2 else math.nan
    except ValueError:
        return math.nan


ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def by_date(sign: str, mine: str, theirs: str) -> bool:
    (first, last), (early, late) = days(mine), days(theirs)
    return {
        "=": early <= first and last <= late,
        "<": last < early,
        ">": first > late,
        "<=": last <= late,
        ">=": first >= early,
    }[sign]


def one_holds(name: str, sign: str, mine: str, theirs: str) -> bool:
    """Whether one value of a track compares with one of the expression."""
    if sign == "contains":
        return normalised_text(theirs) in normalised_text(mine)
    if name == '"release date"':
        return by_date(sign, mine, theirs)
    if name in ("year", "gain"):
        return ORDER[sign](float(mine), float(theirs))
    if sign == "=":
        return normalised_text(mine) == normalised_text(theirs)
    number = as_number(mine)
    if not math.isnan(number):
        return ORDER[sign](number, as_number(theirs))
    return "?" not in mine and len(theirs) >= 4 and by_date(sign, mine, theirs)


def slowly(row: tuple[Any, ...], asked: Any) -> bool:
    """One track, by definition."""
    kind, *rest = asked
    if kind == "not":
        return not slowly(row, rest[0])
    if kind in ("and", "or"):
        return (all if kind == "and" else any)(slowly(row, one) for one in rest[0])
    name = rest[0]
    own = row[COLUMN[name]]
    values = own if isinstance(own, list) else [own] if own else []
    if kind == "missing":
        return not values
    found = any(one_holds(name, rest[1], mine, theirs) for mine in values for theirs in rest[2])
    return bool(values) and not found if rest[3] else found


def written(asked: Any) -> str:
    kind, *rest = asked
    if kind == "not":
        return f"NOT ({written(rest[0])})"
    if kind in ("and", "or"):
        return "(" + f" {kind} ".join(written(one) for one in rest[0]) + ")"
    if kind == "missing":
        return f"{rest[0]} is missing"
    name, sign, values, negated = rest
    quoted = ['"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values]
    if len(values) > 1:
        return f"{name} {'not ' * negated}in ({', '.join(quoted)})"
    if sign == "=":
        return f"{name} {'!=' if negated else '='} {quoted[0]}"
    return f"{name} {'not ' * negated}{sign} {quoted[0]}"


def texts(name: str, values: list[str]) -> st.SearchStrategy[Any]:
    some = st.lists(st.sampled_from(values), min_size=1, max_size=3)
    equal = st.tuples(st.just("compare"), st.just(name), st.just("="), some, st.booleans())
    contains = st.tuples(
        st.just("compare"), st.just(name), st.just("contains"), some.map(lambda found: found[:1]), st.booleans()
    )
    return equal | contains


def ordered(name: str, values: list[str]) -> st.SearchStrategy[Any]:
    one = st.sampled_from(values).map(lambda value: [value])
    signs = st.sampled_from(["<", "<=", ">", ">="])
    return st.tuples(st.just("compare"), st.just(name), signs, one, st.just(False))


LEAVES = st.one_of(
    texts("title", ["blue in green", "strasse", "live", "FINE", "under", "i", "B\\", "nothing"]),
    texts("genre", ["jazz", "HARD BOP", "pop", "nothing"]),
    texts("odd", ["1970", "1999?"]),
    ordered("year", ["1970", "-4", "1984.5", "3000"]),
    ordered("gain", ["0.5", "-7.25", "1000"]),
    ordered('"release date"', ["1999", "1999-05", "2001-01-01", "1970-12"]),
    ordered("odd", ["1970", "1985", "2"]),
    st.tuples(st.just("missing"), st.sampled_from(list(COLUMN))),
)
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda one: (
        st.tuples(st.just("not"), one)
        | st.tuples(st.sampled_from(["and", "or"]), st.lists(one, min_size=1, max_size=3))
    ),
    max_leaves=6,
)

QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=150, deadline=None, suppress_health_check=QUIET)
@given(asked=EXPRESSIONS)
def test_a_filter_holds_where_its_slow_twin_does(tracks: TrackFilter, asked: Any) -> None:
    logging.disable()
    try:
        found = tracks.allowed(written(asked)).tolist()
    finally:
        logging.disable(logging.NOTSET)
    assert found == [slowly(row, asked) for row in ROWS], written(asked)


@settings(max_examples=200, deadline=None, suppress_health_check=QUIET)
@given(text=st.text("ab= <>!()',\"“”\\and or not in is missing contains year 1970", max_size=40))
def test_no_text_does_anything_but_answer_or_complain(tracks: TrackFilter, text: str) -> None:
    logging.disable()
    with suppress(ConfigError):
        assert len(tracks.allowed(text)) == len(ROWS)
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize(
    ("expression", "place", "said", "fix"),
    [
        ("yaer > 1970", "yaer", "no field", "Did you mean year?"),
        ("year > soon", "soon", "year holds numbers", "1970"),
        ("year contains 19", "19", "looks into texts", "year = 19"),
        ("release_date > may", "may", "holds dates", "1999-05"),
        ("genre > jazz", "jazz", "neither larger", "contains"),
        ("title = blue in green", "in", "not expected", ""),
    ],
)
def test_an_error_points_at_the_place_and_says_what_is_right(
    tracks: TrackFilter, expression: str, place: str, said: str, fix: str
) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        tracks.allowed(expression)
    _, shown, marks = caught.value.problem.split("\n")
    assert shown[marks.index("^") : marks.rindex("^") + 1] == place
    assert fix in (caught.value.fix or "")


def test_bytes_that_are_no_text_are_refused(tracks: TrackFilter) -> None:
    with pytest.raises(ConfigError, match="not text in UTF-8"):
        tracks.allowed("title = \udce4")


def test_no_filter_loads_pandas(tmp_path: Path) -> None:
    each = """title = strasse; title contains live; genre in (jazz, nothing); genre is missing; year < 1970;
        gain >= 0.5; odd > 1000; odd = 1970; "release date" = 1999; "release date" <= 1999-05"""
    root = made_library(tmp_path, ROWS).root
    code = (
        "import sys; from pathlib import Path; from antiphon.library.tracks import Library\n"
        "from antiphon.search.filters.evaluate import TrackFilter\n"
        "allowed = TrackFilter(Library(Path(sys.argv[1]))).allowed(sys.argv[2])\n"
        "assert 0 < allowed.sum() < len(allowed)\n"
        "raise SystemExit('pandas' in sys.modules)"
    )
    assert (
        subprocess.run([sys.executable, "-c", code, str(root), each.replace(";", " or ")], check=False).returncode == 0
    )


def test_a_value_that_is_nowhere_is_named_with_the_one_most_like_it(
    tracks: TrackFilter, caplog: pytest.LogCaptureFixture
) -> None:
    assert not tracks.allowed('genre = "hard bob"').any()
    assert "No track has genre 'hard bob'. The most like it is 'hard bop'." in caplog.text


def test_values_that_cannot_be_compared_are_named(tracks: TrackFilter, caplog: pytest.LogCaptureFixture) -> None:
    tracks.allowed("odd > 1000")
    assert "1 of 4 different ones cannot be compared here, such as '1999?'" in caplog.text


def test_metadata_of_other_tracks_are_refused(tmp_path: Path) -> None:
    library = made_library(tmp_path, ROWS)
    write_parquet(tmp_path / "tracks.parquet", read_parquet(tmp_path / "tracks.parquet").slice(1))
    with pytest.raises(LibraryError, match="not of the tracks"):
        TrackFilter(Library(library.root)).allowed("year > 1970")


def test_a_name_in_two_spellings_has_to_be_exact(tmp_path: Path) -> None:
    fields = MetadataCollector()
    for table, name in enumerate(("mood", "Mood")):
        fields.add(name, np.arange(2), pa.array(["calm", "sad"]), table=str(table))
        fields.add(name, np.arange(2), pa.array(["calm", "sad"]), table="both")
    found, _ = fields.table(["a", "b"])
    tracks = [Track(track_id="a"), Track(track_id="b")]
    library = save_library(tmp_path, tracks, [], {}, beside={"metadata.parquet": metadata_file(found)})
    if len(library.metadata.names) == 2:
        with pytest.raises(ConfigError, match="may mean mood, Mood"):
            TrackFilter(library).allowed("MOOD = calm")
    assert TrackFilter(library).allowed("mood = CALM").tolist() == [True, False]


def test_few_of_many_misspelt_texts_are_compared_with_all_others_and_no_long_one(
    tracks: TrackFilter, caplog: pytest.LogCaptureFixture
) -> None:
    tracks.allowed(" or ".join(f'genre = "hard bob{n}"' for n in range(40)))
    assert caplog.text.count("No track has genre") == 40
    assert caplog.text.count("The most like it is 'hard bop'") == GUESSES
    caplog.clear()
    assert not tracks.allowed(f'genre = "hard bop{"p" * 200}"').any()
    assert "The most like" not in caplog.text
