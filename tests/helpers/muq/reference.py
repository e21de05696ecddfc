"""Runs the reference package ``muq`` on a checkpoint; a program of its own, for an environment of its own.

``python muq_reference.py CHECKPOINT JOB.npz RESULT.npz [SAVED]``: JOB holds ``texts`` and the tracks ``track0``,
``track1`` …; RESULT gets their ``audio`` and ``text`` embeddings, each text alone, and the texts' token ids as
``tokens0`` …. The checkpoint is loaded strictly. With SAVED the package writes the model there in its own way.

Two of the package's requirements are not installed but stood in for: torchaudio, whose wheels bring another torch, by
librosa's mel filters around torch's Fourier transform; x_clip, of which only a tokenizer is imported and never used.
"""

from __future__ import annotations

import json
import os
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import librosa
import numpy as np
import torch
import transformers  # before the stand-ins: it looks for torchaudio
from librosa.filters import mel as mel_bands


class MelSpectrogram(torch.nn.Module):
    """torchaudio's, with its defaults: periodic Hann window, mirrored edges, power, HTK mel bands without norm."""

    def __init__(self, sample_rate: int, n_fft: int, hop_length: int, n_mels: int) -> None:
        super().__init__()
        filters = mel_bands(sr=sample_rate, n_fft=n_fft, n_mels=n_mels, htk=True, norm=None)
        self.filters, self.n_fft, self.hop = torch.from_numpy(filters), n_fft, hop_length

    def forward(self, sound: torch.Tensor) -> torch.Tensor:
        window = torch.hann_window(self.n_fft, device=sound.device)
        spectrum = torch.stft(sound, self.n_fft, self.hop, window=window, center=True, return_complex=True)
        return torch.matmul(self.filters.to(sound), spectrum.abs().pow(2.0))


class AmplitudeToDB(torch.nn.Module):
    """torchaudio's, with its defaults: of power, floor 1e-10, no limit below the top."""

    def forward(self, power: torch.Tensor) -> torch.Tensor:
        decibels = librosa.power_to_db(power.cpu().numpy(), ref=1.0, amin=1e-10, top_db=None)
        return torch.from_numpy(decibels).to(power)


def stand_in(name: str, **contents: Any) -> None:
    """Make ``import name`` give a module with these contents."""
    module = ModuleType(name)
    module.__spec__ = ModuleSpec(name, None)
    module.__path__ = []
    for key, value in contents.items():
        setattr(module, key, value)
    sys.modules[name] = module


def stand_ins() -> None:
    """What the package imports but this environment lacks."""
    never = dict.fromkeys(("Spectrogram", "TimeStretch", "FrequencyMasking", "TimeMasking"))
    transforms = {"MelSpectrogram": MelSpectrogram, "AmplitudeToDB": AmplitudeToDB, **never}
    stand_in("torchaudio.transforms", **transforms)
    stand_in("torchaudio", transforms=sys.modules["torchaudio.transforms"])
    stand_in("x_clip")
    stand_in("x_clip.tokenizer", tokenizer=type("Tokenizer", (), {"vocab_size": 1})())


def build(checkpoint: Path) -> Any:
    """The package's own MuQMuLan with the checkpoint's weights, loaded strictly."""
    from muq import MuQ, MuQMuLan
    from transformers import XLMRobertaConfig, XLMRobertaModel

    def empty_muq(name: str, **_: Any) -> Any:
        return MuQ(json.loads(Path(name, "config.json").read_text(encoding="utf-8")))

    def empty_roberta(name: str, **_: Any) -> Any:
        return XLMRobertaModel(XLMRobertaConfig.from_pretrained(name))

    os.chdir(checkpoint)  # so that the names in config.json are folders
    MuQ.from_pretrained, XLMRobertaModel.from_pretrained = empty_muq, empty_roberta
    model = MuQMuLan(json.loads(Path("config.json").read_text(encoding="utf-8")))
    if Path("model.safetensors").exists():
        from safetensors.torch import load_file

        state = load_file("model.safetensors")
    else:
        state = torch.load("pytorch_model.bin", weights_only=True, mmap=True)
    model.load_state_dict(state, strict=True)
    return model.eval()


def main(checkpoint: str, job: str, result: str, saved: str | None = None) -> None:
    """See the top of this file."""
    stand_ins()
    given = np.load(job)
    model = build(Path(checkpoint).resolve())
    tracks = [given[f"track{number}"] for number in range(sum(key.startswith("track") for key in given.files))]
    texts = [str(text) for text in given["texts"]]
    with torch.no_grad():
        audio = np.concatenate([model(wavs=torch.from_numpy(track)[None]).numpy() for track in tracks])
        text = np.concatenate([model(texts=[each]).numpy() for each in texts])
    tokens = {f"tokens{number}": model.mulan.text.tokenizer(each)["input_ids"] for number, each in enumerate(texts)}
    parameters = np.array([sum(p.numel() for p in model.parameters())])
    if saved is not None:
        model.save_pretrained(saved, config=json.loads(Path("config.json").read_text(encoding="utf-8")))
    np.savez(result, audio=audio, text=text, parameters=parameters, versions=transformers.__version__, **tokens)


if __name__ == "__main__":
    main(*sys.argv[1:])
