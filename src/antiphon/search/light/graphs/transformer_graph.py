"""BERT and MPNet with mean pooling as a graph: token ids and mask (n, l) → (n, d) float32 of unit length.

Devlin et al. 2019 (arXiv:1810.04805) and Song et al. 2020 (arXiv:2004.09297), without their poolers and without
dropout. Weights stay in the model's own safetensors file, under their own names.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.search.light.graphs.graph import Graph
from antiphon.search.light.graphs.unexportable import Unexportable

NEVER = float(np.finfo(np.float32).min)
"""Added to what attention must not look at."""
SMALLEST_LENGTH = 1e-12
FARTHEST = 128
"""Distance from which MPNet tells distances no longer apart."""
Weight = Callable[[str], str]


@dataclass(frozen=True)
class WeightNames:
    """How a family of models calls the weights of a layer."""

    query: str
    key: str
    value: str
    attended: str
    attended_norm: str


FAMILIES = {
    "bert": WeightNames(
        "attention.self.query",
        "attention.self.key",
        "attention.self.value",
        "attention.output.dense",
        "attention.output.LayerNorm",
    ),
    "mpnet": WeightNames(
        "attention.attn.q", "attention.attn.k", "attention.attn.v", "attention.attn.o", "attention.LayerNorm"
    ),
}


def mean_pooled_graph(
    config: Mapping[str, Any], weight: Weight, bias_table: NDArray[np.float32] | None, graph: Graph
) -> bytes:
    """The graph of a sentence model.

    Parameters
    ----------
    config : of the model, as in its ``config.json``.
    weight : name of a tensor of the model → the value in ``graph``.
    bias_table : MPNet's attention biases by bucket, (buckets, heads); None for BERT.
    graph : an empty one.

    Raises
    ------
    Unexportable : the model is built in another way.
    """
    _require_known(config)
    heads, size = int(config["num_attention_heads"]), int(config["hidden_size"])
    norm_eps = float(config["layer_norm_eps"])
    names = FAMILIES[config["model_type"]]
    shape = graph.op("Shape", "ids")
    length = graph.op("Gather", shape, graph.constant(np.int64(1)))
    steps = graph.op("Range", graph.constant(np.int64(0)), length, graph.constant(np.int64(1)))

    def norm(x: str, name: str) -> str:
        return graph.op(
            "LayerNormalization", x, weight(f"{name}.weight"), weight(f"{name}.bias"), axis=-1, epsilon=norm_eps
        )

    def linear(x: str, name: str) -> str:
        return graph.op("Gemm", x, weight(f"{name}.weight"), weight(f"{name}.bias"), transB=1)

    embedded = _embedded(graph, weight, config)
    x = norm(graph.op("Reshape", embedded, graph.constant([-1, size])), "embeddings.LayerNorm")
    seen = graph.op("Cast", "mask", to=1)
    apart = graph.op("Mul", graph.op("Sub", graph.constant(1.0), seen), graph.constant(NEVER))
    bias = graph.op("Unsqueeze", apart, graph.constant([1, 2]))
    if bias_table is not None:
        by_distance = _by_distance(bias_table, int(config["max_position_embeddings"]))
        bias = graph.op("Add", bias, _position_bias(graph, steps, by_distance))
    split = graph.op("Concat", shape, graph.constant([heads, size // heads]), axis=0)
    for layer in range(int(config["num_hidden_layers"])):
        own = f"encoder.layer.{layer}"
        q, k, v = (
            graph.op("Transpose", graph.op("Reshape", linear(x, f"{own}.{name}"), split), perm=order)
            for name, order in ((names.query, [0, 2, 1, 3]), (names.key, [0, 2, 3, 1]), (names.value, [0, 2, 1, 3]))
        )
        scores = graph.op("Mul", graph.op("MatMul", q, k), graph.constant(1 / math.sqrt(size // heads)))
        shares = graph.op("Softmax", graph.op("Add", scores, bias), axis=-1)
        mixed = graph.op("Transpose", graph.op("MatMul", shares, v), perm=[0, 2, 1, 3])
        attended = linear(graph.op("Reshape", mixed, graph.constant([-1, size])), f"{own}.{names.attended}")
        x = norm(graph.op("Add", attended, x), f"{own}.{names.attended_norm}")
        inner = graph.op("Gelu", linear(x, f"{own}.intermediate.dense"))
        x = norm(graph.op("Add", linear(inner, f"{own}.output.dense"), x), f"{own}.output.LayerNorm")
    states = graph.op("Reshape", x, graph.op("Concat", shape, graph.constant([size]), axis=0))
    pooled = _mean(graph, states, seen)
    return graph.model(
        {"ids": ("int64", ["n", "l"]), "mask": ("int64", ["n", "l"])},
        {"vectors": (graph.unit(pooled, SMALLEST_LENGTH), size)},
    )


def _require_known(config: Mapping[str, Any]) -> None:
    kind, activation = config.get("model_type"), config.get("hidden_act")
    if kind not in FAMILIES:
        raise Unexportable(f"a model of type {kind!r}")
    if activation != "gelu" or config.get("position_embedding_type", "absolute") != "absolute":
        raise Unexportable(f"a {kind} with activation {activation!r} or positions of another kind")


def _embedded(graph: Graph, weight: Weight, config: Mapping[str, Any]) -> str:
    """(n, l, d): words, their positions and, of BERT, the kind of the sentence."""
    words = graph.op("Gather", weight("embeddings.word_embeddings.weight"), "ids")
    position_table = weight("embeddings.position_embeddings.weight")
    if config["model_type"] == "bert":
        first = graph.op("Gather", weight("embeddings.token_type_embeddings.weight"), graph.constant([0]))
        return graph.op("Add", graph.op("Add", words, first), graph.op("Gather", position_table, _counted(graph)))
    pad = graph.constant(np.int64(config.get("pad_token_id", 1)))
    there = graph.op("Cast", graph.op("Not", graph.op("Equal", "ids", pad)), to=7)
    counted = graph.op("Mul", graph.op("CumSum", there, graph.constant(np.int64(1))), there)
    return graph.op("Add", words, graph.op("Gather", position_table, graph.op("Add", counted, pad)))


def _counted(graph: Graph) -> str:
    """(n, l): 0, 1, … in every row. A Range in its place is taken by onnxruntime's optimiser for what it is not."""
    ones = graph.op("Cast", graph.op("Equal", "ids", "ids"), to=7)
    return graph.op("CumSum", ones, graph.constant(np.int64(1)), exclusive=1)


