"""The same vectors through other evaluators: from vectors to figures of both directions, scores included.

What they give is not the same. sentence-transformers and torchmetrics compute in float32 and break ties as they come;
ranx gets scores that numpy multiplied. None says chance or an interval.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from antiphon.metrics.retrieval import retrieval

K = 10


def antiphon(q: np.ndarray, x: np.ndarray) -> tuple[float, float]:
    """Exact ranks, chance and intervals of both directions."""
    n = np.arange(len(x))
    found = retrieval(q, x, n, n, resamples=1000)
    return found["t2a"]["MRR"], found["a2t"]["MRR"]


class _Vectors:
    """A model for sentence-transformers: its texts are numbers of rows."""

    similarity_fn_name = "cosine"

    def __init__(self, q: np.ndarray, x: np.ndarray) -> None:
        import torch

        self.sides = {"q": torch.from_numpy(q), "x": torch.from_numpy(x)}

    @staticmethod
    def similarity(a: object, b: object) -> object:
        return a @ b.T  # type: ignore[operator]

    def encode(self, texts: list[str], **_: object) -> object:
        import torch

        return torch.stack([self.sides[text[0]][int(text[1:])] for text in texts])

    encode_query = encode_document = encode


def sentence_transformers(q: np.ndarray, x: np.ndarray) -> tuple[float, float]:
    """InformationRetrievalEvaluator, MRR@10."""
    from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator

    logging.getLogger("sentence_transformers").setLevel(logging.ERROR)
    found = []
    for one, other in (("q", "x"), ("x", "q")):
        evaluator = InformationRetrievalEvaluator(
            queries={f"{one}{i}": f"{one}{i}" for i in range(len(q))},
            corpus={f"{other}{i}": f"{other}{i}" for i in range(len(x))},
            relevant_docs={f"{one}{i}": {f"{other}{i}"} for i in range(len(q))},
            write_csv=False,
            map_at_k=[K],
            score_functions={"cosine": _Vectors.similarity},  # type: ignore[dict-item]
        )
        scores = evaluator.compute_all_metrics(_Vectors(q, x))  # type: ignore[arg-type]
        found.append(float(next(iter(scores.values()))["mrr@k"][K]))
    return found[0], found[1]


def torchmetrics(q: np.ndarray, x: np.ndarray) -> tuple[float, float]:
    """RetrievalMRR and RetrievalHitRate at 1, 5, 10; scores are lifted above 0, which it takes for "no hit"."""
    import torch
    from torchmetrics.retrieval import RetrievalHitRate, RetrievalMRR

    scores = torch.from_numpy(q) @ torch.from_numpy(x).T + 2
    found = []
    for table in (scores, scores.T):
        n = len(table)
        indexes = torch.arange(n).repeat_interleave(n)
        target, preds = torch.eye(n, dtype=torch.bool).reshape(-1), table.reshape(-1)
        for k in (1, 5, 10):
            RetrievalHitRate(top_k=k)(preds, target, indexes=indexes)
        found.append(float(RetrievalMRR()(preds, target, indexes=indexes)))
    return found[0], found[1]


def ranx(q: np.ndarray, x: np.ndarray) -> tuple[float, float]:
    """Qrels and Run from dictionaries, then hit rates and MRR."""
    from ranx import Qrels, Run, evaluate

    scores, found = q @ x.T, []
    names = [f"d{j}" for j in range(len(x))]
    for table in (scores, scores.T):
        qrels = Qrels({f"q{i}": {names[i]: 1} for i in range(len(table))})
        run = Run({f"q{i}": dict(zip(names, row.tolist(), strict=True)) for i, row in enumerate(table)})
        figures = evaluate(qrels, run, ["hit_rate@1", "hit_rate@5", "hit_rate@10", "mrr"])
        found.append(float(figures["mrr"]))  # type: ignore[index]
    return found[0], found[1]


CONTESTANTS: dict[str, Callable[[np.ndarray, np.ndarray], tuple[float, float]]] = {
    "antiphon": antiphon,
    "sentence-transformers": sentence_transformers,
    "torchmetrics": torchmetrics,
    "ranx": ranx,
}


def find_ranx() -> bool:
    """Whether ranx can be imported: from ``$ANTIPHON_PEERS/ranx``, behind what is installed."""
    folder = Path(os.environ.get("ANTIPHON_PEERS", "")) / "ranx"
    if folder.is_dir():
        sys.path.append(str(folder))
    from importlib.util import find_spec

    return find_spec("ranx") is not None
