"""A checkpoint as a model of mteb (2.26 or newer): what ``mteb.evaluate`` asks of one.

mteb ranks by the model's own ``similarity``. Here that is the dot product of what search ranks by, hubness correction
included, so that a task made of a library's test split gives the figures of ``antiphon evaluate``. Ties: mteb orders
equal scores by document id, descending; Antiphon counts them against the model. Where no two scores of a query are
equal, both are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.align.checkpoint.checksum import checksum
from antiphon.align.checkpoint.model import Model
from antiphon.errors import ArgumentError, ConfigError
from antiphon.evaluate.mteb.sounds import Sound, sound_vectors
from antiphon.registry import LoadOptions

Float32 = NDArray[np.float32]
ACROSS = ("t2a", "a2t")
"""Task categories whose queries and documents are of different kinds: there scores are corrected for hubness."""


class MtebModel:
    """Encodes mteb's texts and sounds into the shared space of a checkpoint.

    Parameters
    ----------
    checkpoint : a ``.pt`` file, or a model that :func:`antiphon.load` gave.
    name : of the model on a board, ``"organisation/model"``; None for the checkpoint's name under ``antiphon/``.
    options : how to load the audio encoder; None for the defaults.

    Raises
    ------
    CheckpointError : the file is missing, damaged, or no Antiphon checkpoint.

    Examples
    --------
    >>> import mteb
    >>> from antiphon.evaluate.mteb.model import MtebModel
    >>> model = MtebModel("mylib/checkpoints/musicnn_best_r1.pt")
    >>> mteb.evaluate(model, mteb.get_tasks(tasks=["SongDescriberT2ARetrieval"]))
    """

    def __init__(
        self, checkpoint: str | Path | Model, *, name: str | None = None, options: LoadOptions | None = None
    ) -> None:
        self.model = checkpoint if isinstance(checkpoint, Model) else Model.load(Path(checkpoint))
        self._name = name or f"antiphon/{self.model.name}"
        self._options = options or LoadOptions()

    def encode(self, inputs: Any, *, task_metadata: Any, **_: Any) -> Float32:
        """(n, k) float32: what the inputs are ranked by, in their order.

        Parameters
        ----------
        inputs : mteb's DataLoader; its data set has a column ``text`` or ``audio``.
        task_metadata : of the task; its ``category`` says whether texts meet sounds.
        _ : ``hf_split``, ``hf_subset``, ``prompt_type`` and settings of batches, which change nothing here: a
            checkpoint reads captions and queries alike, and takes no instructions.

        Raises
        ------
        ArgumentError : the inputs are neither texts nor sounds.
        EncoderError, EmbeddingError : the text or the audio encoder of the training is not on this machine.
        """
        across = str(getattr(task_metadata, "category", "")) in ACROSS
        columns = set(inputs.dataset.features)
        if "audio" in columns:
            vectors = sound_vectors(_sounds(inputs.dataset), self.model.bundle, self._options)
            return self.model.score_audio(vectors) if across else self.model.embed_audio(vectors)
        if "text" in columns:
            vectors = self._read([text for batch in inputs for text in batch["text"]])
            return self.model.bundle.score_text(vectors) if across else self.model.bundle.embed_text(vectors)
        raise ArgumentError(f"mteb gave {', '.join(sorted(columns))}; a checkpoint takes text or audio.")

    def _read(self, texts: list[str]) -> NDArray[Any]:
        """Texts as a library stores them: close scores then come in the same order as in ``antiphon evaluate``."""
        vectors = self.model.load_text_encoder().encode(texts)
        return vectors if self.model.bundle.adapter is not None else vectors.astype(np.float16)

    def similarity(self, left: Any, right: Any) -> Any:
        """(n, m) torch.Tensor: the score of every pair, the dot product."""
        return _tensor(left) @ _tensor(right).T

    def similarity_pairwise(self, left: Any, right: Any) -> Any:
        """(n,) torch.Tensor: the score of row i with row i."""
        return (_tensor(left) * _tensor(right)).sum(dim=-1)

    @cached_property
    def mteb_model_meta(self) -> Any:
        """What mteb writes beside results: an ``mteb.ModelMeta``.

        Raises
        ------
        ConfigError : mteb is not installed.
        """
        try:
            from mteb.models import ModelMeta
        except ImportError as error:
            raise ConfigError("mteb is not installed.", fix="pip install 'mteb[audio]>=2.26'") from error
        bundle = self.model.bundle
        about = {
            "name": self._name,
            "revision": checksum(bundle.state())[:16],  # mteb keeps results by it
            "embed_dim": bundle.dim,
            "similarity_fn_name": "dot",
            "use_instructions": False,
            "modalities": ["audio", "text"],
            "framework": ["PyTorch"],
            "open_weights": False,
        }
        return ModelMeta.create_empty(overwrites=about)


def _sounds(dataset: Any) -> Iterator[Sound]:
    """The sounds of an mteb data set: files as they are stored where it has them, else samples."""
    from datasets import Audio

    if isinstance(dataset.features["audio"], Audio):
        dataset = dataset.cast_column("audio", Audio(decode=False))
    for row in dataset:
        yield _sound(row["audio"])


def _sound(stored: Mapping[str, Any]) -> Sound:
    """One cell: ``{"bytes", "path"}`` of an undecoded file, or ``{"array", "sampling_rate"}``."""
    if "array" in stored:
        return Sound.from_samples(np.asarray(stored["array"]), int(stored["sampling_rate"]))
    path = str(stored.get("path") or "")
    data = stored["bytes"] if stored.get("bytes") is not None else Path(path).read_bytes()
    return Sound(data, Path(path).suffix)


def _tensor(array: Any) -> Any:
    import torch

    return torch.as_tensor(array, dtype=torch.float32)
