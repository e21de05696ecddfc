"""TREC's forms: what Antiphon writes gives TREC's tools Antiphon's figures, and any run gets Antiphon's figures."""

from __future__ import annotations

import json
from urllib.parse import unquote

import ir_measures
import numpy as np
import pytest

from antiphon.cli import app
from antiphon.errors import ConfigError, ManifestError
from antiphon.evaluate.per_query.whole_lists import QueriesAndItems
from antiphon.evaluate.trec.judged import judge_run
from antiphon.evaluate.trec.lines import escaped, read_qrels, read_run, write_lines
from antiphon.evaluate.trec.written import listed_items, strictly_falling
from antiphon.metrics.correct import one_each
from antiphon.metrics.ranks import ranks
from tests.helpers.measured.result_lists import graded_case


def call(*words):
    app([str(word) for word in words], result_action="return_value")


def test_tools_of_trec_give_our_figures_for_the_files_we_write(judged_library, tmp_path, capsys):
    root, checkpoint = judged_library
    qrels, run = tmp_path / "qrels.txt", tmp_path / "run.txt"
    call(
        "evaluate",
        checkpoint,
        "--no-baselines",
        "--no-typed",
        "--k",
        1,
        5,
        10,
        "--qrels",
        qrels,
        "--run",
        run,
        "--json",
        "-l",
        root,
    )
    printed = capsys.readouterr()
    ours = json.loads(printed.out)
    assert "qrels_a2t.txt" in printed.err
    for way, end in (("t2a", ""), ("a2t", "_a2t")):
        right = list(ir_measures.read_trec_qrels(str(tmp_path / f"qrels{end}.txt")))
        found = list(ir_measures.read_trec_run(str(tmp_path / f"run{end}.txt")))
        theirs = ir_measures.calc_aggregate(
            [ir_measures.parse_measure(m) for m in ("Success@1", "Success@5", "RR", "R@10", "AP@5", "nDCG@10")],
            right,
            found,
        )
        theirs = {str(measure): value for measure, value in theirs.items()}
        assert ours[way]["R@1"] == pytest.approx(100 * theirs["Success@1"])
        assert ours[way]["R@5"] == pytest.approx(100 * theirs["Success@5"])
        assert ours[way]["MRR"] == pytest.approx(theirs["RR"])
        assert ours[way]["lists"]["recall@10"]["value"] == pytest.approx(100 * theirs["R@10"])
        assert ours[way]["lists"]["mAP@5"]["value"] == pytest.approx(theirs["AP@5"])
        assert ours[way]["lists"]["nDCG@10"]["value"] == pytest.approx(theirs["nDCG@10"])


def test_a_run_that_was_written_is_judged_as_the_checkpoint_was(judged_library, tmp_path, capsys):
    root, checkpoint = judged_library
    qrels, run = tmp_path / "qrels", tmp_path / "run"
    call("evaluate", checkpoint, "--no-baselines", "--no-typed", "--qrels", qrels, "--run", run, "--json", "-l", root)
    ours = json.loads(capsys.readouterr().out)
    for way, end in (("t2a", ""), ("a2t", "_a2t")):
        call("evaluate", "--judge-run", f"{run}{end}", "--qrels", f"{qrels}{end}", "--json")
        again = json.loads(capsys.readouterr().out)
        for key in ("n_queries", "n_items", "R@1", "R@5", "R@10", "MRR", "median_rank", "chance"):
            assert again[key] == pytest.approx(ours[way][key]), key
        assert again["notes"] == []


def test_equal_vectors_get_the_worst_order_in_every_tool(tmp_path):
    """A model that maps everything to one point: TREC's tools would sort by id, and find item 5 first."""
    x = np.ones((6, 4), np.float32)
    way = QueriesAndItems(x, x, one_each(np.arange(6)), (), np.arange(6), np.arange(6))
    listed = listed_items(way, 6)
    assert listed.items[:, -1].tolist() == list(range(6))
    assert np.all(np.diff(strictly_falling(listed.scores), axis=1) < 0)


def test_lists_hold_every_item_once_and_the_first_correct_at_its_rank():
    case = graded_case()
    way = QueriesAndItems(case.queries, case.items, case.correct, (), np.arange(40), np.arange(60))
    listed = listed_items(way, 60)
    assert np.array_equal(np.sort(listed.items, axis=1), np.tile(np.arange(60), (40, 1)))
    own = [set(case.graded(i)) for i in range(40)]
    first = [1 + next(p for p, j in enumerate(row) if j in own[i]) for i, row in enumerate(listed.items.tolist())]
    assert first == ranks(case.queries, case.items, case.correct).tolist()
    assert np.array_equal(listed_items(way, 7).items, listed.items[:, :7])


