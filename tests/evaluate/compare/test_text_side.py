"""Trainings that differ in their text encoder alone: which is better by more than chance, and what it costs."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from antiphon.align.config import TrainConfig
from antiphon.align.train_all import train_all
from antiphon.evaluate.compare.costs import query_cost as query_cost_module
from antiphon.evaluate.compare.costs import system_costs
from antiphon.evaluate.compare.costs.query_cost import QueryCost, query_cost
from antiphon.evaluate.compare.paired import compare
from antiphon.evaluate.compare.row import HEADINGS, TEXT_HEADINGS
from antiphon.evaluate.compare.table import Comparison
from antiphon.layout import Layout
from antiphon.library.vectors.provenance import Provenance
from antiphon.registry import EncoderCard
from tests.helpers.libraries.made_vectors import COMPARED, make_library, provenance, write_vectors

COSTS = {"minilm": QueryCost(ms=7.0, cold_s=2.04, mb=84.0), "noise": "its vectors were imported"}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """Captions read by an encoder that understands, by one that hears noise, and by both side by side."""
    root = tmp_path_factory.mktemp("sides")
    library = make_library(root, **COMPARED)
    ids = library.caption_column("caption_id").tolist()
    write_vectors(root, "text", "noise", ids, np.random.default_rng(1).normal(size=(len(ids), 8)))
    train_all(root, "made", text=["minilm", "noise", "minilm+noise"], config=TrainConfig(epochs=0))
    with pytest.MonkeyPatch.context() as patch:
        joined = QueryCost(ms=49.2, cold_s=4.4, mb=489.0)
        patch.setattr(system_costs, "query_cost", lambda made: COSTS.get(made.encoder, joined))
        comparison = compare(root, resamples=200)
    comparison.write(root)
    return comparison


def test_every_pair_of_encoders_has_a_row_with_what_a_query_costs(found: Comparison) -> None:
    assert {row.name: row.text for row in found.trained} == {
        "made": "minilm",
        "made@noise": "noise",
        "made@minilm+noise": "minilm+noise",
    }
    by_text = {row.text: row for row in found.trained}
    assert (by_text["minilm"].query_ms, by_text["minilm"].query_cold_s, by_text["minilm"].text_mb) == (7.0, 2.04, 84.0)
    assert by_text["minilm+noise"].text_dim == 16 + 8
    assert by_text["noise"].query_ms is None
    assert "No query cost of noise: its vectors were imported." in found.notes
    assert len({row.name for row in found.rows if row.kind == "baseline"}) == 3


def test_the_table_has_columns_for_the_text_side(found: Comparison) -> None:
    headings, rows = found.table()
    assert (headings[1], headings[-4:]) == ("text", (*TEXT_HEADINGS[1:], "best for"))
    assert {len(row) for row in rows} == {len(HEADINGS) + len(TEXT_HEADINGS)}
    cells = next(row for row in rows if row[0] == "made")
    assert (cells[1], cells[-4:-1]) == ("minilm", ("7.0", "2.0", "84.0"))
    assert "| made@noise | noise |" in found.to_markdown()
    assert "text,audio_dim" in found.to_csv().splitlines()[0]
    plain = json.loads(found.to_json())["rows"]
    assert {row["text"] for row in plain} == {"minilm", "noise", "minilm+noise"}


def test_it_says_which_text_side_is_better_by_more_than_chance_and_what_it_costs(found: Comparison) -> None:
    said = [line for line in found.lines() if line.startswith("Text side of made")]
    assert len(said) == 2
    best = found.trained[0].text
    assert any(f"{best} is significantly better than noise" in line for line in said)
    between = next(line for line in said if "cannot be told apart" in line)
    assert "7.0" in between
    assert "49" in between
    assert "489" in between


def test_with_one_text_side_nothing_is_measured_and_the_table_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_library(tmp_path, **COMPARED, names=("one", "two"))
    train_all(tmp_path, ["one", "two"], text="minilm", config=TrainConfig(epochs=0))
    monkeypatch.setattr(system_costs, "query_cost", lambda made: pytest.fail("it was measured"))
    alone = compare(tmp_path, baselines=False, resamples=100)
    assert alone.table()[0] == HEADINGS
    assert not any(line.startswith("Text side") for line in alone.lines())


class Reader:
    """Reads at once, and says what its weights take."""

    card = EncoderCard(name="reader", kind="text", summary="test", layout=Layout.flat(2), download_mb=32)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """(n, 2) of ones."""
        return np.ones((len(texts), 2), np.float32)


def test_the_other_process_says_when_it_is_ready_and_what_a_query_takes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(query_cost_module, "load_text_encoder", lambda made: Reader())
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(provenance("reader", "text", 2).to_dict())))
    query_cost_module.answer()
    ready, said = capsys.readouterr().out.splitlines()
    assert ready == "ready"
    assert json.loads(said)["mb"] == 32
    assert 0 <= json.loads(said)["ms"] < 1000


def test_the_first_query_is_timed_from_the_start_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = "import time; time.sleep(0.2); print('ready'); print('{\"ms\": 3.5, \"mb\": null}')"
    monkeypatch.setattr(query_cost_module, "CHILD", slow)
    cost = query_cost(provenance("reader", "text", 2))
    assert isinstance(cost, QueryCost)
    assert (cost.ms, cost.mb) == (3.5, None)
    assert cost.cold_s > 0.2


def test_a_process_that_dies_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_cost_module, "CHILD", "raise SystemExit(1)")
    assert "ended without an answer" in str(query_cost(provenance("reader", "text", 2)))


def test_why_there_is_no_cost_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert "imported" in str(query_cost(provenance("own", "text", 4, origin="imported")))
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(provenance("gone", "text", 4).to_dict())))
    query_cost_module.answer()
    refused, said = capsys.readouterr().out.splitlines()
    assert refused == "not ready"
    assert "The text encoder 'gone' comes with a package that is not on this machine" in json.loads(said)["problem"]
    joined = Provenance.joined([provenance("a", "text", Layout.flat(2)), provenance("b", "text", 2, origin="imported")])
    assert "imported" in str(query_cost(joined))
