"""Words that people type which are no command here: they are told what is."""

from __future__ import annotations

import shlex

import pytest

from antiphon.cli import COMMANDS, app, main
from antiphon.cli.arguments import other_words


@pytest.mark.parametrize("verb", ["import", "info", "list", "similar", "query", "status"])
def test_a_verb_that_people_type_is_told_what_it_is_here(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([verb, "piano", "--json"])
    said = capsys.readouterr().err
    assert stopped.value.code == 2
    assert said.startswith(f"Error: There is no command '{verb}': antiphon ")
    assert said.count("\n") == 1


def test_no_word_is_a_command_and_all_that_is_named_is_one() -> None:
    assert not set(other_words.COMMANDS) & set(COMMANDS)
    for named in [line for lines in other_words.COMMANDS.values() for line in lines]:
        name, *rest = shlex.split(named)[1:]
        if name in ("--help", "--version"):
            continue
        options = {option for each in app[name].assemble_argument_collection() for option in each.names}
        assert {word for word in rest if word.startswith("--")} <= options, named


@pytest.mark.parametrize(
    ("typed", "now"),
    [
        (["playlist", "calm", "--map", "/a=/b"], "'--map' is called otherwise now: --path-map PLAYER=HERE"),
        (["search", "calm", "--m3u-root=/a"], "'--m3u-root' is called otherwise now: --path-map"),
        (["fuse", "a", "b", "--weights", "2", "1"], "'--weights' is called otherwise now: --shares"),
    ],
)
def test_an_option_that_was_renamed_names_the_new_one(
    typed: list[str], now: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(typed)
    assert stopped.value.code == 2
    assert now in capsys.readouterr().err


@pytest.mark.parametrize(
    "typed",
    [
        ["--where", "year > 1970", "--where", "a = b or c = d"],
        ["--where=year > 1970", "-k", "3", "--where=a = b or c = d"],
    ],
)
def test_two_filters_are_told_how_conditions_are_joined(typed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("search", "playlist"):
        with pytest.raises(SystemExit):
            main([command, "calm", *typed])
        assert "joined by and, or, not: --where 'year > 1970 and (a = b or c = d)'" in capsys.readouterr().err
    assert other_words.meant(["search", "calm", "--where", "a = b"]) is None


def test_words_of_a_query_are_no_options() -> None:
    assert other_words.meant(["search", "--", "--m3u-root"]) is None
    assert other_words.meant(["search", "query", "status"]) is None
    assert other_words.meant([]) is None
