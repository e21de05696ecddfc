"""What a command's help says of defaults: those that tell a person something, and no values of Python."""

from __future__ import annotations

import re
from pathlib import Path

REFERENCE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
"""The help of all commands; a test of its own holds that it is current."""


def test_defaults_are_shown_where_they_say_something() -> None:
    shown = set(re.findall(r"\[default: ([^]]*)\]", REFERENCE))
    assert {"10", "on", "auto"} <= shown
    assert not shown & {"False", "True", "None", "()", "[]", '""'}


def test_a_switch_that_is_off_has_no_default_and_one_that_is_on_says_so() -> None:
    untrained, typed = (re.search(rf"\* `--{name}.*\n(?:    .*\n)*", REFERENCE) for name in ("untrained", "typed"))
    assert untrained
    assert typed
    assert "default" not in untrained[0]
    assert "*[default: on]*" in typed[0]
