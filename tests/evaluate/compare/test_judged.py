"""Judgements beside the encoder table: as ``evaluate`` counts them, and never in the rows."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.evaluate.benchmark import evaluate
from antiphon.evaluate.compare.paired import compare
from antiphon.library.judgements.file import append_judgements
from antiphon.library.judgements.judgement import Judgement
from antiphon.library.tracks import Library
from antiphon.metrics.retrieval import mean_of_directions
from tests.helpers.libraries.made_vectors import COMPARED, make_library

NAMES = ("clear", "noisy")


def test_what_was_judged_stands_beside_the_table_as_evaluate_counts_it(tmp_path: Path) -> None:
    make_library(tmp_path, **COMPARED, names=NAMES, noise=(0.3, 6.0))
    for name in NAMES:
        train(tmp_path, name, config=TrainConfig(epochs=0))
    before = compare(tmp_path, baselines=False, resamples=50)
    assert before.judgements is None
    library = Library(tmp_path)
    tested = library.column("track_id")[library.column("split") == "test"].tolist()
    captions = dict(zip(library.caption_column("track_id"), library.caption_column("text"), strict=True))
    said = [Judgement(query=captions[a], track_id=b, verdict="same") for a, b in pairwise(tested)]
    append_judgements(tmp_path, said[:8])
    found = compare(tmp_path, baselines=False, resamples=50)
    told = found.judgements
    assert told is not None
    assert (told["pairs"], told["same"]) == (8, 8)
    for name in NAMES:
        path = tmp_path / "checkpoints" / f"{name}_best_r1.pt"
        alone = evaluate(tmp_path, path, baselines=False, resamples=0)["judgements"]
        assert told["systems"][name] == {way: alone[way] for way in ("t2a", "a2t")}
    (test,), (plain,) = told["tests"], found.tests
    judged = {name: mean_of_directions(told["systems"][name]) for name in NAMES}
    assert test["MRR"]["difference"] == pytest.approx(judged[test["better"]] - judged[test["worse"]])
    assert test["MRR"]["difference"] != plain["MRR"]["difference"]
    assert [row.figures["t2a"]["MRR"] for row in found.rows] == [row.figures["t2a"]["MRR"] for row in before.rows]
    (line,) = [line for line in found.lines() if line.startswith("MRR with 8 judged pairs (8 same")]
    assert f"clear {mean_of_directions(told['systems']['clear']):.3f} (" in line
