"""MusiCNN's network (Pons & Serra 2019, "musicnn: pre-trained convolutional neural networks for music audio tagging").

Front end: filters over time and frequency (timbre) and over time alone (tempo), each the maximum over what is left of
the frequencies. Middle: three layers over time, the latter two with a shortcut. Back end: maximum and mean over time,
200 hidden units, 50 tags. Every layer is product, ReLU, batch normalisation, in this order.

The filters are 40 % and 70 % of the 96 bands high: so the published weights are, whatever the papers say.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

EPSILON = 1e-3
HIGH = (38, 67)
LONG = (128, 64, 32)
TIMBRE, TEMPO, MIDDLE, HIDDEN, TAGS = 204, 51, 64, 200, 50
FRONT = TIMBRE * len(HIGH) + TEMPO * len(LONG)
POOLED = 2 * (FRONT + 3 * MIDDLE)
_NORMS = ("gamma", "beta", "moving_mean", "moving_variance")

SHAPES: dict[str, tuple[int, ...]] = {
    **{
        f"conv2d{'' if i == 0 else f'_{i}'}/kernel": shape
        for i, shape in enumerate(
            [(7, high, 1, TIMBRE) for high in HIGH]
            + [(length, 1, 1, TEMPO) for length in LONG]
            + [(7, FRONT, 1, MIDDLE), (7, MIDDLE, 1, MIDDLE), (7, MIDDLE, 1, MIDDLE)]
        )
    },
    "dense/kernel": (POOLED, HIDDEN),
    "dense_1/kernel": (HIDDEN, TAGS),
}


def tensor_shapes() -> dict[str, tuple[int, ...]]:
    """Name → shape of every tensor that the network is made of, as the checkpoint calls them."""
    kernels = dict(SHAPES)
    biases = {name.replace("kernel", "bias"): shape[-1:] for name, shape in SHAPES.items()}
    sizes = [1, *[shape[-1] for shape in list(SHAPES.values())[:8]], POOLED, HIDDEN]
    norms = {f"{_norm(i)}/{each}": (size,) for i, size in enumerate(sizes) for each in _NORMS}
    return {**kernels, **biases, **norms}


def _norm(number: int) -> str:
    return f"batch_normalization{f'_{number}' if number else ''}"


def _conv(number: int) -> str:
    return f"conv2d{f'_{number}' if number else ''}"


class Musicnn(nn.Module):
    """One tagger.

    A convolution of one channel is a product of its patches with the kernel. Of it only the maximum over frequencies
    is kept, so that is taken first: ReLU and normalisation rise or fall with their input, which a kernel times the
    sign of the scale makes a rise. The three tempo filters are one product, the shorter ones with zeros around them.

    Parameters
    ----------
    tensors : name → array of every tensor of :func:`tensor_shapes`.
    dtype : of the patches and kernels; sums and all that follows are float32.
    """

    def __init__(self, tensors: Mapping[str, NDArray[np.float32]], dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        shapes = tensor_shapes()
        wrong = [name for name, shape in shapes.items() if tensors[name].shape != shape]
        if wrong:
            raise ValueError(f"'{wrong[0]}' has the shape {tensors[wrong[0]].shape}, not {shapes[wrong[0]]}")
        self._dtype = dtype
        held = {name: torch.from_numpy(np.array(tensors[name], np.float32)) for name in shapes}
        norms = [_scale_and_shift(held, number) for number in range(11)]
        for number, (scale, shift) in enumerate(norms):
            self._hold(f"scale_{number}", scale)
            self._hold(f"shift_{number}", shift)
        signs = [torch.where(scale < 0, -1.0, 1.0) for scale, _ in norms[1:6]]
        kernels = [held[f"{_conv(i)}/kernel"][:, :, 0] * signs[i] for i in range(5)]
        for i in range(2):
            self._hold(f"timbre_{i}", kernels[i].to(dtype))
        self._hold("tempo", torch.cat([_in_the_middle(kernel) for kernel in kernels[2:]], dim=2).to(dtype))
        self._hold("signs", torch.cat(signs))
        self._hold("bias", torch.cat([held[f"{_conv(i)}/bias"] for i in range(5)]))
        self._hold("front_scale", torch.cat([scale for scale, _ in norms[1:6]]))
        self._hold("front_shift", torch.cat([shift for _, shift in norms[1:6]]))
        for i in (5, 6, 7):
            self._hold(f"middle_{i}", held[f"{_conv(i)}/kernel"][:, :, 0].permute(2, 1, 0))
            self._hold(f"middle_bias_{i}", held[f"{_conv(i)}/bias"])
        for name in ("dense", "dense_1"):
            self._hold(f"{name}_kernel", held[f"{name}/kernel"])
            self._hold(f"{name}_bias", held[f"{name}/bias"])

    def forward(self, mel: Tensor) -> Tensor:
        """(b, time, 96) log mel spectrograms → (b, 200), the normalised hidden units ("penultimate")."""
        whole = self._normalised(0, mel[:, None])[:, 0]
        front = torch.stack([self._front(each) for each in whole])
        first = self._middle(5, front)
        second = self._middle(6, first) + first
        third = self._middle(7, second) + second
        layers = torch.cat([front, first, second, third], dim=1)
        pooled = torch.stack([layers.amax(dim=2), layers.mean(dim=2)], dim=2).flatten(1)
        hidden = pooled * self._get("scale_9") + self._get("shift_9")
        return self._normalised(10, (hidden @ self._get("dense_kernel") + self._get("dense_bias")).relu())

    def tags(self, hidden: Tensor) -> Tensor:
        """(b, 200) hidden units → (b, 50) logits of the tags. It is linear: the mean's logits are the logits' mean."""
        return hidden @ self._get("dense_1_kernel") + self._get("dense_1_bias")

    def _front(self, whole: Tensor) -> Tensor:
        """(time, 96) → (561, time): every filter's maximum over the frequencies."""
        whole = whole.to(self._dtype)
        timbre = nn.functional.pad(whole, (0, 0, 3, 3))
        before = (LONG[0] - 1) // 2  # TensorFlow's "same" puts the odd one after
        tempo = nn.functional.pad(whole, (0, 0, before, LONG[0] - 1 - before))
        highest = [self._highest("timbre_0", timbre), self._highest("timbre_1", timbre), self._highest("tempo", tempo)]
        made = torch.cat(highest, dim=1).float()
        rectified = (made * self._get("signs") + self._get("bias")).relu()
        return (rectified * self._get("front_scale") + self._get("front_shift")).T

    def _highest(self, name: str, padded: Tensor) -> Tensor:
        """A kernel (length, height, filters) over (time + length − 1, bands): (time, filters)."""
        kernel = self._get(name)
        if self._dtype == torch.float32:  # on a processor 1.8 times as fast as patches; in bfloat16 half as fast
            made = nn.functional.conv2d(padded[None, None], kernel.permute(2, 0, 1)[:, None])
            return made[0].amax(dim=2).T
        patches = padded.unfold(0, len(kernel), 1).unfold(1, kernel.shape[1], 1)  # (time, places, length, height)
        time, places = patches.shape[:2]
        made = patches.reshape(time * places, -1) @ kernel.flatten(0, 1)
        return made.view(time, places, -1).amax(dim=1)

    def _middle(self, number: int, inputs: Tensor) -> Tensor:
        kernel, bias = self._get(f"middle_{number}"), self._get(f"middle_bias_{number}")
        return self._normalised(number + 1, nn.functional.conv1d(inputs, kernel, bias, padding=3).relu())

    def _normalised(self, number: int, inputs: Tensor) -> Tensor:
        along = (1, -1) + (1,) * (inputs.ndim - 2)
        return inputs * self._get(f"scale_{number}").view(along) + self._get(f"shift_{number}").view(along)

    def _hold(self, name: str, value: Tensor) -> None:
        self.register_buffer(name, value.contiguous())

    def _get(self, name: str) -> Tensor:
        found: Tensor = getattr(self, name)
        return found


def _scale_and_shift(held: Mapping[str, Tensor], number: int) -> tuple[Tensor, Tensor]:
    gamma, beta, mean, variance = (held[f"{_norm(number)}/{each}"] for each in _NORMS)
    scale = gamma / (variance + EPSILON).sqrt()
    return scale, beta - mean * scale


def _in_the_middle(kernel: Tensor) -> Tensor:
    """(length, 1, filters) with zeros before and after, so that all kernels are as long as the longest."""
    missing = (LONG[0] - 1) // 2 - (len(kernel) - 1) // 2
    return nn.functional.pad(kernel, (0, 0, 0, 0, missing, LONG[0] - len(kernel) - missing))
