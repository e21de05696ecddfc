"""Heads as a graph: an encoder's raw vectors (n, d) → vectors of the shared space, and what search ranks by.

One function for each class of head that :mod:`antiphon.align.heads.kinds` lists, in the order of its ``forward``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import accumulate
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from antiphon.align.heads.early_fusion import Sources
from antiphon.align.heads.ensemble_head import EnsembleHead
from antiphon.align.heads.fast_ops import SMALLEST_NORM
from antiphon.align.heads.head import Head
from antiphon.align.heads.kernel_head import KernelHead
from antiphon.align.heads.linear_cca_head import LinearCCAHead
from antiphon.align.heads.projection_head import IdentityHead, LinearHead, MLPHead, ProjectionHead, ResidualMLP
from antiphon.align.heads.standardise import OUTLIER, Standardise, Untouched
from antiphon.align.hubness.correction import Hubness
from antiphon.search.light.graphs.graph import Graph
from antiphon.search.light.graphs.unexportable import Unexportable

Side = Literal["text", "audio"]


def head_graph(head: Head, hubness: Hubness | None, side: Side = "text") -> bytes:
    """The graph of a head: input ``raw``, outputs ``embedded`` and ``scores``.

    Parameters
    ----------
    side : whether it reads texts or tracks.
    hubness : the correction that ``scores`` take in; None where they are ``embedded``.

    Raises
    ------
    Unexportable : a head of a kind that has no graph.
    """
    graph = Graph()
    embedded, dim = _head(graph, head, "raw"), head.spec.dim
    scores = embedded if hubness is None else _corrected(graph, hubness, embedded, side)
    return graph.model(
        {"raw": ("float32", ["n", head.spec.layout.size])},
        {"embedded": (embedded, dim), "scores": (scores, dim if hubness is None else dim + 2)},
    )


def _head(graph: Graph, head: Head, raw: str) -> str:
    write = WRITERS.get(type(head))
    if write is None:
        raise Unexportable(f"a head of kind '{head.spec.kind}'")
    return write(graph, head, _standardised(graph, head.standardise, raw))


def _array(tensor: Tensor) -> NDArray[np.float32]:
    found: NDArray[np.float32] = tensor.detach().cpu().float().numpy()
    return found


def _standardised(graph: Graph, part: Standardise, raw: str) -> str:
    if isinstance(part, Untouched):
        return raw
    if part.columns:
        raw = graph.op("Concat", *(graph.columns(raw, kept) for kept in part.columns), axis=1)
    centred = graph.op("Sub", raw, graph.constant(_array(part.mean)))
    held = graph.op("Mul", centred, graph.constant(_array(part.scale)))
    factor: NDArray[Any] = _array(part.relevance) if part.weighs else np.ones(1, np.float32)
    if part.squash:
        held = graph.op("Tanh", graph.op("Div", held, graph.constant(float(part.squash))))
        return graph.op("Mul", held, graph.constant(factor * np.float32(part.squash)))
    held = graph.op("Clip", held, graph.constant(-OUTLIER), graph.constant(OUTLIER))
    return graph.op("Mul", held, graph.constant(factor)) if part.weighs else held


def _ensemble(graph: Graph, head: EnsembleHead, raw: str) -> str:
    found = [
        graph.op("Mul", _head(graph, member, graph.columns(raw, own)), graph.constant(_array(weight.sqrt())))
        for member, own, weight in zip(head, head.columns, head.weights, strict=True)
    ]
    return found[0] if len(found) == 1 else graph.op("Concat", *found, axis=1)


def _kernel(graph: Graph, head: KernelHead, standardised: str) -> str:
    seen = _coordinates(graph, head, graph.op("Mul", standardised, graph.constant(_array(head.balance))))
    landmarks = _array(head.landmarks)
    products = graph.op("MatMul", seen, graph.constant(-2 * landmarks.T))
    lengths = graph.op("ReduceSumSquare", seen, graph.constant([1]), keepdims=1)
    apart = graph.op("Add", graph.op("Add", products, graph.constant(np.square(landmarks).sum(1))), lengths)
    distance = graph.op("Max", apart, graph.constant(0.0))
    each = [
        graph.op(
            "MatMul", graph.op("Exp", graph.op("Mul", distance, graph.constant(-float(rate)))), graph.constant(own)
        )
        for rate, own in zip(_array(head.rates), _array(head.weight), strict=True)
    ]
    centred = graph.op("Sub", graph.op("Concat", *each, axis=1), graph.constant(_array(head.offset)))
    forms, dim = head.spec.forms, head.spec.dim
    unit = graph.unit(graph.op("Reshape", centred, graph.constant([-1, dim // forms])), SMALLEST_NORM)
    return graph.op("Div", graph.op("Reshape", unit, graph.constant([-1, dim])), graph.constant(math.sqrt(forms)))


def _coordinates(graph: Graph, head: KernelHead, balanced: str) -> str:
    if not head.spec.blocks:
        return balanced
    axes, found, column, number = _array(head.axes), [], 0, 0
    for start, stop, rank in head.spec.blocks:
        width = stop - start
        own = axes[number : number + width * rank].reshape(width, rank)
        part = graph.columns(balanced, slice(column, column + width))
        found.append(graph.op("MatMul", part, graph.constant(own)))
        column, number = column + width, number + width * rank
    return graph.op("Concat", *found, axis=1)


def _linear_cca(graph: Graph, head: LinearCCAHead, standardised: str) -> str:
    seen, dims = standardised, head.spec.dims
    if head.spec.axes:
        seen = graph.op("MatMul", seen, graph.constant(_array(head.axes)))
    directions = graph.op("MatMul", seen, graph.constant(_array(head.weight)))
    centred = graph.op("Sub", directions, graph.constant(_array(head.offset)))
    ends = accumulate(dims)
    forms = [
        graph.unit(graph.columns(centred, slice(end - dim, end)), SMALLEST_NORM)
        for end, dim in zip(ends, dims, strict=True)
    ]
    return graph.op("Div", graph.op("Concat", *forms, axis=1), graph.constant(math.sqrt(len(dims))))


def _projected(graph: Graph, head: ProjectionHead, x: str) -> str:
    if head.sources is not None:
        x = _balanced(graph, head.sources, x)
    if head.layer_logits is not None:
        x = _mixed(graph, x, head.layer_logits)
    return graph.unit(_body(graph, head.body, x), SMALLEST_NORM)


def _balanced(graph: Graph, part: Sources, x: str) -> str:
    gains, found = _array(part.balance * part.log_gain.exp()), []
    for i, columns in enumerate(part.columns):
        own = graph.columns(x, columns)
        if str(i) in part.layer_logits:
            own = _mixed(graph, own, part.layer_logits[str(i)])
        found.append(graph.op("Mul", own, graph.constant(gains[i])))
    return graph.op("Concat", *found, axis=1)


def _mixed(graph: Graph, x: str, logits: Tensor) -> str:
    """Weighted mean of layers: (n, layers · size) → (n, size)."""
    shares = _array(logits.softmax(0))
    layers = graph.op("Reshape", x, graph.constant([0, len(shares), -1]))
    return graph.op(
        "ReduceSum", graph.op("Mul", layers, graph.constant(shares[:, None])), graph.constant([1]), keepdims=0
    )


def _body(graph: Graph, body: nn.Module, x: str) -> str:
    if isinstance(body, nn.Identity):
        return x
    if isinstance(body, nn.Linear):
        return graph.op("Gemm", x, graph.constant(_array(body.weight)), graph.constant(_array(body.bias)), transB=1)
    if isinstance(body, ResidualMLP):
        branch = _body(graph, body.outer, graph.op("Gelu", _body(graph, body.inner, x)))
        return graph.op("Add", _body(graph, body.linear, x), branch)
    raise Unexportable(f"a projection by a {type(body).__name__}")


def _corrected(graph: Graph, hubness: Hubness, embedded: str, side: Side) -> str:
    """What :meth:`Hubness.score_texts` gives, or :meth:`Hubness.score_tracks`."""
    by_text = side == "text"
    reference = (hubness.audio if by_text else hubness.text).astype(np.float32)
    level = hubness.text_level if by_text else hubness.audio_level
    few = graph.constant([min(hubness.neighbours, len(reference))])
    nearest = graph.op("TopK", graph.op("MatMul", embedded, graph.constant(reference.T)), few, outputs=2)
    crowding = graph.op("ReduceMean", nearest, graph.constant([1]), keepdims=1)
    bias = graph.op(
        "Mul",
        graph.op("Sub", crowding, graph.constant(float(level))),
        graph.constant(-float(hubness.weight)),
    )
    ones = graph.op("Add", graph.op("Mul", bias, graph.constant(0.0)), graph.constant(1.0))
    return graph.op("Concat", embedded, *((ones, bias) if by_text else (bias, ones)), axis=1)


WRITERS: dict[type[Head], Callable[[Graph, Any, str], str]] = {
    LinearHead: _projected,
    MLPHead: _projected,
    IdentityHead: _projected,
    KernelHead: _kernel,
    LinearCCAHead: _linear_cca,
    EnsembleHead: _ensemble,
}
"""Class of head → what writes the operations that follow its standardisation."""
