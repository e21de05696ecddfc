"""The table of the queries that people type, for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from antiphon.metrics.pairing import decided
from antiphon.printed import counted

NAMES = {
    "caption": "whole caption",
    "tags": "tags",
    "two_words": "two words",
    "question": "question",
    "exclusion": "exclusion",
}
LONGEST = 40
EXPLAINED = (
    "  queries: those that these captions and metadata give, which differ by kind.",
    "  whole caption: the MRR that the whole captions of the same tracks reach with the",
    "  same correct answers, and how far from it the query is; n.s.: that may be luck.",
)


def typed_lines(typed: Mapping[str, Any] | None) -> list[str]:
    """What :func:`antiphon.evaluate.typed.measure.typed_queries` found, at most 80 columns wide; "" where not asked."""
    if typed is None:
        return []
    if "missing" in typed:
        return [f"No table of what people type (tags, two words, a question): {typed['missing']}"]
    head = f"  {'What people type':<17}{'queries':>8}{'R@10':>8}{'MRR [95 %]':>21}{'chance':>7}{'whole caption':>17}"
    said = [head, *(_row(kind, figures) for kind, figures in typed["kinds"].items() if figures["n_queries"])]
    said += EXPLAINED if len(said) > 1 else ()
    said += [f"  {_example(kind, figures)}" for kind, figures in typed["kinds"].items() if kind != "caption"]
    excluded = typed["kinds"]["exclusion"].get("excluded")
    said += [] if excluded is None else [exclusion_line(typed["kinds"]["exclusion"])]
    return said


def _row(kind: str, figures: Mapping[str, Any]) -> str:
    low, high = figures.get("ci95", {}).get("MRR", (None, None))
    interval = "" if low is None else f" [{low:.3f}, {high:.3f}]"
    mrr = f"{figures['MRR']:.3f}{interval}"
    row = (
        f"  {NAMES[kind]:<17}{figures['n_queries']:>8}{figures['R@10']:>7.1f}%{mrr:>21}{figures['chance']['MRR']:>7.3f}"
    )
    beside = figures.get("as_caption")
    return row if beside is None else f"{row}{beside['MRR']:>8.3f}{far_from(beside):>9}"


def far_from(beside: Mapping[str, Any]) -> str:
    """How far a kind of query is from the whole captions of the same tracks; whether that may be luck."""
    sure = "" if "p" not in beside or decided(beside) != "open" else " n.s."
    return f"{100 * beside['share']:+.0f}%{sure}"


def _example(kind: str, figures: Mapping[str, Any]) -> str:
    if not figures["n_queries"]:
        return f"{NAMES[kind]}: no such query can be made of these captions and metadata"
    text = figures["examples"][0]
    shown = text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"
    return f"{NAMES[kind]}: “{shown}”; correct: {figures['correct']}"


def exclusion_line(figures: Mapping[str, Any]) -> str:
    """How often what was excluded comes up all the same: a sentence."""
    found = figures["excluded"]
    asked = counted(figures["n_queries"], "exclusion")
    return (
        f"In {asked} the excluded hold {100 * found['share']:.0f}% of the top ten; "
        f"{100 * found['plain']:.0f}% without saying “no …”, {100 * found['chance']:.0f}% by chance."
    )
