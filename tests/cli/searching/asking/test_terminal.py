"""Questions at a terminal, one after another."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from antiphon.cli.searching.asking.terminal import converse
from antiphon.search.hits import Hits
from antiphon.search.queries.query import Query


def typed(*lines: str, end: type[BaseException]) -> Callable[[str], str]:
    waiting = iter(lines)

    def read(prompt: str) -> str:
        for line in waiting:
            return line
        raise end

    return read


@pytest.mark.parametrize("end", [EOFError, KeyboardInterrupt])
def test_it_answers_until_the_end_whatever_a_line_holds(
    end: type[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[Query] = []
    converse(
        lambda query: Hits(),
        lambda query, hits: asked.append(query),
        lambda query, hits: query.remarks(),
        excluded=["vocals"],
        opening=["Searched 3 tracks."],
        read=typed("piano:2 rain", "", "-drums", "jazz, no drums", end=end),
    )
    assert [(query.words, query.excluded) for query in asked] == [
        ("piano, rain", ("vocals",)), ("jazz", ("drums", "vocals")),
    ]  # fmt: skip
    err = capsys.readouterr().err
    assert "Searched 3 tracks." in err
    assert "Error: Only what is not wanted is asked for: drums" in err
    assert "Weights: piano (2), rain (1)." in err
