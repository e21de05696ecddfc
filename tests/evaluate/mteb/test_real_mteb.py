"""mteb itself, on a task made of a test split: its figures are those of evaluate."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import antiphon
from antiphon.align.checkpoint.bundle import Bundle
from antiphon.evaluate.split_vectors import Splits

PACKAGES = ("mteb==2.26.24", "polars==2.1.0", "polars-runtime-32==2.1.0", "pytrec-eval-terrier==0.5.11")
EVALUATED = """
import json, sys
from pathlib import Path
import mteb
from datasets import Audio, Dataset
from mteb.abstasks.retrieval import AbsTaskRetrieval
from mteb.abstasks.task_metadata import TaskMetadata
from antiphon.evaluate.mteb.model import MtebModel
from antiphon.evaluate.split_vectors import Splits
from antiphon.align.checkpoint.bundle import Bundle
from antiphon.library.tracks import Library

root, way = Path(sys.argv[1]), sys.argv[2]
checkpoint = root / "checkpoints" / "timbre_best_r1.pt"
pairs = Splits(root).vectors(Bundle.load(checkpoint), "test").pairs
library = Library(root)
path = dict(zip(library.column("track_id"), library.column("path")))
tracks = [str(name) for name in pairs.track_ids]
text = dict(zip(library.caption_column("caption_id"), library.caption_column("text")))
captions = [str(name) for name in pairs.caption_ids]
words = Dataset.from_dict({"id": captions, "text": [str(text[name]) for name in captions]})
sounds = Dataset.from_dict({"id": tracks, "audio": [str(path[name]) for name in tracks]}).cast_column("audio", Audio())
owner = {name: name.split("#")[0] for name in captions}
said = {name: {text[c] for c in captions if owner[c] == name} for name in tracks}
right = {
    "t2a": {c: {t: 1 for t in tracks if text[c] in said[t]} for c in captions},
    "a2t": {t: {c: 1 for c in captions if text[c] in said[t]} for t in tracks},
}[way]

class Made(AbsTaskRetrieval):
    metadata = TaskMetadata(
        name="Made", description="made", reference="https://example.org",
        dataset={"path": "none/none", "revision": "1"},
        type="Any2AnyRetrieval", category=way, modalities=["audio", "text"],
        eval_splits=["test"],
        eval_langs=["eng-Latn"], main_score="ndcg_at_10", date=("2020-01-01", "2020-01-02"), domains=["Music"],
        task_subtypes=[], license="cc0-1.0", annotations_creators="derived", dialect=[], sample_creation="created",
        bibtex_citation="", prompt={"query": "Find the music that these words describe."},
    )

    def load_data(self, **_):
        queries, corpus = (words, sounds) if way == "t2a" else (sounds, words)
        split = {"corpus": corpus, "queries": queries, "relevant_docs": right, "top_ranked": None}
        self.dataset, self.data_loaded = {"default": {"test": split}}, True

model, settings = MtebModel(checkpoint), {"batch_size": 4}
result = mteb.evaluate(model, Made(), cache=None, show_progress_bar=False, encode_kwargs=settings)
print(json.dumps(result.task_results[0].scores["test"][0]))
"""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("mteb")
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(place)]
    subprocess.run([*install, *PACKAGES], check=True)
    return place


def ndcg(root: Path, way: str, k: int = 10) -> float:
    """nDCG@K of the vectors that evaluate ranks, by its definition."""
    vectors = Splits(root).vectors(Bundle.load(root / "checkpoints" / "timbre_best_r1.pt"), "test")
    pairs, n = vectors.pairs, len(vectors.pairs.track_ids)
    said = np.zeros((int(pairs.text_id.max()) + 1, n), bool)
    said[pairs.text_id, pairs.track_of_caption] = True
    scores, correct = vectors.text @ vectors.audio.T, said[pairs.text_id]
    if way == "a2t":
        scores, correct = scores.T, correct.T
    found = np.take_along_axis(correct, np.argsort(-scores, axis=1), axis=1)
    worth = (1 / np.log2(np.arange(2, found.shape[1] + 2))) * (np.arange(found.shape[1]) < k)
    return float(np.mean((found @ worth) / (-np.sort(-correct.astype(float), axis=1) @ worth)))


@pytest.mark.slow
@pytest.mark.parametrize("way", ["t2a", "a2t"])
def test_the_figures_are_those_of_evaluate(sounding: Path, packages: Path, way: str) -> None:
    here = Path(__file__).resolve().parents[3]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(here / "src"), str(here), str(packages)])}
    command = [sys.executable, "-c", EVALUATED, str(sounding), way]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    scores = json.loads(done.stdout.splitlines()[-1])
    ours = getattr(antiphon.open(sounding).evaluate("timbre"), way).figures
    for k in (1, 5, 10):  # R@K of papers on text and music: whether a correct item is among the first K
        assert scores[f"hit_rate_at_{k}"] == pytest.approx(ours[f"R@{k}"] / 100, abs=1e-4)
    assert scores["mrr_at_1000"] == pytest.approx(ours["MRR"], abs=1e-4)
    assert scores["ndcg_at_10"] == pytest.approx(ndcg(sounding, way), abs=1e-4)
