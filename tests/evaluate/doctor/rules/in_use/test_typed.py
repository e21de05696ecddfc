"""The doctor on queries that people type: what is lost is named with its share, what is not is no finding."""

from __future__ import annotations

from typing import Any

import pytest

from antiphon.align.config import TrainConfig
from antiphon.evaluate.doctor.diagnose import examine
from tests.evaluate.doctor.rules.test_on_test import figures_of_test
from tests.helpers.evaluated.made_course import healthy


def kind(share: float, *, p: float = 0.001) -> dict[str, Any]:
    lost = share * 0.5
    test = {"difference": lost, "ci95": [lost - 0.02, lost + 0.02], "p": p, "clusters": 90}
    return {"n_queries": 100, "MRR": 0.5 + lost, "as_caption": {"MRR": 0.5, "share": share, **test}}


def exclusion(share: float, plain: float) -> dict[str, Any]:
    more = share - plain
    test = {"difference": more, "ci95": [more - 0.01, more + 0.01], "p": 0.001, "clusters": 90}
    return {**kind(-0.6), "excluded": {"share": share, "plain": plain, "chance": 0.1, **test}}


def typed_case(words: float = 14, *, excluded: tuple[float, float] = (0.2, 0.2), **kinds: dict[str, Any]) -> Any:
    asked = {"tags": kind(-0.02), "two_words": kind(-0.02), "question": kind(-0.02), **kinds}
    typed = {"kinds": {**asked, "exclusion": exclusion(*excluded)}, "caption_words": words}
    return healthy(test={**figures_of_test(0.2), "typed": typed})


def said(case: Any) -> dict[str, Any]:
    return {finding.id: finding for finding in examine(case).findings}


def test_what_is_lost_is_said_with_its_share_and_what_to_do():
    finding = said(typed_case(tags=kind(-0.38)))["asked-otherwise"]
    assert finding.title == "Trained on sentences, asked in tags: -38%"
    assert finding.severity == "warning"
    assert "0.310" in finding.evidence
    assert "--phrases" in finding.command


def test_the_worst_way_to_ask_is_the_title():
    finding = said(typed_case(words=2, tags=kind(-0.25), question=kind(-0.5)))["asked-otherwise"]
    assert finding.title == "Trained on short labels, asked in questions: -50%"
    assert "caption --kinds tags machine" in finding.command


@pytest.mark.parametrize("kinds", [{}, {"tags": kind(-0.38, p=0.2)}, {"tags": kind(-0.1)}])
def test_little_or_nothing_sure_is_no_finding(kinds):
    found = said(typed_case(**kinds))
    assert "asked-otherwise" not in found
    assert found["typed"].severity == "good"


def test_where_phrases_take_part_already_captions_of_tags_are_the_next_step():
    case = typed_case(tags=kind(-0.38))
    object.__setattr__(case, "config", TrainConfig(caption_phrases=0.3))
    assert "caption --kinds tags" in said(case)["asked-otherwise"].command


def test_an_exclusion_that_brings_what_it_excludes_is_a_note():
    assert said(typed_case(excluded=(0.35, 0.13)))["no-is-not-read"].severity == "note"
    assert "no-is-not-read" not in said(typed_case(excluded=(0.2, 0.19)))


def test_without_such_queries_nothing_is_said_of_them():
    for typed in ({}, {"typed": {"missing": "imported"}}):
        found = said(healthy(test={**figures_of_test(0.2), **typed}))
        assert not {"asked-otherwise", "typed", "no-is-not-read"} & set(found)
