"""Whether the queries that people type are answered as well as the captions that were trained on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from antiphon.evaluate.doctor.case import Case
from antiphon.evaluate.doctor.findings import Finding
from antiphon.evaluate.typed.lines import NAMES, exclusion_line
from antiphon.metrics.pairing import decided, interval_text

LOST = 0.2
"""Share of the MRR that a way to ask loses, over whole captions and the same answers, from which it is a finding."""
SENTENCE = 6
"""Words of the median training caption from which captions are sentences."""
ASKED = ("tags", "two_words", "question")
"""Ways to ask that name what is wanted, and so can be answered as well as a caption; an exclusion is another matter."""
MORE = 1.25
"""How much more of what was excluded comes up than with the plain query, from which saying "no" does harm."""


def asked(case: Case) -> list[Finding]:
    """What tags, two words and questions lose, the most first; and whether "no drums" brings drums."""
    kinds = ((case.test or {}).get("typed") or {}).get("kinds")
    if not kinds:
        return []
    return [*_lost(case, kinds), *_excluded(kinds)]


def _lost(case: Case, kinds: Mapping[str, Any]) -> list[Finding]:
    beside = {kind: kinds[kind]["as_caption"] for kind in ASKED if "p" in kinds[kind].get("as_caption", {})}
    if not beside:
        return []
    sure = {kind: found for kind, found in beside.items() if decided(found) == "worse" and found["share"] <= -LOST}
    said = "; ".join(
        f"{NAMES[kind]}: MRR {kinds[kind]['MRR']:.3f}, as whole captions of the same tracks {found['MRR']:.3f} "
        f"({found['share']:+.0%}, difference {interval_text(found)}, {kinds[kind]['n_queries']} queries)"
        for kind, found in sorted(beside.items(), key=lambda each: each[1]["share"])
    )
    if not sure:
        return [
            Finding(
                id="typed",
                severity="good",
                title="What people type is answered about as well as whole captions",
                evidence=said,
            )
        ]
    worst = min(sure, key=lambda kind: sure[kind]["share"])
    advice, command = _advice(case, worst)
    return [
        Finding(
            id="asked-otherwise",
            severity="warning",
            title=f"{_trained_on(case)}, asked in {_asked_in(worst)}: {sure[worst]['share']:+.0%}",
            evidence=said,
            why="People type a few words, not captions; the heads learned to read another kind of text.",
            advice=advice,
            command=command,
        )
    ]


def _trained_on(case: Case) -> str:
    words = float(((case.test or {}).get("typed") or {}).get("caption_words", 0))
    return "Trained on sentences" if words >= SENTENCE else f"Trained on {'short labels' if words else 'captions'}"


def _asked_in(kind: str) -> str:
    return {"question": "questions"}.get(kind, NAMES[kind])


def _advice(case: Case, worst: str) -> tuple[str, str]:
    """What makes heads read such queries: phrases of the captions, and captions made of metadata."""
    if worst == "question" and _trained_on(case) != "Trained on sentences":
        return "Captions that are sentences teach it: made ones will do, beside those of people.", case.command(
            "caption", "--kinds", "tags", "machine"
        )
    if case.config.caption_phrases:
        more = "Training already draws phrases of captions (caption_phrases)."
        tags = "Captions of genre, mood and instrument tags teach more of such words: make them, embed, train again."
        return f"{more} {tags}", case.command("caption", "--kinds", "tags")
    return (
        "Let training see the captions' phrases, too: embed them, put caption_phrases = 0.3 into the settings and "
        "train again. Captions made of tags (antiphon caption --kinds tags) teach it as well.",
        case.command("embed", "--text", *case.text_encoder.split("+"), "--phrases"),
    )


def _excluded(kinds: Mapping[str, Any]) -> list[Finding]:
    found = kinds.get("exclusion", {}).get("excluded", {})
    if "p" not in found or decided(found) != "better" or found["share"] <= MORE * found["plain"]:
        return []
    return [
        Finding(
            id="no-is-not-read",
            severity="note",
            title="“piano, no drums” brings more drums than “piano”",
            evidence=exclusion_line(kinds["exclusion"]),
            why="Text encoders read which words are there, and hardly that one of them is denied.",
            advice="Ask for what is wanted, and leave unsaid what is not.",
        )
    ]
