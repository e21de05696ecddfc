"""ONNX graphs, written operation by operation: what is exported is what is read here, and takes no tracing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from antiphon._version import __version__
from antiphon.search.light.graphs.tensors import StoredTensor

OPSET = 20
IR_VERSION = 9
"""What onnxruntime 1.18, the oldest that is supported, reads."""
TYPES = {"int64": TensorProto.INT64, "float32": TensorProto.FLOAT}


class Graph:
    """A graph that grows by one operation at a time; values are known by their names."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}
        self._made = 0

    def op(self, kind: str, *inputs: str, outputs: int = 1, **attributes: Any) -> str:
        """Add an operation of ONNX; the name of its output, of several the first."""
        names = [self._fresh() for _ in range(outputs)]
        self._nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return names[0]

    def constant(self, value: NDArray[Any] | float | Sequence[int]) -> str:
        """Add numbers to the graph: an array, a float32 scalar, or a list of integers; their name."""
        array = np.asarray(value, np.float32) if isinstance(value, float) else np.asarray(value)
        name = self._fresh()
        self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(array), name)
        return name

    def weight(self, name: str, place: StoredTensor, file: str) -> str:
        """Add a float32 tensor that stays in a file beside the graph; its name."""
        if name not in self._constants:
            tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=place.shape)
            tensor.data_location = TensorProto.EXTERNAL
            about = {"location": file, "offset": place.offset, "length": place.bytes}
            for key, value in about.items():
                tensor.external_data.add(key=key, value=str(value))
            self._constants[name] = tensor
        return name

    def model(self, inputs: Mapping[str, tuple[str, Sequence[Any]]], outputs: Mapping[str, tuple[str, int]]) -> bytes:
        """The graph as the content of an ``.onnx`` file.

        Parameters
        ----------
        inputs : name → type and shape, in which a text stands for a size that is not fixed.
        outputs : name → the value that it is, and its width; their first size is not fixed.
        """
        last = [helper.make_node("Identity", [value], [name]) for name, (value, _) in outputs.items()]
        graph = helper.make_graph(
            [*self._nodes, *last],
            "antiphon",
            [helper.make_tensor_value_info(name, TYPES[kind], shape) for name, (kind, shape) in inputs.items()],
            [
                helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", width])
                for name, (_, width) in outputs.items()
            ],
            initializer=list(self._constants.values()),
        )
        made = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="antiphon",
            producer_version=__version__,
        )
        content: bytes = made.SerializeToString()
        return content

    def unit(self, x: str, smallest: float) -> str:
        """Rows of unit length; what is shorter than ``smallest`` is divided by that."""
        length = self.op("ReduceL2", x, self.constant([-1]), keepdims=1)
        return self.op("Div", x, self.op("Max", length, self.constant(smallest)))

    def columns(self, x: str, kept: slice) -> str:
        """The columns of a matrix from ``start`` to ``stop``; all of them where neither is set."""
        if kept.start is None and kept.stop is None:
            return x
        return self.op("Slice", x, *(self.constant([at]) for at in (kept.start, kept.stop, 1)))

    def _fresh(self) -> str:
        self._made += 1
        return f"v{self._made}"
