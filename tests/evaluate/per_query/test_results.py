"""Every query by itself: what stands in the value object, and in the files that are made of it."""

from __future__ import annotations

import csv
import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from antiphon.cli import app
from antiphon.errors import ConfigError
from antiphon.evaluate.per_query.files import write_table
from antiphon.evaluate.per_query.results import group_names, track_names
from antiphon.library.tracks import Track, save_library
from antiphon.metrics.retrieval import answers


def test_both_directions_say_what_a_plain_look_at_all_scores_says(split):
    vectors, both = split
    pairs = vectors.pairs
    scores = vectors.text.astype(np.float64) @ vectors.audio.astype(np.float64).T
    tracks, captions = answers(pairs.track_of_caption, pairs.text_id, len(pairs.track_ids))
    for results, table, correct, ids in (
        (both.t2a, scores, tracks, pairs.track_ids),
        (both.a2t, scores.T, captions, pairs.caption_ids),
    ):
        right = np.zeros(table.shape, bool)
        right[correct.queries, correct.indices] = True
        best, rival = np.where(right, table, -np.inf), np.where(right, -np.inf, table)
        assert results.correct_ids.tolist() == ids[best.argmax(axis=1)].tolist()
        assert results.wrong_ids.tolist() == ids[rival.argmax(axis=1)].tolist()
        assert np.allclose(results.margins, best.max(axis=1) - rival.max(axis=1), atol=1e-6)
        assert np.array_equal(results.ranks == 1, results.margins > 1e-6)
        assert results.n_correct.tolist() == right.sum(axis=1).tolist()
    assert np.array_equal(both.t2a.ranks, vectors.ranked["t2a"])
    assert np.array_equal(both.a2t.ranks, vectors.ranked["a2t"])


def test_groups_are_the_queries_tracks_groups(split):
    vectors, both = split
    assert both.a2t.groups.tolist()[:4] == ["t100", "t100", "t102", "t102"]
    assert both.t2a.groups.tolist() == both.a2t.groups[vectors.pairs.track_of_caption].tolist()
    assert np.array_equal(np.unique(both.a2t.groups, return_inverse=True)[1], vectors.clusters)


@pytest.mark.parametrize(
    ("artist", "title", "said"), [("Ana", "Sol", "Ana – Sol"), ("", "Sol", "Sol"), ("Ana", "", "Ana"), ("", "", "")]
)
def test_a_track_is_named_by_what_is_known_of_it(tmp_path, artist, title, said):
    library = save_library(tmp_path, [Track(track_id="a", artist=artist, title=title, split="test")], [], {})
    assert track_names(library, np.array(["a"], object)).tolist() == [said]
    assert group_names(library, np.array(["a"], object)).tolist() == ["a"]


def _read(path):
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream)) if path.suffix == ".csv" else [json.loads(line) for line in stream]


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_the_command_writes_one_row_a_query(root, split, tmp_path, ending, capsys):
    path = tmp_path / f"queries.{ending}"
    checkpoint = str(root / "checkpoints" / "clear_best_r1.pt")
    app(
        ["evaluate", checkpoint, "--no-baselines", "--per-query", str(path), "--library", str(root)],
        result_action="return_value",
    )
    rows, (t2a, a2t) = _read(path), split[1]
    assert [row["query_id"] for row in rows] == [*t2a.query_ids, *a2t.query_ids]
    assert [int(row["rank"]) for row in rows] == [*t2a.ranks, *a2t.ranks]
    assert [row["wrong_id"] for row in rows] == [*t2a.wrong_ids, *a2t.wrong_ids]
    assert np.allclose([float(row["wrong_score"]) for row in rows], [*t2a.wrong_scores, *a2t.wrong_scores])
    assert f"{path}: 150 queries." in capsys.readouterr().err


def test_texts_with_commas_quotes_and_line_breaks_come_back_and_none_is_no_number(tmp_path):
    columns = {
        "query": ['a "loud", fast\nsong', "ü"],
        "rank": [1, 2],
        "wrong_id": [None, "x"],
        "wrong_score": [None, 0.5],
    }
    for name in ("q.csv", "q.jsonl", "q.parquet"):
        write_table(tmp_path / name, columns)
        rows = _read(tmp_path / name)
        assert [row["query"] for row in rows] == columns["query"]
        assert rows[0]["wrong_score"] in (None, "")
        assert rows[0]["wrong_id"] in (None, "")


def test_a_file_of_no_known_ending_is_refused_before_any_work(root, tmp_path):
    with pytest.raises(ConfigError, match=r"queries\.xlsx has no ending of a table.\n.*\.parquet, \.csv, \.jsonl"):
        app(
            ["evaluate", "nothing.pt", "--per-query", str(tmp_path / "queries.xlsx"), "--library", str(root)],
            result_action="return_value",
        )
