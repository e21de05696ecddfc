"""Runs the published package ``musicnn`` as its makers wrote it; a program of its own, for an environment of its own.

``python reference.py JOB.npz RESULT.npz``, with the unpacked wheel on PYTHONPATH: JOB holds the sounds ``sound0`` …
(float32, mono, 16 kHz). For both taggers RESULT gets, of sound number i, the tags' probabilities in every patch as
``MSD_tags0`` … and the last hidden layer as ``MSD_hidden0`` …, and ``versions``.

Two things are set from outside. The makers worked with a librosa that mirrored the sound at its ends; later ones put
zeros there, so the mirrored mode is asked for. And all patches of a sound go through at once: in batches the package
appends the first batch's hidden layer again and again (it takes ``penultimate_`` where ``backend_`` is meant).
"""

from __future__ import annotations

import os
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np


def main(job: str, result: str) -> None:
    """See the top of this file."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import librosa
    import soundfile
    import tensorflow

    librosa.feature.melspectrogram = partial(librosa.feature.melspectrogram, pad_mode="reflect")
    from musicnn import configuration
    from musicnn.extractor import extractor

    configuration.BATCH_SIZE = 10_000
    given = np.load(job)
    versions = {module.__name__: module.__version__ for module in (tensorflow, np, librosa)}
    found: dict[str, Any] = {"versions": ", ".join(f"{name} {version}" for name, version in versions.items())}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(len(given.files)):
            path = Path(folder) / f"{number}.wav"
            soundfile.write(path, given[f"sound{number}"], 16_000, subtype="FLOAT")
            for model in ("MSD", "MTT"):
                tags, _, features = extractor(str(path), model=f"{model}_musicnn")
                found |= {f"{model}_tags{number}": tags, f"{model}_hidden{number}": features["penultimate"]}
    np.savez(result, **found)


if __name__ == "__main__":
    main(*sys.argv[1:])
