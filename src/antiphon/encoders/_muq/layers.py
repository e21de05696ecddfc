"""``muq-layers``: all hidden states of the music model inside MuQ-MuLan, averaged over each window.

Conventions
- Sound at 24 kHz in windows of 10 s, one after the other (those of ``muq``), the last one moved back so that it ends
  with the track.
- Hidden state 0 is what enters the first conformer layer, state i what leaves layer i; the last one is taken after the
  final norm, as the ``muq`` package gives it.
- One frame a window: ``frame.reshape(layers, dims)[i]`` is the mean over time of state i.
- The weights are those of a MuQ by itself, or the music model's in the file of a MuQ-MuLan, whose training has moved
  them: other numbers, told apart by the sha256 of the file.
- The official weights run on transformers' own layers and this project's; no code from the hub runs.

Zhu et al., "MuQ: Self-Supervised Music Representation Learning with Mel Residual Vector Quantization", 2025,
https://arxiv.org/abs/2501.01108
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from antiphon.encoders._muq.model import LogMel, MusicModel, heard
from antiphon.encoders._muq.named_models import AUDIO_FILES, named_model
from antiphon.encoders._muq.settings import Muq, read_json, read_mulan, read_muq
from antiphon.encoders._muq.tensors import ALONE, AUDIO_PARTS, IN_MULAN, TEXT_PARTS, fill, music_parts, select
from antiphon.encoders._shared.torch_model import LayerMeans, Place, find_state_file, place
from antiphon.encoders._shared.weights import Weights, weights_id
from antiphon.layout import Layout
from antiphon.registry import EncoderCard, Float32, LoadOptions

_WINDOWS_ON_ACCELERATOR = 16


def load_layers(card: EncoderCard, found: Weights, options: LoadOptions) -> MuqLayers:
    """Load a MuQ, or the music model of a MuQ-MuLan.

    Parameters
    ----------
    found : where its files are.

    Raises
    ------
    EncoderError : files are missing, damaged, or of a variant that is not supported.
    """
    folder, start = found.folder, ALONE
    if "mulan" in read_json(folder / "config.json"):
        start = IN_MULAN
        folder = named_model(folder, read_mulan(folder).audio_name, AUDIO_FILES, fetch=options.fetch)
    weights = find_state_file(found.folder)
    layers = MuqLayers(card, read_muq(folder), weights, start, place=place(options), compiled=options.compile)
    layers.revision = found.revision
    return layers


class MuqLayers:
    """MuQ as an :class:`~antiphon.registry.AudioEncoder`; ``card.layout`` is that of the weights it holds."""

    revision: str | None = None

    def __init__(
        self, card: EncoderCard, muq: Muq, weights: Path, start: str, *, place: Place, compiled: bool = False
    ) -> None:
        self.weights_id = weights_id(weights)
        self.card = replace(card, layout=Layout(muq.depth + 1, muq.dim, 3))
        self._place = place
        self._mel = LogMel(muq.mean, muq.std).to(place.device)
        model = _build(muq, weights, start)
        self._means = LayerMeans(model.conformer.layers)
        self._model = model.to(place.device)
        if compiled:
            self._model.compile(dynamic=False)

    def frames(self, windows: Float32) -> Float32:
        """Mean over time of every hidden state.

        Parameters
        ----------
        windows : (b, samples) float32, mono at 24 kHz; below 1,025 samples silence is appended.

        Returns
        -------
        (b, 1, layers · dims) float32. Memory grows with one window's longest layer, never with the number of layers.
        """
        return self._place.in_parts(self._states, windows, _WINDOWS_ON_ACCELERATOR)[:, None, :]

    def _states(self, windows: Float32) -> Float32:
        with torch.inference_mode():
            return self._means.of(lambda: heard(self._model, self._mel, windows, self._place))


def _build(muq: Muq, weights: Path, start: str) -> Any:
    """The music model with its weights, which stand in the file after ``start``."""
    parts = music_parts(start)
    if start == ALONE:
        state = select(weights, parts, {}, model="a MuQ", hub_id="OpenMuQ/MuQ-large-msd-iter")
    else:
        state = select(weights, parts, {**AUDIO_PARTS, **TEXT_PARTS})
    with torch.device("meta"):
        model = MusicModel(muq)
    fill(model, state, weights)
    return model