@pytest.mark.parametrize("name", ["a b", "100 %", "x\ty\nz", "ü\u2003ö", "a%20b", "plain"])
def test_an_id_is_one_column_and_comes_back(name):
    assert len(escaped(name).split()) == 1
    assert unquote(escaped(name)) == name
    assert escaped("plain") == "plain"


def test_a_library_whose_ids_have_spaces_is_written_without_damage(judged_library, tmp_path):
    """Ids of the library here are "track 0001.wav"."""
    root, checkpoint = judged_library
    call(
        "evaluate",
        checkpoint,
        "--no-baselines",
        "--no-typed",
        "--qrels",
        tmp_path / "q",
        "--run",
        tmp_path / "r",
        "-l",
        root,
    )
    qrels, run = read_qrels(tmp_path / "q"), read_run(tmp_path / "r")
    assert all(query.startswith("track%20") for query in qrels)
    assert qrels.keys() == run.keys()


def _files(tmp_path, qrels, run):
    write_lines(tmp_path / "q", qrels)
    write_lines(tmp_path / "r", run)
    return tmp_path / "r", tmp_path / "q"


def test_what_differs_from_trec_is_said(tmp_path):
    qrels = ["a 0 x 1", "a 0 z 0", "b 0 y 2", "c 0 x 1", "d 0 x 0"]
    run = ["a Q0 x 1 0.5 t", "a Q0 y 2 0.5 t", "b Q0 y 9 0.5 t", "b Q0 x 1 0.4 t", "e Q0 x 1 0.4 t"]
    found = judge_run(*_files(tmp_path, qrels, run), ks=(1, 2), resamples=0)
    assert (found["n_queries"], found["n_items"]) == (3, 3)
    assert found["MRR"] == pytest.approx((1 / 2 + 1 + 1 / 11) / 3)  # nothing was found for c: behind every K
    assert found["R@10"] == pytest.approx(200 / 3)
    assert found["lists"]["recall@2"]["value"] == pytest.approx(100 * 2 / 3)
    said = " ".join(found["notes"])
    for words in (
        "1 query without a correct item in the run",
        "1 query with a wrong item that ties",
        "1 query of the qrels without",
    ):
        assert words in said
    assert "1 query of the run that the qrels do not have" in said


def test_figures_of_a_foreign_run_equal_those_of_ir_measures(tmp_path):
    case, rng = graded_case(), np.random.default_rng(0)
    kept = {q: {d: s for d, s in row.items() if rng.random() < 0.6} for q, row in case.run().items()}
    qrels = [f"{q} 0 {d} {g}" for q, own in case.qrels().items() for d, g in own.items()]
    run = [f"{q} Q0 {d} 1 {s!r} t" for q, row in kept.items() for d, s in row.items()]
    found = judge_run(*_files(tmp_path, qrels, run), ks=(1, 5, 10), resamples=0)
    names = {"success": "Success", "recall": "R", "precision": "P", "mAP": "AP", "nDCG": "nDCG"}
    measures = {
        f"{ours}@{k}": ir_measures.parse_measure(f"{theirs}@{k}") for ours, theirs in names.items() for k in (1, 5, 10)
    }
    theirs = ir_measures.calc_aggregate(measures.values(), case.qrels(), kept)
    for key, measure in measures.items():
        scale = 1.0 if key.startswith(("mAP", "nDCG")) else 100.0
        assert found["lists"][key]["value"] == pytest.approx(scale * theirs[measure]), key


@pytest.mark.parametrize(
    ("qrels", "run", "said"),
    [
        (["a 0 x"], ["a Q0 x 1 0.5 t"], r"q, line 1: has 3 columns in place of 4"),
        (["a 0 my song 1"], ["a Q0 x 1 0.5 t"], r"line 1: has 5 columns(.|\n)*write %20"),
        (["a 0 x one"], ["a Q0 x 1 0.5 t"], "'one' is no number"),
        (["a 0 x 1"], ["a Q0 x 1 nan t"], "r, line 1: 'nan' is no number"),
        (["a 0 x 1"], ["a Q0 x 1 2 t", "a Q0 x 2 1 t"], "r, line 2: item 'x' stands twice for query 'a'"),
        (["a 0 x 0"], ["a Q0 x 1 0.5 t"], "no query with a correct item"),
        ([], ["a Q0 x 1 0.5 t"], "q is empty"),
    ],
)
def test_files_that_are_none_are_refused_by_line(tmp_path, qrels, run, said):
    with pytest.raises(ManifestError, match=said):
        judge_run(*_files(tmp_path, qrels, run))


def test_a_run_alone_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="--judge-run needs the right answers"):
        call("evaluate", "--judge-run", tmp_path / "r")
    with pytest.raises(ManifestError, match="cannot be read: No such file"):
        call("evaluate", "--judge-run", tmp_path / "r", "--qrels", tmp_path / "q")