def _position_bias(graph: Graph, steps: str, by_distance: NDArray[np.float32]) -> str:
    """(1, heads, l, l): MPNet's attention bias of every pair of positions."""
    zero, middle = graph.constant([0]), graph.constant(np.int64(len(by_distance) // 2))
    apart = graph.op("Sub", graph.op("Unsqueeze", steps, zero), graph.op("Unsqueeze", steps, graph.constant([1])))
    found = graph.op("Gather", graph.constant(by_distance), graph.op("Add", apart, middle))
    return graph.op("Unsqueeze", graph.op("Transpose", found, perm=[2, 0, 1]), zero)


def _by_distance(table: NDArray[np.float32], longest: int) -> NDArray[np.float32]:
    """(2 · longest − 1, heads): the bias for a key that stands d places after its query, from d = 1 − longest."""
    distance = np.arange(1 - longest, longest)
    half = len(table) // 2
    exact = half // 2
    far = np.maximum(np.abs(distance), 1).astype(np.float32) / np.float32(exact)
    grown = np.log(far) / np.float32(math.log(FARTHEST / exact)) * np.float32(half - exact)
    bucket = np.where(np.abs(distance) < exact, np.abs(distance), np.minimum(exact + grown.astype(np.int64), half - 1))
    found: NDArray[np.float32] = np.asarray(table, np.float32)[bucket + half * (distance > 0)]
    return found


def _mean(graph: Graph, states: str, seen: str) -> str:
    """(n, d): mean over the tokens that are there."""
    one = graph.constant([1])
    there = graph.op("Unsqueeze", seen, graph.constant([2]))
    total = graph.op("ReduceSum", graph.op("Mul", states, there), one, keepdims=0)
    return graph.op("Div", total, graph.op("ReduceSum", there, one, keepdims=0))
