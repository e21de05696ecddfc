"""MERT: self-supervised music understanding; all hidden states, averaged over each window.

Conventions
- Sound at 24 kHz, each window brought to zero mean and unit variance where the model's ``preprocessor_config.json``
  says so (it does for the published models), in 30-s windows every 5 s.
- Hidden state 0 is what enters the first transformer layer, state i what leaves layer i. The last one is taken *after*
  the final layer norm, as the model's own code gives it.
- One frame a window: ``frame.reshape(layers, dims)[i]`` is the mean over time of state i.
- The official weights run on transformers' own ``HubertModel``, to which they are identical; no code from the hub runs.

Li et al., "MERT: Acoustic Music Understanding Model with Large-Scale Self-supervised Training", ICLR 2024,
https://arxiv.org/abs/2306.00107
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from antiphon.encoders._shared.weights import locate, weights_id
from antiphon.errors import EncoderError
from antiphon.layout import Layout
from antiphon.library.files import read_json
from antiphon.registry import EncoderCard, Float32, LoadOptions

if TYPE_CHECKING:
    import torch
    from transformers import HubertConfig, HubertModel

    from antiphon.encoders._shared.torch_model import Place

_SHARED: dict[str, Any] = {
    "kind": "audio",
    "licence": "CC-BY-NC-4.0",
    "non_commercial": True,
    "paper": "https://arxiv.org/abs/2306.00107",
    "rate": 24_000,
    "window_s": 30.0,
    "hop_s": 5.0,
    "tail": "align",
    "pooling": "mean-rsigma-diff",
}
CARDS = (
    EncoderCard(
        name="mert",
        summary="MERT-v1-330M: all 25 hidden states of a music transformer; the most detailed, the slowest",
        layout=Layout(25, 1024, 3),
        parameters=315_000_000,
        hub_id="m-a-p/MERT-v1-330M",
        **_SHARED,
    ),
    EncoderCard(
        name="mert-95m",
        summary="MERT-v1-95M: the small MERT, 13 hidden states; about a third of the time",
        layout=Layout(13, 768, 3),
        parameters=94_000_000,
        hub_id="m-a-p/MERT-v1-95M",
        **_SHARED,
    ),
)
_PLAIN_HUBERT = {"feature_extractor_cqt": False, "deepnorm": False, "attention_relax": -1}
"""What these settings must be (their defaults, too) for the model to be a plain HuBERT."""
_FILES = ("config.json", "preprocessor_config.json", "model.safetensors", "pytorch_model.bin")
_WINDOWS_ON_ACCELERATOR = 8
_EPSILON = 1e-7
"""Added to the variance, as in transformers' ``Wav2Vec2FeatureExtractor``."""


def load(card: EncoderCard, options: LoadOptions) -> Mert:
    """Load a MERT from a local folder or the hub's cache.

    Raises
    ------
    EncoderError : the weights are missing, damaged, or of a MERT that is not a plain HuBERT.
    """
    from antiphon.encoders._shared.torch_model import find_state_file, place, read_state

    found = locate(card, options, patterns=_FILES)
    folder = found.folder
    config, normalise = _read_config(folder), _read_preprocessor(folder, card)
    weights = find_state_file(folder)
    model = _build(config, read_state(weights))
    mert = Mert(card, model, weights_id(weights), normalise=normalise, place=place(options), compiled=options.compile)
    mert.revision = found.revision
    return mert


