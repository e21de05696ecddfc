"""`antiphon encoders`: weights are fetched, and nothing else is printed."""

from __future__ import annotations

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
