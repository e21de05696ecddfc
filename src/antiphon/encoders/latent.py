"""Music2Latent: the compressed form of a music codec, 64 channels about 11 times a second; small and quick to train on.

Conventions
- Sound at 44.1 kHz. A latent covers 8 steps of 512 samples (93 ms) and hears three steps more: n latents need
  n · 4096 + 1536 samples; what is left over at the end is not heard, as in the ``music2latent`` package.
- Three views of a latent, in this order: its 64 values, their magnitudes, their differences to the latent before.
- Near the ends of a window the network hears silence instead of what goes on. So a window of 108 latents gives only
  its 100 inner frames, and windows follow each other at 100 latents: the frames of a track's windows are those of the
  track, each once (the aligned last window aside), less 0.37 s at either end. Below 16 latents (1.6 s) all are kept.
- Values are those of ``EncoderDecoder.encode``: divided by the package's 0.06 to about unit variance.
- The network normalises over the time it is given (group normalisation), so a latent depends a little on the length of
  its window: windows of 10 s are part of this encoder, as 60-s pieces are of the package's own ``encode``.

The package downloads its weights on construction and reads them unsafely; here neither happens: only its network
definition is used. Its code and weights are under CC-BY-NC-4.0.

Pasini, Lattner & Fazekas, "Music2Latent: Consistency Autoencoders for Latent Audio Compression", ISMIR 2024,
https://arxiv.org/abs/2408.06500
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from antiphon.encoders._shared.weights import locate, weights_id
from antiphon.errors import EncoderError
from antiphon.layout import Layout
from antiphon.registry import EncoderCard, Float32, LoadOptions

if TYPE_CHECKING:
    import torch

    from antiphon.encoders._shared.torch_model import Place

RATE = 44_100
CHANNELS = 64
VIEWS = ("latent", "magnitude", "difference")
SAMPLES_PER_LATENT = 4096
EXTRA_SAMPLES = 1536
LATENTS_PER_WINDOW = 108
MARGIN = 4
"""Latents at either end of a window that are dropped; further in, the ends are hardly heard (see the tests)."""

CARDS = (
    EncoderCard(
        name="latent",
        kind="audio",
        summary="Music2Latent: 64 codec channels, their magnitudes and differences; the most compact",
        layout=Layout(1, CHANNELS * len(VIEWS), 3),
        licence="CC-BY-NC-4.0",
        non_commercial=True,
        paper="https://arxiv.org/abs/2408.06500",
        rate=RATE,
        window_s=(LATENTS_PER_WINDOW * SAMPLES_PER_LATENT + EXTRA_SAMPLES) / RATE,
        hop_s=(LATENTS_PER_WINDOW - 2 * MARGIN) * SAMPLES_PER_LATENT / RATE,
        tail="align",
        pooling="mean-rsigma-diff",
        parameters=16_300_000,
        packages=("music2latent",),
        extra="latent",
        hub_id="SonyCSLParis/music2latent",
    ),
)
_FILE = "music2latent.pt"
_WINDOWS_ON_ACCELERATOR = 8


def load(card: EncoderCard, options: LoadOptions) -> Latent:
    """Load Music2Latent's encoder from a local folder, the package's own folder, or the hub's cache.

    Raises
    ------
    EncoderError : the weights are missing, damaged, or of another network.
    """
    from antiphon.encoders._shared.torch_model import place

    weights, revision = _weights_file(card, options)
    latent = Latent(card, _build(weights), weights_id(weights), place=place(options), compiled=options.compile)
    latent.revision = revision
    return latent


def _weights_file(card: EncoderCard, options: LoadOptions) -> tuple[Path, str | None]:
    """The file, and the hub's commit where it came from there."""
    from antiphon.encoders._shared.torch_model import find_state_file

    if options.weights is None:
        package = importlib.util.find_spec("music2latent")
        for folder in (package.submodule_search_locations or ()) if package else ():
            downloaded = Path(folder) / "models" / _FILE  # where the package itself puts what it downloads
            if downloaded.is_file():
                return downloaded, None
    elif Path(options.weights).expanduser().is_file():
        return Path(options.weights).expanduser(), None
    found = locate(card, options, patterns=(_FILE,))
    return find_state_file(found.folder, (_FILE,)), found.revision