class Mert:
    """MERT as an :class:`~antiphon.registry.AudioEncoder`; ``card.layout`` is that of the weights it holds."""

    revision: str | None = None

    def __init__(
        self, card: EncoderCard, model: HubertModel, weights_id: str, *, normalise: bool, place: Place, compiled: bool
    ) -> None:
        from antiphon.encoders._shared.torch_model import Exact, LayerMeans

        self.weights_id = weights_id
        self.card = replace(card, layout=Layout(len(model.encoder.layers) + 1, model.config.hidden_size, 3))
        self._normalise = normalise
        self._place = place
        self._shortest = _shortest_input(model.config)
        self._means = LayerMeans(model.encoder.layers)
        # Rounding the waveform's own filters costs more accuracy than the rest and saves little time.
        model.feature_extractor = Exact(model.feature_extractor)
        self._model = model.to(place.device)
        if compiled:
            self._model.compile(dynamic=False)

    def frames(self, windows: Float32) -> Float32:
        """Mean over time of every hidden state.

        Parameters
        ----------
        windows : (b, samples) float32, mono at 24 kHz.

        Returns
        -------
        (b, 1, layers · dims) float32. Memory grows with one window's longest layer, never with the number of layers.
        """
        return self._place.in_parts(self._states, windows, _WINDOWS_ON_ACCELERATOR)[:, None, :]

    def _states(self, windows: Float32) -> Float32:
        import torch

        sound = self._place.tensor(windows)
        if self._normalise:
            centred = sound - sound.mean(dim=1, keepdim=True)
            sound = centred / torch.sqrt(centred.square().mean(dim=1, keepdim=True) + _EPSILON)
        missing = max(0, self._shortest - sound.shape[1])
        sound = torch.nn.functional.pad(sound, (0, missing))
        with torch.inference_mode():
            return self._means.of(lambda: self._last_states(sound))

    def _last_states(self, sound: torch.Tensor) -> torch.Tensor:
        with self._place.arithmetic():
            last: torch.Tensor = self._model(sound).last_hidden_state
        return last


def _read_json(path: Path) -> dict[str, Any]:
    try:
        data: dict[str, Any] = read_json(path)
        return data
    except (OSError, ValueError) as error:
        raise EncoderError(
            f"{path} cannot be read: {error}", fix="Download the model's whole folder, not only its weights."
        ) from error


def _read_config(folder: Path) -> HubertConfig:
    from transformers import HubertConfig

    data = _read_json(folder / "config.json")
    for key, plain in _PLAIN_HUBERT.items():
        if data.get(key, plain) != plain:
            raise EncoderError(
                f"{folder / 'config.json'} has {key} = {data[key]}; only a MERT with {key} = {plain} is a plain "
                "HuBERT, and another would give wrong numbers.",
                fix="Use m-a-p/MERT-v1-330M or m-a-p/MERT-v1-95M.",
            )
    foreign = ("model_type", "auto_map", "architectures", "torch_dtype", "dtype", "transformers_version")
    kept = {key: value for key, value in data.items() if key not in foreign and key not in _PLAIN_HUBERT}
    # Masking is for training only: without it the model has no mask vector, which some checkpoints do not carry.
    config: HubertConfig = HubertConfig.from_dict({**kept, "mask_time_prob": 0.0, "mask_feature_prob": 0.0})
    config._attn_implementation = "sdpa"
    return config


def _read_preprocessor(folder: Path, card: EncoderCard) -> bool:
    """Whether windows are normalised; refuses a model of another sample rate."""
    path = folder / "preprocessor_config.json"
    data = _read_json(path)
    rate = data.get("sampling_rate", card.rate)
    if rate != card.rate:
        raise EncoderError(
            f"{path} asks for sound at {rate} Hz; '{card.name}' hears at {card.rate} Hz.",
            fix=f"Use weights made for {card.rate} Hz, such as {card.hub_id}.",
        )
    return bool(data.get("do_normalize", True))


def _build(config: HubertConfig, state: dict[str, Any]) -> HubertModel:
    """A HubertModel that holds exactly these weights."""
    import torch
    from transformers import HubertModel

    with torch.device("meta"):
        model = HubertModel(config)
    named = {_modern_name(key): value.float() for key, value in state.items() if key != "masked_spec_embed"}
    try:
        model.load_state_dict(named, strict=True, assign=True)
    except RuntimeError as error:
        raise EncoderError(
            f"The weights do not fit config.json: {error}", fix="Download config.json and the weights together."
        ) from error
    return model.eval().requires_grad_(False)


def _modern_name(key: str) -> str:
    """The positional convolution's weight norm, in the spelling that torch has used since 2.1."""
    start, _, end = key.rpartition(".")
    renamed = {"weight_g": "parametrizations.weight.original0", "weight_v": "parametrizations.weight.original1"}
    return f"{start}.{renamed[end]}" if start and end in renamed else key


def _shortest_input(config: HubertConfig) -> int:
    """Samples that the convolutions need to give one step."""
    samples = 1
    for kernel, stride in zip(reversed(config.conv_kernel), reversed(config.conv_stride), strict=True):
        samples = (samples - 1) * stride + kernel
    return int(samples)
