"""The native text tower beside trained heads: tiny checkpoints, through the code that a user's weights go through."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from antiphon import registry
from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.cli import app
from antiphon.encoders._shared.native import TEXT_SIDE
from antiphon.evaluate.benchmark import evaluate
from antiphon.evaluate.compare.paired import compare
from antiphon.evaluate.console import evaluation_lines, judge_training, training_lines
from antiphon.evaluate.doctor.diagnose import diagnose
from antiphon.evaluate.verdict import verdict
from antiphon.library.tracks import Caption, Library, Track, save_library
from antiphon.library.vectors.store import open_vectors
from antiphon.metrics.figures import METRICS
from tests.helpers.checkpoints.clap import write_clap
from tests.helpers.checkpoints.muq import write_muq
from tests.helpers.libraries.made_vectors import write_vectors
from tests.helpers.libraries.sounds import write

QUICK = TrainConfig(epochs=1, dim=8, hidden=8, precision="float32", device="cpu")
WRITERS: dict[str, Callable[[Path], Path]] = {"muq": write_muq, "clap": write_clap}
WORDS = ["slow", "sad", "piano", "music", "in", "the", "rain", "loud", "electric", "guitar", "solo", "on", "a", "roof"]
N = 26


def made_library(root: Path) -> None:
    """26 sounds of a second and 28 captions: 12 train, 6 val, 8 test tracks; made vectors of a plain text encoder."""
    rng = np.random.default_rng(0)
    splits = ["train"] * 12 + ["val"] * 6 + ["test"] * 8
    (root / "sound").mkdir(parents=True)
    tracks, captions = [], []
    for i, split in enumerate(splits):
        tone = np.sin(2 * np.pi * 110 * 1.1**i * np.arange(24_000) / 24_000) * rng.uniform(0.1, 0.9)
        write(root / "sound" / f"t{i}.wav", 0.5 * tone + 0.1 * rng.standard_normal(24_000), 24_000)
        tracks.append(Track(track_id=f"t{i}", path=f"t{i}.wav", group=f"t{i}", split=split))
        texts = [" ".join(rng.choice(WORDS, 5, replace=False)) for _ in range(2 if i >= N - 2 else 1)]
        captions += [Caption(caption_id=f"t{i}#{k}", track_id=f"t{i}", text=text) for k, text in enumerate(texts)]
    save_library(root, tracks, captions, {"audio_root": str(root / "sound")})
    write_vectors(root, "text", "minilm", [c.caption_id for c in captions], rng.standard_normal((len(captions), 6)))


def antiphon(*arguments: str) -> None:
    app(list(arguments), result_action="return_value")


@pytest.fixture(scope="module", params=sorted(TEXT_SIDE))
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, Path]:
    """Encoder, library and weights: audio and native captions embedded by the command line, heads trained."""
    name = request.param
    root, weights = tmp_path_factory.mktemp(name) / "library", tmp_path_factory.mktemp(f"{name}-weights")
    made_library(root)
    WRITERS[name](weights)
    antiphon(
        *("embed", "--encoder", name, "--text", TEXT_SIDE[name], "--weights", str(weights)),
        *("--jobs", "1", "--dtype", "float32", "--library", str(root)),
    )
    train(root, name, config=QUICK)
    return name, root, weights


def plain_figures(name: str, root: Path) -> dict[str, float]:
    """MRR of both directions by loops over the stored vectors."""
    library = Library(root)
    sound = open_vectors(library.embedding_folder("audio", name))
    words = open_vectors(library.embedding_folder("text", TEXT_SIDE[name]))
    layout = sound.provenance.layout
    tests = [str(library.column("track_id")[row]) for row in library.tracks_in("test")]
    owners = zip(library.caption_column("caption_id"), library.caption_column("track_id"), strict=True)
    captions = [(str(c), str(t)) for c, t in owners if t in tests]
    means = {t: sound.take([t])[0].astype(np.float64).reshape(layout.dims, layout.statistics)[:, 0] for t in tests}
    texts = {c: words.take([c])[0].astype(np.float64) for c, _ in captions}

    def score(caption: str, track: str) -> float:
        a, b = texts[caption], means[track]
        return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))

    t2a = [1 / sum(score(c, other) >= score(c, t) for other in tests) for c, t in captions]
    a2t = []
    for t in tests:
        own = max(score(c, t) for c, owner in captions if owner == t)
        a2t.append(1 / (1 + sum(score(c, t) >= own for c, owner in captions if owner != t)))
    return {"t2a": float(np.mean(t2a)), "a2t": float(np.mean(a2t))}


def without(both: tuple[str, Path, Path], tmp_path: Path) -> tuple[str, Path]:
    name, root, _ = both
    shutil.copytree(root, tmp_path / "library")
    return name, tmp_path / "library"


def changed(root: Path, kind: str, name: str, **values: Any) -> None:
    path = root / "embeddings" / kind / name / "provenance.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def evaluated(name: str, root: Path, **options: Any) -> dict[str, Any]:
    return evaluate(root, root / "checkpoints" / f"{name}_best_r1.pt", resamples=50, **options)


def test_one_file_holds_both_sides(both: tuple[str, Path, Path]) -> None:
    name, root, _ = both
    assert registry.find(name).card.layout.layers == 1
    sides = [Library(root).embedding_folder(k, n) for k, n in (("audio", name), ("text", TEXT_SIDE[name]))]  # type: ignore[arg-type]
    assert len({open_vectors(folder).provenance.weights_id for folder in sides}) == 1


def test_evaluate_shows_the_tower_like_any_baseline(both: tuple[str, Path, Path]) -> None:
    name, root, _ = both
    found = evaluated(name, root)
    assert set(found["baselines"]) == {"ridge", "cca", "native"}
    assert found["notes"] == []
    native, expected = found["baselines"]["native"], plain_figures(name, root)
    for way in ("t2a", "a2t"):
        assert native[way]["MRR"] == pytest.approx(expected[way])
        assert set(native[way]["ci95"]) == set(native[way]["chance"]) == set(METRICS)
        gain = native["training_minus_baseline"][way]["MRR"]
        assert gain["difference"] == pytest.approx(found[way]["MRR"] - expected[way])
    assert native["settings"] == {"text_encoder": TEXT_SIDE[name]}
    assert any(line.split()[0] == "native" for line in evaluation_lines(found))
    json.dumps(found)


def test_compare_and_the_end_of_a_training_show_it_too(both: tuple[str, Path, Path]) -> None:
    name, root, _ = both
    found = compare(root, resamples=50)
    row = next(row for row in found.rows if row.name == f"{name} native")
    assert {way: row.figures[way]["MRR"] for way in ("t2a", "a2t")} == pytest.approx(plain_figures(name, root))
    assert {test["baseline"] for test in found.baseline_tests} >= {f"{name} native"}
    result = train(root, name, config=QUICK)
    judged = judge_training(root, result)
    assert judged is not None
    assert "native" in judged["baselines"]
    assert any(line.split()[:1] == ["native"] for line in training_lines(result, judged))


def test_without_its_captions_the_command_that_adds_them_is_named(both: tuple[str, Path, Path], tmp_path: Path) -> None:
    name, root = without(both, tmp_path)
    shutil.rmtree(root / "embeddings" / "text" / TEXT_SIDE[name])
    found = evaluated(name, root)
    assert set(found["baselines"]) == {"ridge", "cca"}
    (said,) = found["notes"]
    assert said in evaluation_lines(found)
    assert said in compare(root, resamples=20).lines()
    command = said.split("To have it: antiphon ")[1]
    assert f"--weights {both[2]}" in command
    antiphon(*command.split())
    assert set(evaluated(name, root)["baselines"]) == {"ridge", "cca", "native"}


def test_the_default_weights_need_no_mention(both: tuple[str, Path, Path], tmp_path: Path) -> None:
    name, root = without(both, tmp_path)
    shutil.rmtree(root / "embeddings" / "text" / TEXT_SIDE[name])
    changed(root, "audio", name, source=registry.find(name).card.hub_id)
    (said,) = evaluated(name, root)["notes"]
    assert said.endswith(f"antiphon embed --text {TEXT_SIDE[name]} --library {root}")


def test_captions_that_are_new_since_are_counted(both: tuple[str, Path, Path], tmp_path: Path) -> None:
    name, root = without(both, tmp_path)
    folder = root / "embeddings" / "text" / TEXT_SIDE[name]
    import pyarrow.parquet as pq

    table = pq.read_table(folder / "rows.parquet")
    marks = ["failed" if caption == "t25#0" else "ok" for caption in table.column("caption_id").to_pylist()]
    pq.write_table(table.set_column(table.column_names.index("status"), "status", [marks]), folder / "rows.parquet")
    (said,) = evaluated(name, root)["notes"]
    assert f"1 of these 10 captions have no {TEXT_SIDE[name]} vector" in said


@pytest.mark.parametrize(("side", "why"), [("text", "different weights"), ("audio", "imported")])
def test_sides_of_two_models_never_meet(both: tuple[str, Path, Path], tmp_path: Path, side: str, why: str) -> None:
    name, root = without(both, tmp_path)
    if side == "text":
        changed(root, "text", TEXT_SIDE[name], weights_id="b" * 64)
    else:
        changed(root, "audio", name, weights_id="unknown", origin="imported")
        train(root, name, config=QUICK, overwrite=True)
    found = evaluated(name, root)
    assert "native" not in found["baselines"]
    (said,) = found["notes"]
    assert why in said


def test_a_joined_training_meets_the_tower_of_its_part(both: tuple[str, Path, Path], tmp_path: Path) -> None:
    name, root = without(both, tmp_path)
    ids = [str(track) for track in Library(root).column("track_id")]
    write_vectors(root, "audio", "other", ids, np.random.default_rng(1).standard_normal((N, 5)))
    train(root, f"{name}+other", config=QUICK)
    found = evaluated(f"{name}+other", root)
    assert set(found["baselines"]) == {"ridge", "cca", f"{name} native"}
    expected = plain_figures(name, root)
    native = found["baselines"][f"{name} native"]
    assert {way: native[way]["MRR"] for way in expected} == pytest.approx(expected)
    rows = [row.name for row in compare(root, resamples=20).rows]
    assert rows.count(f"{name} native") == 1


def test_a_tower_that_is_not_beaten_is_named() -> None:
    figures = {"MRR": 0.5, "ci95": {"MRR": [0.4, 0.6]}, "chance": {"MRR": 0.1}}
    gain = {"difference": -0.1, "ci95": [-0.2, -0.05], "p": 0.01}
    native = {"t2a": {"MRR": 0.6}, "a2t": {"MRR": 0.6}, "training_minus_baseline": {"mean": {"MRR": gain}}}
    said = verdict({"t2a": figures, "a2t": figures, "baselines": {"native": native}})
    assert "is WORSE than" in said
    assert "0.500 against 0.600 of the native text tower" in said


def test_the_doctor_names_it(both: tuple[str, Path, Path]) -> None:
    name, root, _ = both
    path = root / "runs" / name / "test_metrics.json"
    evaluated(name, root)
    kept = json.loads(path.read_text())
    gain = {"difference": -0.3, "ci95": [-0.4, -0.2], "p": 0.01}
    for way in ("t2a", "a2t"):
        kept["baselines"]["native"][way]["MRR"] = 0.99
    kept["baselines"]["native"]["training_minus_baseline"]["mean"]["MRR"] = gain
    path.write_text(json.dumps(kept))
    titles = [finding.title for finding in diagnose(root, name).findings]
    assert "Training is worse than the native text tower" in titles