def _build(weights: Path) -> torch.nn.Module:
    """The encoder half of the codec with exactly these weights; the decoder's are left aside."""
    import torch
    from music2latent.models import Encoder

    from antiphon.encoders._shared.torch_model import read_state

    state = read_state(weights, allowed=_numpy_scalars())
    everything = state.get("gen_state_dict", state)
    prefix = "encoder."
    mine = {key[len(prefix) :]: value.float() for key, value in everything.items() if key.startswith(prefix)}
    with torch.device("meta"):
        encoder: torch.nn.Module = Encoder()
    try:
        encoder.load_state_dict(mine, strict=True, assign=True)
    except RuntimeError as error:
        raise EncoderError(
            f"{weights} does not hold the network of music2latent: {error}",
            fix="Use music2latent.pt of SonyCSLParis/music2latent and music2latent 0.1.8 or later.",
        ) from error
    return encoder.eval().requires_grad_(False)


def _numpy_scalars() -> list[Any]:
    """What unpickles a plain numpy number, in the spellings of numpy 1 and 2: the official file holds some."""
    multiarray = importlib.import_module("numpy._core.multiarray" if np.__version__ >= "2" else "numpy.core.multiarray")
    scalar = multiarray.scalar
    kinds = {type(np.dtype(name)) for name in ("float16", "float32", "float64", "int32", "int64", "bool")}
    spellings = [(scalar, "numpy.core.multiarray.scalar"), (scalar, "numpy._core.multiarray.scalar")]
    return [np.dtype, *spellings, *sorted(kinds, key=lambda kind: kind.__name__)]


class Latent:
    """Music2Latent as an :class:`~antiphon.registry.AudioEncoder`."""

    revision: str | None = None

    def __init__(
        self, card: EncoderCard, encoder: torch.nn.Module, weights_id: str, *, place: Place, compiled: bool
    ) -> None:
        self.card = card
        self.weights_id = weights_id
        self._place = place
        self._encoder = encoder.to(place.device)
        if compiled:
            self._encoder.compile(dynamic=False)

    def frames(self, windows: Float32) -> Float32:
        """Latents with their magnitudes and differences.

        Parameters
        ----------
        windows : (b, samples) float32, mono at 44.1 kHz; below 5,632 samples silence is appended.

        Returns
        -------
        (b, n − 8, 192) float32 for the n = (samples − 1536) // 4096 latents of a window; n − 1 where n is below 16; one
        frame with difference 0 for a single latent.
        """
        latents = self.latents(windows)
        count = latents.shape[1]
        start, end = (MARGIN, count - MARGIN) if count >= 4 * MARGIN else (min(1, count - 1), count)
        now, before = latents[:, start:end], latents[:, max(0, start - 1) : end - min(1, start)]
        return np.concatenate([now, np.abs(now), now - before], axis=2)

    def latents(self, windows: Float32) -> Float32:
        """The codec's own latents: (b, samples) → (b, n, 64) float32, n = max(1, (samples − 1536) // 4096)."""
        return self._place.in_parts(self._encode, windows, _WINDOWS_ON_ACCELERATOR)

    def _encode(self, windows: Float32) -> Float32:
        import torch
        from music2latent.audio import to_representation_encoder
        from music2latent.hparams_inference import sigma_rescale

        count = max(1, (windows.shape[1] - EXTRA_SAMPLES) // SAMPLES_PER_LATENT)
        needed = count * SAMPLES_PER_LATENT + EXTRA_SAMPLES
        sound = self._place.tensor(windows[:, :needed])
        sound = torch.nn.functional.pad(sound, (0, needed - sound.shape[1]))
        with torch.inference_mode():
            spectrum = to_representation_encoder(sound)
            with self._place.arithmetic():
                latent = self._encoder(spectrum)
        scaled: Float32 = (latent.float() / sigma_rescale).transpose(1, 2).cpu().numpy()
        return scaled
