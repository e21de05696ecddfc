"""Figures with judgements, held against a slow twin that looks at every score; and what evaluate says of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.evaluate.benchmark import evaluate
from antiphon.evaluate.console import evaluation_lines
from antiphon.evaluate.review.counted import cells_of, judged_ranks, with_judgements
from antiphon.evaluate.split_vectors import SplitVectors
from antiphon.library.judgements.file import Judgements, append_judgements
from antiphon.library.judgements.judgement import Judgement
from tests.helpers.evaluated.planted import planted_split
from tests.helpers.libraries.made_vectors import make_library


def split_with_shared_texts() -> SplitVectors:
    """40 tracks; the first six captions read alike in pairs."""
    vectors, _ = planted_split(40, 0)
    text_id = np.concatenate([np.array([0, 0, 1, 1, 2, 2]), np.arange(3, 37)])
    texts = np.array([f"words {i}" for i in text_id], dtype=object)
    return replace(vectors, pairs=replace(vectors.pairs, text_id=text_id, texts=texts))


def some_judgements(rng: np.random.Generator, n: int = 60) -> Judgements:
    verdicts = ("same", "different", "unsure")
    return Judgements(
        tuple(
            Judgement(query=f"words {rng.integers(37)}", track_id=f"t{rng.integers(40):03d}", verdict=verdicts[i % 3])
            for i in range(n)
        )
    )


def slow_ranks(vectors: SplitVectors, judgements: Judgements, way: str) -> list[int]:
    """Every query by itself, every score by itself."""
    pairs = vectors.pairs
    verdict = {key: judgement.verdict for key, judgement in judgements.latest.items()}
    labelled = set(zip(pairs.texts.tolist(), pairs.track_of_caption.tolist(), strict=True))

    def says(caption: int, track: int) -> str:
        if (pairs.texts[caption], track) in labelled:
            return "same"
        return verdict.get((pairs.texts[caption], pairs.track_ids[track]), "different")

    scores = vectors.text.astype(np.float64) @ vectors.audio.astype(np.float64).T
    found = []
    for query in range(40):
        own = [(query, item) if way == "t2a" else (item, query) for item in range(40)]
        of = [(says(*cell), scores[cell]) for cell in own]
        best = max(score for said, score in of if said == "same")
        found.append(1 + sum(said == "different" and score >= best for said, score in of))
    return found


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("way", ["t2a", "a2t"])
def test_ranks_are_those_of_a_slow_look_at_every_score(seed: int, way: str) -> None:
    vectors, judgements = split_with_shared_texts(), some_judgements(np.random.default_rng(seed))
    sides = (vectors.text, vectors.audio) if way == "t2a" else (vectors.audio, vectors.text)
    judged = vectors.pairs.judged(judgements.latest.values())
    found = judged_ranks(*sides, *cells_of(vectors, judged, way))
    assert found.tolist() == slow_ranks(vectors, judgements, way)


def test_different_changes_nothing_same_and_unsure_only_help() -> None:
    vectors = split_with_shared_texts()
    for verdict in ("different", "unsure", "same"):
        said = Judgement(query="words 20", track_id="t003", verdict=verdict)  # type: ignore[arg-type]
        found = with_judgements(vectors, Judgements((said,)), resamples=0, seed=0)
        assert found is not None
        assert found[verdict] == found["pairs"] == 1
        plain = vectors.figures(vectors.ranked, resamples=0, seed=0)
        for way in ("t2a", "a2t"):
            assert found[way]["MRR"] >= plain[way]["MRR"]
            assert (found[way]["chance"]["MRR"] > plain[way]["chance"]["MRR"]) == (verdict != "different")
            if verdict == "different":
                assert found[way]["MRR"] == plain[way]["MRR"]


def slow_ndcg(vectors: SplitVectors, judgements: Judgements, k: int, *, exponential: bool) -> float:
    """nDCG of text to audio from the definition, every query by itself; no two scores of a query are the same."""
    pairs = vectors.pairs
    own = set(zip(pairs.texts.tolist(), pairs.track_of_caption.tolist(), strict=True))
    values = []
    for caption, text in enumerate(pairs.texts):
        grades = np.zeros(len(pairs.track_ids))
        for track, name in enumerate(pairs.track_ids):
            said = judgements.latest.get((text, name))
            if (text, track) in own:
                grades[track] = 3
            elif said is not None and said.verdict == "same":
                grades[track] = said.grade or 3
        gains = 2**grades - 1 if exponential else grades
        worth = 1 / np.log2(np.arange(2, k + 2))
        order = np.argsort(-(vectors.audio @ vectors.text[caption]))[:k]
        values.append((gains[order] @ worth) / (np.sort(gains)[::-1][:k] @ worth))
    return float(np.mean(values))


def test_grades_count_in_whole_lists_by_the_definition() -> None:
    vectors, rng = split_with_shared_texts(), np.random.default_rng(0)
    verdicts = {0: "different", 1: "unsure", 2: "same", 3: "same"}
    said = []
    for grade in [*range(4), None] * 20:
        verdict = "same" if grade is None else verdicts[grade]
        words, track = f"words {rng.integers(37)}", f"t{rng.integers(40):03d}"
        said.append(Judgement(query=words, track_id=track, verdict=verdict, grade=grade))  # type: ignore[arg-type]
    judgements = Judgements(tuple(said))
    found = with_judgements(vectors, judgements, ks=(5,), resamples=0, seed=0)
    assert found is not None
    lists = found["t2a"]["lists"]
    assert lists["nDCG@5"]["value"] == pytest.approx(slow_ndcg(vectors, judgements, 5, exponential=False))
    assert lists["nDCG_exp@5"]["value"] == pytest.approx(slow_ndcg(vectors, judgements, 5, exponential=True))
    assert lists["nDCG@5"]["value"] != pytest.approx(lists["nDCG_exp@5"]["value"])
    assert set(found["a2t"]["lists"]) == set(lists)


def test_without_a_judgement_of_this_split_there_are_no_second_figures() -> None:
    vectors = split_with_shared_texts()
    elsewhere = Judgement(query="words of another split", track_id="t003", verdict="same")
    own_caption = Judgement(query="words 20", track_id="t023", verdict="different")
    assert vectors.pairs.texts[23] == "words 20"
    assert with_judgements(vectors, Judgements((elsewhere, own_caption)), resamples=0, seed=0) is None


def test_evaluate_shows_both_figures_and_how_many_were_judged(tmp_path: Path) -> None:
    library = make_library(tmp_path / "library", train=20, val=6, test=12)
    small = TrainConfig(epochs=1, epoch_steps=2, dim=8, hidden=8, precision="float32", device="cpu", closed_form="none")
    checkpoint = train(library.root, "made", text="words", config=small).checkpoints["best_r1"]
    before = evaluate(library.root, checkpoint, baselines=False, resamples=100)
    assert "judgements" not in before
    texts = library.caption_column("text").tolist()
    said = [
        Judgement(query=texts[2 * 26], track_id=f"t{track:03d}", verdict="same" if track % 2 else "unsure")
        for track in range(27, 38)
    ]
    append_judgements(library.root, said)
    after = evaluate(library.root, checkpoint, baselines=False, resamples=100)
    judged = after["judgements"]
    assert (judged["pairs"], judged["same"], judged["unsure"], judged["different"]) == (11, 6, 5, 0)
    assert after["t2a"] == before["t2a"]
    assert judged["t2a"]["MRR"] > before["t2a"]["MRR"]
    assert judged["t2a"]["ci95"]["MRR"][0] <= judged["t2a"]["MRR"] <= judged["t2a"]["ci95"]["MRR"][1]
    (line,) = [line for line in evaluation_lines(after) if line.startswith("With ")]
    assert line == "With 11 judged pairs (6 same, 0 different, 5 unsure); in brackets without:"
    assert "lists" not in judged["t2a"]
    lists = evaluate(library.root, checkpoint, baselines=False, resamples=20, ks=[5])
    with_grades, without = (of["t2a"]["lists"]["precision@5"]["value"] for of in (lists["judgements"], lists))
    assert with_grades > without
    line = f"    {'precision@5':<14}{with_grades:>8.2f}% ({without:.2f}%)"
    assert line in evaluation_lines(lists)
