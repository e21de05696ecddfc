"""Named protocols: who asks, what is right, and that a library which is not the set is refused."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.cli import app
from antiphon.errors import ConfigError, LibraryError
from antiphon.evaluate.benchmark import evaluate, measure
from antiphon.evaluate.protocols.best_of import best_of_captions, best_of_chance
from antiphon.evaluate.protocols.chosen import _of_track, as_asked, counts_said
from antiphon.evaluate.protocols.protocol import DEFAULT, PROTOCOLS, Protocol, find_protocol
from antiphon.evaluate.split_vectors import Splits
from antiphon.library.judgements.file import append_judgements
from antiphon.library.judgements.judgement import Judgement
from antiphon.metrics.figures import METRICS
from antiphon.metrics.retrieval import QuerySubset, Ranked, chance
from tests.helpers.libraries.made_vectors import COMPARED, make_library

SMALL = TrainConfig(epochs=1, dim=16, hidden=32, epoch_steps=4, precision="float32", device="cpu", hubness="none")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """60 test tracks, 90 captions: two and one in turn."""
    root = tmp_path_factory.mktemp("protocols") / "library"
    make_library(root, **COMPARED, names=("clear",), noise=(2.0,))
    train(root, "clear", config=SMALL)
    return root, root / "checkpoints" / "clear_best_r1.pt"


@pytest.fixture(scope="module")
def split(trained):
    splits = Splits(trained[0])
    return splits.library, splits.vectors(Bundle.load(trained[1]), "test")


def _library(column, values):
    """As much of a library as a column needs."""
    known = {f"t{100 + i:03d}": {column: value} for i, value in enumerate(values)}
    return SimpleNamespace(metadata=_Metadata({column}, known))


class _Metadata:
    def __init__(self, names, known):
        self.names, self.known = names, known

    def __contains__(self, name):
        return name in self.names

    def of(self, track_id):
        return self.known.get(track_id, {})


def test_the_default_is_the_contract_and_others_are_not_kept(trained):
    root, path = trained
    kept = root / "runs" / "clear" / "test_metrics.json"
    kept.unlink(missing_ok=True)
    named = evaluate(root, path, protocol="own-track", baselines=False, resamples=20)
    assert not kept.exists()
    assert named["protocol"].startswith("own-track (60 tracks, 90 captions): As mteb")
    plain = evaluate(root, path, baselines=False, resamples=20)
    assert kept.exists()
    assert plain["protocol"] == evaluate(root, path, protocol=DEFAULT, baselines=False, resamples=20)["protocol"]


def test_one_caption_asks_the_first_of_each_track(trained):
    found = measure(*trained, protocol="one-caption", resamples=50)
    assert found.vectors.pairs.caption_ids.tolist() == [f"{track}#0" for track in found.vectors.pairs.track_ids]
    assert found.figures["t2a"]["n_queries"] == found.figures["a2t"]["n_items"] == 60
    scores = found.vectors.text @ found.vectors.audio.T
    ranks = 1 + (scores > np.diag(scores)[:, None] + 1e-6).sum(axis=1)
    assert found.ranked["t2a"].tolist() == ranks.tolist()
    assert set(found.figures["baselines"]) == {"ridge", "cca"}


def test_best_of_captions_counts_a_tracks_best_rank_with_its_chance_and_baselines(trained):
    found = measure(*trained, protocol="best-of-captions", resamples=50)
    plain = measure(*trained, baselines=False, resamples=0)
    owner = plain.vectors.pairs.track_of_caption
    best = np.array([plain.ranked["t2a"][owner == track].min() for track in range(60)])
    figures = found.figures["t2a"]
    assert figures["n_queries"] == 60
    assert figures["MRR"] == pytest.approx(np.mean(1 / best))
    assert figures["MRR"] > plain.figures["t2a"]["MRR"]
    assert figures["chance"]["MRR"] > plain.figures["t2a"]["chance"]["MRR"]
    assert found.figures["a2t"]["MRR"] == plain.figures["a2t"]["MRR"]
    ridge = found.figures["baselines"]["ridge"]
    gain = ridge["training_minus_baseline"]["t2a"]["MRR"]["difference"]
    assert gain == pytest.approx(figures["MRR"] - ridge["t2a"]["MRR"])


def test_best_of_chance_is_that_of_simulation_and_of_one_caption_the_usual():
    rng = np.random.default_rng(0)
    n, several, correct = 20, np.array([1, 2, 3]), np.array([1, 2, 1])
    places = np.array(
        [
            [min(rng.permutation(n)[:c].min() + 1 for _ in range(s)) for s, c in zip(several, correct, strict=True)]
            for _ in range(4000)
        ]
    )
    expected = best_of_chance(n, several, correct)
    assert expected["MRR"] == pytest.approx(np.mean(1 / places), rel=0.03)
    assert expected["R@5"] == pytest.approx(100 * np.mean(places <= 5), rel=0.03)
    usual = chance(n, np.array([1, 2]))
    single = best_of_chance(n, np.array([1, 1]), np.array([1, 2]))
    assert {key: single[key] for key in METRICS if key != "median_rank"} == pytest.approx(
        {key: usual[key] for key in METRICS if key != "median_rank"}
    )


def test_best_of_a_sample_is_that_sample_of_the_best_of_all():
    owner, ranked = np.array([0, 0, 1, 2, 2]), Ranked(t2a=np.array([5, 3, 4, 9, 2]), a2t=np.array([1, 2, 3]))
    assert best_of_captions(ranked, owner)["t2a"].tolist() == [3, 4, 2]
    asked = QuerySubset.from_tracks(np.array([True, False, True]), owner)
    assert best_of_captions(asked.among(ranked), owner, asked)["t2a"].tolist() == [3, 2]


def test_identical_captions_are_right_for_both_tracks_but_by_own_track(split):
    library, vectors = split
    texts = vectors.pairs.text_id.copy()
    texts[2] = texts[0]
    shared = replace(vectors, pairs=replace(vectors.pairs, text_id=texts))
    own = as_asked("own-track", PROTOCOLS["own-track"], library, shared)
    assert len(np.unique(own.pairs.text_id)) == 90
    assert len(np.unique(shared.pairs.text_id)) == 89
    assert as_asked(DEFAULT, PROTOCOLS[DEFAULT], library, shared).pairs.text_id is texts


def test_a_column_chooses_captions_one_by_one_where_it_says_so(split):
    _, vectors = split
    values = [["True", "False"], ["True"], ["False"], ["False"], *[["True"], ["False"]] * 28]
    chosen = as_asked("x", Protocol(said="", column="valid"), _library("valid", values), vectors)
    assert chosen.pairs.caption_ids.tolist()[:4] == ["t100#0", "t101#0", "t104#0", "t104#1"]
    rows = [vectors.pairs.caption_ids.tolist().index(name) for name in chosen.pairs.caption_ids]
    assert np.array_equal(chosen.text, vectors.text[rows])
    assert chosen.pairs.track_ids[chosen.pairs.track_of_caption].tolist() == [c[:4] for c in chosen.pairs.caption_ids]
    assert len(chosen.audio) == len(chosen.clusters) == len(chosen.raw.audio) == len(chosen.pairs.track_ids) == 30


def test_a_column_that_does_not_say_which_caption_is_refused():
    assert _of_track("t", None, 2) == [False, False]
    assert _of_track("t", "true", 3) == [True] * 3
    with pytest.raises(LibraryError, match="Which of the 3 captions of track 't' are meant cannot be told"):
        _of_track("t", ["True", "False"], 3)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("song-describer-valid", "needs the column is_valid_subset of the set's own table"),
        ("song-describer-all", "60 of 706 tracks, 90 of 1,106 captions"),
        ("musiccaps-mteb", "60 of 4,281 tracks, 90 of 4,281 captions"),
    ],
)
def test_a_library_that_is_not_the_set_is_refused(trained, name, said):
    with pytest.raises(LibraryError, match=said):
        evaluate(*trained, protocol=name, baselines=False, resamples=0)


def test_the_counts_of_the_right_set_are_said(split):
    library, vectors = split
    here = Protocol(said="", n_tracks=60, n_captions=90)
    assert counts_said(here, as_asked("x", here, library, vectors)) == "60 of 60 tracks, 90 of 90 captions"
    sets = {name: (each.n_tracks, each.n_captions) for name, each in PROTOCOLS.items() if each.n_tracks}
    assert sets["song-describer-valid"] == (547, 746)
    assert sets["song-describer-all"] == (706, 1106)
    assert sets["musiccaps-eval"] == (2858, 2858)


def test_the_command_says_the_protocol_and_a_misspelt_one_is_met_with_the_one_meant(trained, capsys):
    root, path = trained
    given = ["evaluate", str(path), "--no-baselines", "--no-typed", "--library", str(root), "--protocol"]
    app([*given, "own-track"], result_action="return_value")
    assert "Protocol: own-track (60 tracks, 90 captions): As mteb and most papers score" in capsys.readouterr().out
    app([*given, "one-caption", "--json", "--k", "3"], result_action="return_value")
    assert json.loads(capsys.readouterr().out)["t2a"]["lists"]["recall@3"]["value"] > 0
    with pytest.raises(ConfigError, match=r"no protocol 'own_track'(.|\n)*Did you mean 'own-track'"):
        find_protocol("own_track")


def test_judgements_are_said_not_to_count_in_a_named_protocol(trained, tmp_path):
    root = shutil.copytree(trained[0], tmp_path / "own")
    splits = Splits(root)
    pairs = splits.vectors(Bundle.load(trained[1]), "test").pairs
    append_judgements(root, [Judgement(query=str(pairs.texts[0]), track_id=str(pairs.track_ids[-1]), verdict="same")])
    plain = evaluate(trained[0], trained[1], protocol="one-caption", baselines=False, resamples=0)
    found = evaluate(root, trained[1], protocol="one-caption", baselines=False, resamples=0)
    assert found["t2a"] == plain["t2a"]
    assert found["notes"] == [
        "1 judged pair of this split: not counted, 'one-caption' is scored by its own rule alone."
    ]
    assert "notes" not in plain
