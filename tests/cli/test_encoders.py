"""`antiphon encoders`: weights are fetched, and nothing else is printed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from antiphon.cli import app
from antiphon.cli import encoders as command


def test_get_says_where_the_weights_are_and_what_to_do_with_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "fetch", lambda plugin: tmp_path / f"{plugin.card.name}.whl")
    app(["encoders", "--get", "musicnn", "clap-text"], result_action="return_value")
    told = capsys.readouterr()
    assert told.out == f"musicnn: {tmp_path}/musicnn.whl\nclap-text: {tmp_path}/clap-text.whl\n"
    assert told.err.splitlines() == [
        "Next, in a library: antiphon embed --encoder musicnn",
        "Next, in a library: antiphon embed --text clap-text",
    ]


def test_text_encoders_say_what_they_cost(capsys: pytest.CaptureFixture[str]) -> None:
    app(["encoders", "--json"], result_action="return_value")
    cards = {card["name"]: card for card in json.loads(capsys.readouterr().out)}
    for name, languages in {"minilm": 1, "mpnet": 1, "use-multilingual": 15}.items():
        card = cards[name]
        assert card["download_mb"] > 0, name
        assert card["query_ms"] > 0, name
        assert len(card["languages"]) == languages, name
    app(["encoders"], result_action="return_value")
    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("mpnet "))
    assert "405 MB" in row
    assert "45 ms" in row
