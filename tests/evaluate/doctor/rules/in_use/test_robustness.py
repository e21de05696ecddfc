"""The doctor on encoders whose vectors change with the file."""

from __future__ import annotations

from antiphon.embed.robustness.result import Displacement, Robustness
from antiphon.evaluate.doctor.diagnose import examine
from tests.helpers.evaluated.made_course import healthy


def checked(encoder: str, *, softer: float) -> Robustness:
    changes = {"mp3 at 128 kbit/s": 0.03, "12 dB softer": softer, "noise at 30 dB": 0.1}
    moved = tuple(
        Displacement(change=name, cosine=1 - way, others=0.0, itself=1.0 if way < 0.33 else 0.6, way=way)
        for name, way in changes.items()
    )
    return Robustness(encoder=encoder, weights_id="none", version="1", tracks=20, seconds=30.0, moved=moved)


def said(*found: Robustness):
    return {finding.id: finding for finding in examine(healthy(robustness=found)).findings}


def test_an_encoder_that_depends_on_the_level_is_named_with_what_to_do():
    finding = said(checked("harmony", softer=0.0), checked("musicnn", softer=0.5))["changes-with-sound"]
    assert finding.title == "musicnn hears another piece when a file changes: 12 dB softer"
    assert finding.severity == "warning"
    assert "one loudness" in finding.advice
    assert finding.command.startswith("antiphon encoders --check musicnn")


def test_encoders_that_hold_are_well():
    assert said(checked("harmony", softer=0.1))["robust"].severity == "good"


def test_encoders_that_nobody_checked_are_no_finding():
    assert not {"robust", "changes-with-sound"} & set(said())
