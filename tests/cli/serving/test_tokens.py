"""Tokens come from a file or the environment, and what makes none is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from antiphon.cli.serving.tokens import tokens_from
from antiphon.errors import ConfigError
from antiphon.search.server.jobs.followed import TOKENS


def test_a_file_has_one_token_a_line_and_goes_before_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKENS, "of-the-environment, another-one-of-it")
    assert tokens_from(None) == ("of-the-environment", "another-one-of-it")
    (tmp_path / "tokens").write_text("# for the phone\nfirst-token-0123\n\n second-token-0123 \n")
    assert tokens_from(tmp_path / "tokens") == ("first-token-0123", "second-token-0123")


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "no token"), ("qwert", "has 5 characters"), ("with a space in it", "a header cannot carry"), (None, "read")],
)
def test_what_is_no_token_is_said_without_showing_it(tmp_path: Path, text: str | None, told: str) -> None:
    path = tmp_path / "tokens"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ConfigError, match=told) as found:
        tokens_from(path)
    assert not text or text not in str(found.value)
