"""One judgement: what a person said about a text and a track."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Literal, cast

from antiphon.texts import normalised_text

Verdict = Literal["same", "different", "unsure"]
VERDICTS: tuple[Verdict, ...] = ("same", "different", "unsure")
GRADES = {0: "does not fit", 1: "fits in part", 2: "fits", 3: "could have been written for it"}
"""How well a text fits a track, where it is graded."""
VERDICT_OF_GRADE: dict[int, Verdict] = {0: "different", 1: "unsure", 2: "same", 3: "same"}
"""From 2 on a track is an answer to the text; at 1 it is neither an answer nor a mistake."""
LABELLED = 3
"""Relevance of a caption's own track, on the scale of :data:`GRADES`."""
FORMAT = 1
PairKey = tuple[str, str]
"""The normalised text, and the track's id."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What somebody said about a text and a track.

    Parameters
    ----------
    query : the text, not empty.
    track_id : of the track.
    verdict : "same" (the text describes the track), "different" (it does not), "unsure" (neither right nor wrong).
    query_id : of the caption that the text was read from; None for words of somebody's own.
    grade : 0–3 (:data:`GRADES`), or None where it was not asked for; it decides the verdict.
    by : who judged; "" where nobody said.
    time : ISO 8601, with the zone; "" where it is not known.
    """

    query: str
    track_id: str
    verdict: Verdict
    query_id: str | None = None
    grade: int | None = None
    by: str = ""
    time: str = ""

    @property
    def key(self) -> PairKey:
        """What it is about; the last judgement of a key counts."""
        return normalised_text(self.query), self.track_id

    @property
    def relevance(self) -> int | None:
        """On the scale of :data:`GRADES`: the grade, or without one 3 for "same" and 0 for "different".

        None for "unsure", which grade 1 means too: that is neither an answer nor a mistake.
        """
        if self.verdict == "unsure":
            return None
        if self.grade is not None:
            return self.grade
        return LABELLED if self.verdict == "same" else 0

    def to_dict(self) -> dict[str, Any]:
        """The object of its line in the file."""
        return {
            "query_id": self.query_id,
            "query": self.query,
            "track_id": self.track_id,
            "verdict": self.verdict,
            "grade": self.grade,
            "by": self.by,
            "time": self.time,
            "format": FORMAT,
        }


def graded(grade: int) -> Verdict:
    """The verdict that a grade amounts to."""
    return VERDICT_OF_GRADE[grade]


def now() -> str:
    """This moment, to the second, as judgements write it."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def judgement_from(data: Any) -> Judgement:
    """A judgement from the object of a line; keys that are not known here are left alone.

    Raises
    ------
    ValueError : what is wrong with it, as the end of a sentence: ``"has the verdict 'maybe', none of …"``.
    """
    if not isinstance(data, Mapping):
        raise ValueError("is no object")
    if data.get("format", FORMAT) != FORMAT:
        raise ValueError(f"has format {data['format']!r}; this version of Antiphon reads format {FORMAT}")
    grade = _grade(data.get("grade"))
    return Judgement(
        query=_text(data, "query"),
        track_id=_text(data, "track_id"),
        verdict=_verdict(data.get("verdict"), grade),
        query_id=_optional(data, "query_id") or None,
        grade=grade,
        by=_optional(data, "by"),
        time=_optional(data, "time"),
    )


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"has no {name}")
    return value


def _optional(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"has the {name} {value!r}, which is no text")
    return value or ""


def _grade(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or value not in GRADES:
        raise ValueError(f"has the grade {value!r}, none of {', '.join(map(str, GRADES))}")
    return int(value)


def _verdict(value: Any, grade: int | None) -> Verdict:
    if value is None and grade is not None:
        return graded(grade)
    if value not in VERDICTS:
        raise ValueError(f"has the verdict {value!r}, none of {', '.join(VERDICTS)}")
    if grade is not None and graded(grade) != value:
        raise ValueError(f"has the verdict '{value}' and the grade {grade}, which means '{graded(grade)}'")
    return cast(Verdict, value)
