"""What is said of a query whose language its readers do not know."""

from __future__ import annotations

from dataclasses import replace

from antiphon import registry
from antiphon.search.queries.readable import language_remarks

MINILM, USE, UNKNOWN = (registry.find(name, "text").card for name in ("minilm", "use-multilingual", "clap-text"))
GERMAN = "ein ruhiges Klavier für den Abend"


def test_a_query_in_another_language_is_named_with_an_encoder_that_reads_it() -> None:
    (said,) = language_remarks(GERMAN, [MINILM])
    assert str(said).startswith("Note: the query looks German, a language that minilm was not trained to read.")
    steps = ", then antiphon embed --text use-multilingual, then antiphon train --text use-multilingual"
    assert str(said).endswith(f"use-multilingual reads it: antiphon encoders --get use-multilingual{steps}")


def test_commands_beside_it_name_the_library_and_guests_are_told_none() -> None:
    (said,) = language_remarks(GERMAN, [MINILM], "/srv/my lib")
    for verb in ("embed", "train"):
        assert f"antiphon {verb} --text use-multilingual --library '/srv/my lib'" in str(said)
    assert said.to_guests == "Note: the query looks German, a language that minilm was not trained to read."


def test_where_no_encoder_reads_it_none_is_offered() -> None:
    assert list(map(str, language_remarks("ήρεμο πιάνο", [MINILM]))) == [
        "Note: the query looks Greek, a language that minilm was not trained to read."
    ]


def test_one_reader_that_knows_the_language_or_may_know_it_is_enough_for_silence() -> None:
    for readers in ([USE], [MINILM, USE], [MINILM, UNKNOWN], []):
        assert language_remarks(GERMAN, readers) == []
    assert language_remarks("jazz", [MINILM]) == []


def test_of_encoders_that_read_as_one_the_one_that_knows_the_language_is_named() -> None:
    joined = replace(MINILM, name="minilm+use-multilingual")
    assert list(map(str, language_remarks("ruhiges Klavier", [joined]))) == [
        "Note: the query looks German, which of minilm+use-multilingual use-multilingual alone was trained to read: "
        "by it alone search finds more."
    ]
