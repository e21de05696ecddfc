"""The scripts on the models' own cards, in our words: load a file, hear it window by window, average.

    python -m benchmarks.embed.peers ENCODER FOLDER WEIGHTS DEVICE

describes FOLDER's files, one after the other in one process, and prints one line of JSON: the time, loading the model
aside, and the lowest cosine to the vectors that Antiphon left in FOLDER/antiphon/vectors.npy. Windows are Antiphon's,
so that both hear the same; ``muq`` cuts its own, which are the same. Weights are random and of full size.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import torch

from antiphon.audio.pooling import pool
from antiphon.audio.windows import cut
from antiphon.layout import Layout
from antiphon.registry import EncoderCard

Describe = Callable[[Path], np.ndarray]


def windows_of(path: Path, card: EncoderCard) -> Iterator[np.ndarray]:
    """A file as a card's script reads it, in windows."""
    sound, _ = librosa.load(path, sr=card.rate, mono=True)
    yield from cut([sound], rate=card.rate, window_s=card.window_s, hop_s=card.hop_s, tail=card.tail)


def mert(card: EncoderCard, weights: Path, device: str) -> Describe:
    """Feature extractor, model, all hidden states, mean over time."""
    from transformers import HubertConfig, HubertModel, Wav2Vec2FeatureExtractor

    given = json.loads((weights / "config.json").read_text())
    foreign = ("model_type", "auto_map", "architectures", "torch_dtype")
    config = HubertConfig.from_dict({k: v for k, v in given.items() if k not in foreign})
    model = HubertModel(config).eval()
    model.load_state_dict(torch.load(weights / "pytorch_model.bin", weights_only=True))
    model.to(device)
    processor = Wav2Vec2FeatureExtractor.from_pretrained(weights)

    def describe(path: Path) -> np.ndarray:
        frames = []
        for window in windows_of(path, card):
            inputs = processor(window, sampling_rate=card.rate, return_tensors="pt").to(device)
            with torch.no_grad():
                heard = model(**inputs, output_hidden_states=True)
            states = [*heard.hidden_states[:-1], heard.last_hidden_state]  # the last one after the final layer norm
            frames.append(torch.stack(states).squeeze(1).mean(dim=1).flatten().cpu().numpy())
        return pool(np.stack(frames), Layout(len(states), states[0].shape[-1], 3))

    return describe


def muq(card: EncoderCard, weights: Path, device: str) -> Describe:
    """librosa at 24 kHz, then ``mulan(wavs=...)``, which cuts, hears one clip after the other, and averages."""
    from tests.helpers.muq.reference import build, stand_ins

    stand_ins()
    mulan = build(weights.resolve()).to(device)

    def describe(path: Path) -> np.ndarray:
        sound, _ = librosa.load(path, sr=card.rate, mono=True)
        with torch.no_grad():
            return mulan(wavs=torch.tensor(sound)[None].to(device))[0].cpu().numpy()

    return describe


def clap(card: EncoderCard, weights: Path, device: str) -> Describe:
    """librosa at 48 kHz, processor, ``get_audio_features``."""
    from transformers import ClapModel, ClapProcessor

    model, processor = ClapModel.from_pretrained(weights).eval().to(device), ClapProcessor.from_pretrained(weights)

    def describe(path: Path) -> np.ndarray:
        frames = []
        for window in windows_of(path, card):
            inputs = processor(audio=window, sampling_rate=card.rate, return_tensors="pt").to(device)
            with torch.no_grad():
                frames.append(model.get_audio_features(**inputs).pooler_output[0].cpu().numpy())
        return pool(np.stack(frames), Layout(1, len(frames[0]), 3))

    return describe


def latent(card: EncoderCard, weights: Path, device: str) -> Describe:
    """librosa at 44.1 kHz, ``EncoderDecoder.encode`` on every window; its views and margins are Antiphon's."""
    from antiphon.encoders.latent import MARGIN

    codec = _codec(weights, device)

    def describe(path: Path) -> np.ndarray:
        frames = []
        for window in windows_of(path, card):
            latents = np.asarray(codec.encode(window)[0].cpu().T)
            now, before = latents[MARGIN:-MARGIN], latents[MARGIN - 1 : -MARGIN - 1]
            frames.append(np.concatenate([now, np.abs(now), now - before], axis=1))
        return pool(np.concatenate(frames), card.layout)

    return describe


def latent_whole(card: EncoderCard, weights: Path, device: str) -> Describe:
    """As the package's own example: the whole file at once (it cuts pieces of a minute); the vector is another."""
    codec = _codec(weights, device)

    def describe(path: Path) -> np.ndarray:
        sound, _ = librosa.load(path, sr=card.rate, mono=True)
        latents = np.asarray(codec.encode(sound)[0].cpu().T)
        now = latents[1:]
        return pool(np.concatenate([now, np.abs(now), np.diff(latents, axis=0)], axis=1), card.layout)

    return describe


def _codec(weights: Path, device: str) -> Any:
    """The package's EncoderDecoder without its constructor, which downloads."""
    import music2latent

    codec = music2latent.EncoderDecoder.__new__(music2latent.EncoderDecoder)
    codec.device, codec.gen = torch.device(device), torch.nn.Module()
    codec.gen.encoder = music2latent.models.Encoder()
    state = torch.load(weights / "music2latent.pt", weights_only=False)["gen_state_dict"]
    codec.gen.load_state_dict(state, strict=True)
    return codec


PEERS = {"mert": mert, "mert-95m": mert, "muq": muq, "clap": clap, "latent": latent, "latent-whole": latent_whole}


def lowest_cosine(vectors: np.ndarray, stored: np.ndarray) -> float:
    """Against Antiphon's vectors, or, where the script gives a mean only, against their first statistic."""
    if vectors.shape[1] * 3 == stored.shape[1]:
        stored = stored.reshape(len(stored), -1, 3)[:, :, 0]
    left, right = vectors.astype(np.float64), stored.astype(np.float64)
    return float(((left * right).sum(1) / np.linalg.norm(left, axis=1) / np.linalg.norm(right, axis=1)).min())


def main(name: str, folder: str, weights: str, device: str) -> dict[str, Any]:
    """Run one script over a folder."""
    from antiphon import registry

    describe = PEERS[name](registry.find(name.removesuffix("-whole")).card, Path(weights), device)
    files = sorted(path for path in Path(folder).iterdir() if path.is_file())
    librosa.load(files[0], sr=8_000, duration=0.1)  # its first call imports for seconds
    begun, processor = time.perf_counter(), time.process_time()
    vectors = np.stack([describe(file) for file in files])
    seconds, processor = time.perf_counter() - begun, time.process_time() - processor
    cosine = lowest_cosine(vectors, np.load(Path(folder) / "antiphon" / "vectors.npy"))
    return {"tracks": len(files), "seconds": seconds, "processor seconds": processor, "lowest cosine": cosine}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
