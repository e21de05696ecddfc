"""What every torch encoder needs around its model: where it runs, in which arithmetic, and reading weights safely."""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from antiphon.errors import ConfigError, EncoderError
from antiphon.registry import Float32, LoadOptions

_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


@dataclass(frozen=True)
class Place:
    """Where a model runs and in which arithmetic.

    Parameters
    ----------
    device : of the weights and of the computation.
    dtype : of the matrix products; weights, sums and results stay float32.
    """

    device: torch.device
    dtype: torch.dtype

    def arithmetic(self) -> AbstractContextManager[Any]:
        """Context in which matrix products run in ``dtype``."""
        if self.dtype == torch.float32:
            return nullcontext()
        return torch.autocast(self.device.type, dtype=self.dtype)

    def tensor(self, windows: Float32) -> torch.Tensor:
        """A float32 copy there: numpy's read-only and reversed arrays are none that torch could share."""
        return torch.from_numpy(np.array(windows, dtype=np.float32, order="C", copy=True)).to(self.device)

    def batches(self, rows: int, on_accelerator: int) -> Iterator[slice]:
        """Cut a batch into parts that fit: one row at a time on a CPU, where more gain nothing but memory."""
        step = 1 if self.device.type == "cpu" else on_accelerator
        return (slice(start, min(start + step, rows)) for start in range(0, rows, step))

    def in_parts(self, run: Callable[[Float32], Float32], windows: Float32, on_accelerator: int) -> Float32:
        """``run`` on each of :meth:`batches`, and what it gives in one array."""
        return np.concatenate([run(windows[rows]) for rows in self.batches(len(windows), on_accelerator)])


class LayerMeans:
    """The means over time of all hidden states of a model: of what enters each layer, and of what leaves the last.

    They are taken as the model runs, so that no more than one layer's states are in memory.

    Parameters
    ----------
    layers : of the model, each called once in a run, with (b, frames, dims) first.
    """

    def __init__(self, layers: Iterable[torch.nn.Module]) -> None:
        self._entered: list[torch.Tensor] = []
        for layer in layers:
            layer.register_forward_pre_hook(self._keep)

    def of(self, run: Callable[[], torch.Tensor]) -> Float32:
        """(b, layers · dims) float32 of a run, which gives the last states."""
        self._entered.clear()
        last = run()
        states = [*self._entered, last.float().mean(dim=1)]
        self._entered.clear()
        flat: Float32 = torch.stack(states, dim=1).flatten(1).cpu().numpy()
        return flat

    def _keep(self, _layer: Any, inputs: tuple[Any, ...]) -> None:
        self._entered.append(inputs[0].float().mean(dim=1))


class Exact(torch.nn.Module):
    """A part of a model that stays in float32 whatever the arithmetic around it."""

    def __init__(self, inner: torch.nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """``inner(inputs)``, both float32."""
        with torch.autocast(inputs.device.type, enabled=False):
            outputs: torch.Tensor = self.inner(inputs.float())
            return outputs


def bfloat16_is_faster(device: torch.device) -> bool:
    """Whether the processor multiplies bfloat16 in hardware (asked, not timed: the same answer every time)."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type == "cpu":
        asked = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
        return any(bool(getattr(torch.cpu, name)()) for name in asked if hasattr(torch.cpu, name))
    return False


def place(options: LoadOptions) -> Place:
    """Resolve ``"auto"``: CUDA where there is one, bfloat16 on CUDA and float32 elsewhere.

    Raises
    ------
    ConfigError : the device or the dtype does not exist here.
    """
    name = options.device if options.device != "auto" else ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ConfigError(f"There is no device '{name}'.", fix="Use auto, cpu, cuda, cuda:1 or mps.") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise ConfigError("CUDA was asked for, but torch sees no CUDA device.", fix="Use --device cpu.")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        count = torch.cuda.device_count()
        raise ConfigError(
            f"There is no device '{name}': torch sees {count} CUDA devices.", fix="They are counted from cuda:0."
        )
    wanted = options.dtype if options.dtype != "auto" else ("bfloat16" if device.type == "cuda" else "float32")
    if wanted not in _DTYPES:
        raise ConfigError(f"Unknown dtype '{wanted}'.", fix=f"Use auto, {' or '.join(_DTYPES)}.")
    return Place(device, _DTYPES[wanted])


def place_for_texts(options: LoadOptions) -> Place:
    """As :func:`place`; texts are short, so they get full precision unless another is asked for."""
    return place(replace(options, dtype="float32") if options.dtype == "auto" else options)


def read_state(path: Path, allowed: Sequence[Any] = ()) -> dict[str, Any]:
    """Read a checkpoint file without running code from it, its tensors only as they are used.

    Parameters
    ----------
    path : ``.safetensors``, or a file that ``torch.save`` wrote.
    allowed : harmless classes the file may name beyond tensors and plain values.

    Raises
    ------
    EncoderError : the file is damaged, or names anything that could run code.
    """
    from safetensors import SafetensorError

    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return dict(load_file(path))
        with torch.serialization.safe_globals(list(allowed)):
            mapped = zipfile.is_zipfile(path)  # what torch wrote before 1.6 is none, and is read whole
            state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
            return state
    except (pickle.UnpicklingError, SafetensorError, RuntimeError, OSError, EOFError, ValueError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise EncoderError(
            f"{path} cannot be read as weights: {reason}", fix="Download the file again from its official source."
        ) from error


def find_state_file(folder: Path, names: Sequence[str] = ("model.safetensors", "pytorch_model.bin")) -> Path:
    """First of ``names`` that exists in ``folder``.

    Raises
    ------
    EncoderError : none is there.
    """
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise EncoderError(
        f"{folder} holds no weights: neither {' nor '.join(names)}.",
        fix="Download the model's whole folder, or point --weights at it.",
    )
