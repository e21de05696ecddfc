from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from antiphon.evaluate.per_query.results import query_results
from antiphon.evaluate.report.queries.answers import Questions
from antiphon.library.judgements.judgement import Judgement


@pytest.fixture
def asked(material) -> Questions:
    return Questions(material.library, material.vectors, material.results)


@pytest.fixture
def mistaken(material) -> Questions:
    """Tracks 0 and 1 stand in one another's place, and a caption of track 1 is worded nearly like one of track 0."""
    vectors = material.vectors
    audio, words = vectors.audio.copy(), np.asarray(vectors.pairs.text, np.float32).copy()
    audio[[0, 1]] = audio[[1, 0]]
    first, second = (int(np.flatnonzero(vectors.pairs.track_of_caption == track)[0]) for track in (0, 1))
    words[second] = words[first] + 0.001
    changed = replace(vectors, audio=audio, pairs=replace(vectors.pairs, text=words.astype(np.float16)))
    return Questions(material.library, changed, query_results(material.library, changed).t2a)


def test_the_best_are_right_at_the_first_place_by_the_widest_margins(asked):
    found = asked.best(5)
    ranks, texts = asked.results.ranks, asked.vectors.pairs.texts.tolist()
    margins = [asked.results.margins[texts.index(query.text)] for query in found]
    assert [query.rank for query in found] == [1] * 5
    assert margins == sorted(margins, reverse=True)
    assert margins[0] == asked.results.margins[ranks == 1].max()
    for query in found:
        assert query.answers[0].right
        assert query.right.track_id == query.answers[0].track_id
        assert query.right.score >= query.answers[1].score


def test_the_worst_begin_with_the_worst_rank_and_no_track_comes_twice(mistaken):
    found = mistaken.worst(3)
    assert found[0].rank == mistaken.results.ranks.max() > 1
    assert len({query.right.track_id for query in found}) == len(found)
    assert not found[0].answers[0].right
    assert found[0].right.right


def test_a_model_without_a_miss_has_no_worst_and_no_confusion(asked):
    if (asked.results.ranks > 1).any():
        pytest.skip("this training misses some")
    assert asked.worst() == ()
    assert asked.confusions().misses == 0


def test_a_wrong_answer_whose_caption_says_the_same_is_found(mistaken):
    found = mistaken.confusions()
    pairs = mistaken.vectors.pairs
    ids = [str(pairs.track_ids[0]), str(pairs.track_ids[1])]
    assert 0 < found.found <= found.misses
    first = found.shown[0]
    assert first.alike > 0.99 > found.bound
    assert {first.wrong.track_id, first.right.track_id} == set(ids)
    assert first.wrong.caption != first.text
    assert not first.wrong.right
    assert first.verdict == ""
    said = Judgement(query=first.text, track_id=first.wrong.track_id, verdict="same")
    judged = replace(mistaken, judged={said.key: said}).confusions()
    assert [each.verdict for each in judged.shown if each.text == first.text] == ["same"]


def test_answers_have_names_captions_and_scores_of_their_own(asked, material):
    (query,) = asked.best(1)
    for answer in query.answers:
        track = material.library.track(answer.track_id)
        assert answer.name == f"{track.artist} – {track.title}"
        row = asked.vectors.pairs.track_ids.tolist().index(answer.track_id)
        i = asked.vectors.pairs.texts.tolist().index(query.text)
        assert answer.score == pytest.approx(float(asked.vectors.text[i] @ asked.vectors.audio[row]), abs=1e-5)
        owner = asked.vectors.pairs.track_of_caption[asked.vectors.pairs.texts.tolist().index(answer.caption)]
        assert owner == row
