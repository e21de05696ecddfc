"""The sealed bundle: trained heads that know what they were made with, and refuse anything else.

A checkpoint is one file of plain tensors, numbers, strings, lists and dicts; ``torch.load(path, weights_only=True)``
reads it without Antiphon. Keys: ``format``, ``name``, ``run``, ``encoder``, ``text_encoder``, ``audio_provenance``,
``text_provenance``, ``audio_head``, ``text_head``, ``weights`` (standardisation included), ``config``, ``epoch``,
``val``, ``seed``, ``split_fingerprint``, ``train_ids`` (as JSON), ``antiphon``, ``torch``; ``training`` (what it takes
to go on) in ``…_last.pt`` only; ``adapter`` (what fine-tuning changed in the text encoder) only where it was
fine-tuned; ``hubness`` (:mod:`antiphon.align.hubness.correction`) only where scores are corrected; ``refitted_on_val``
in ``…_serving.pt`` only; ``checksum``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from antiphon._version import __version__
from antiphon.align.checkpoint.adapter import Adapter
from antiphon.align.checkpoint.checksum import require_unchanged
from antiphon.align.checkpoint.file import read_state, write_state
from antiphon.align.checkpoint.sealed import sealed_manifest
from antiphon.align.checkpoint.upgrade import FORMAT, upgraded
from antiphon.align.config import TrainConfig, config_from_dict
from antiphon.align.data.batches import Index
from antiphon.align.data.features import Rows
from antiphon.align.data.pair_set import PairSet
from antiphon.align.heads.head import Head
from antiphon.align.heads.kinds import spec_from_dict
from antiphon.align.hubness.correction import Hubness
from antiphon.align.inference import embed, measured_loss
from antiphon.align.model import SharedSpace
from antiphon.errors import AntiphonError, CheckpointError
from antiphon.library.vectors.joined import source_names
from antiphon.library.vectors.provenance import Provenance

DAMAGED = (LookupError, TypeError, AttributeError, ValueError, ArithmeticError, RuntimeError, AntiphonError)
"""What building heads from other content than a checkpoint's may raise."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Bundle:
    """Heads with everything that decides what they mean.

    Parameters
    ----------
    name : the file's stem, ``muq_best_r1``.
    run : name of the training, under which its files stand; that of the encoder where none was given.
    encoder, text_encoder : names of the frozen models.
    audio_provenance, text_provenance : of the vectors that trained it, and the only ones it accepts.
    space : the heads, on the CPU, not in training.
    config : resolved settings.
    epoch : 1-based epoch the weights come from.
    val : that epoch's line of the history.
    split_fingerprint : of the library at the time (:meth:`antiphon.library.tracks.Library.split_fingerprint`).
    train_ids : ids of the tracks it was trained on; those of val among them where it was fitted again.
    antiphon, torch : versions that wrote it.
    training : optimizer state and progress; empty except in ``…_last.pt``.
    adapter : what fine-tuning changed in the text encoder; then a text's raw vector is *frozen | adapted*
        (:mod:`antiphon.align.checkpoint.text_encoder` makes it). None where the text encoder is frozen.
    hubness : correction of the scores; None where a score is the cosine.
    refitted_on_val : val tracks that its closed forms were fitted on beside the train split, once val had chosen
        everything; 0 where they were not. Its ``val`` figures are those from before.
    """

    name: str
    run: str
    encoder: str
    text_encoder: str
    audio_provenance: Provenance
    text_provenance: Provenance
    space: SharedSpace
    config: TrainConfig
    epoch: int
    val: dict[str, Any]
    split_fingerprint: str
    train_ids: list[str]
    antiphon: str = __version__
    torch: str = str(torch.__version__)
    training: dict[str, Any] = field(default_factory=dict)
    adapter: Adapter | None = None
    hubness: Hubness | None = None
    refitted_on_val: int = 0

    @property
    def seed(self) -> int:
        """The seed it was trained with."""
        return self.config.seed

    @property
    def dim(self) -> int:
        """Size of the shared space."""
        return self.space.audio.spec.dim

    @property
    def temperature(self) -> float:
        """Learned temperature of the loss."""
        return self.space.temperature

    @property
    def parameters(self) -> int:
        """How many numbers were trained."""
        return sum(p.numel() for p in self.space.parameters()) + (self.adapter.parameters if self.adapter else 0)

    def layer_weights(self) -> dict[str, list[float]]:
        """How much each layer counts (sum 1), for each audio encoder whose layers are mixed."""
        found = zip(source_names(self.encoder), self.space.audio.layer_weights(), strict=False)
        return {name: weights for name, weights in found if weights is not None}

    def embed_audio(self, vectors: NDArray[Any]) -> NDArray[np.float32]:
        """(n, d_audio) raw encoder vectors → (n, dim) float32, unit length.

        Raises
        ------
        CheckpointError : d_audio is not the encoder's.
        """
        return _embed(self.space.audio, vectors, f"{self.encoder} vectors")

    def embed_text(self, vectors: NDArray[Any]) -> NDArray[np.float32]:
        """(m, d_text) raw text-encoder vectors → (m, dim) float32, unit length.

        Raises
        ------
        CheckpointError : d_text is not the encoder's.
        """
        return _embed(self.space.text, vectors, f"{self.text_encoder} vectors")

    def score_audio(self, vectors: NDArray[Any]) -> NDArray[np.float32]:
        """(n, d_audio) raw vectors → (n, score_dim) float32, whose first ``dim`` numbers are :meth:`embed_audio`'s.

        The dot product with :meth:`score_text` is what tracks, or texts, are ranked by. Errors as for the former.
        """
        found = self.embed_audio(vectors)
        return found if self.hubness is None else self.hubness.score_tracks(found)

    def score_text(self, vectors: NDArray[Any]) -> NDArray[np.float32]:
        """(m, d_text) raw vectors → (m, score_dim) float32, the other side of :meth:`score_audio`."""
        found = self.embed_text(vectors)
        return found if self.hubness is None else self.hubness.score_texts(found)

    @property
    def score_dim(self) -> int:
        """Numbers that a score is computed from: ``dim``, and two more with hubness correction."""
        return self.dim + (0 if self.hubness is None else 2)

    def loss(self, text: NDArray[Any], audio: NDArray[Any], track_of_caption: Index, text_id: Index) -> float:
        """The loss over all captions and tracks at once, as ``val_loss`` in the history.

        Parameters
        ----------
        text, audio : (m, d_text) and (n, d_audio) raw vectors.
        track_of_caption : (m,) row of each caption's track; every track has at least one caption.
        text_id : (m,) equal for identical texts.
        """
        words, sound = self.embed_text(text), self.embed_audio(audio)
        pairs = PairSet(Rows.all_of(audio), Rows.all_of(text), track_of_caption, text_id)
        return measured_loss(
            self.space, torch.from_numpy(words), torch.from_numpy(sound), pairs, kind=self.config.loss
        )[0]

    def require(self, *, audio: Provenance | None = None, text: Provenance | None = None) -> None:
        """Refuse vectors that were made another way than those of the training.

        Raises
        ------
        EmbeddingError : they were; the message lists each difference.
        """
        for kind, mine, theirs in (("audio", self.audio_provenance, audio), ("text", self.text_provenance, text)):
            if theirs is not None:
                mine.require_same(
                    theirs,
                    mine=f"the checkpoint {self.name}",
                    theirs=f"these {kind} vectors",
                    fix="Embed with the settings of the checkpoint, or train again on the vectors you have.",
                )

    def require_training(self) -> None:
        """Refuse to go on from a checkpoint that holds no more than what was learned.

        Raises
        ------
        CheckpointError : it was not made to go on from, or an earlier version wrote it.
        """
        if not self.training.get("loop"):
            why = "it holds closed forms alone" if self.training else "an earlier version of Antiphon wrote it"
            raise CheckpointError(
                f"{self.name} answers, but no training can go on from it: {why}.",
                fix="Train anew: --overwrite, or beside it: --name NAME.",
            )

    def save(self, path: Path) -> None:
        """Write the file atomically."""
        write_state(self.state(), path)

    def state(self) -> dict[str, Any]:
        """What the file holds but for its checksum, plain values and tensors; the tensors are the bundle's own."""
        state: dict[str, Any] = {
            "format": FORMAT,
            "name": self.name,
            "run": self.run,
            "encoder": self.encoder,
            "text_encoder": self.text_encoder,
            "audio_provenance": self.audio_provenance.to_dict(),
            "text_provenance": self.text_provenance.to_dict(),
            "audio_head": self.space.audio.spec.to_dict(),
            "text_head": self.space.text.spec.to_dict(),
            "weights": {key: value.detach().cpu() for key, value in self.space.state_dict().items()},
            "config": self.config.to_dict(),
            "epoch": self.epoch,
            "val": self.val,
            "seed": self.seed,
            "split_fingerprint": self.split_fingerprint,
            "train_ids": json.dumps(self.train_ids),  # one object: half a million would take seconds an epoch
            "antiphon": self.antiphon,
            "torch": self.torch,
        }
        if self.training:
            state["training"] = self.training
        if self.refitted_on_val:
            state["refitted_on_val"] = self.refitted_on_val
        optional = {"adapter": self.adapter, "hubness": self.hubness}
        return state | {key: part.to_dict() for key, part in optional.items() if part is not None}

    @classmethod
    def load(cls, path: Path | str) -> Bundle:
        """Open a checkpoint, or a sealed bundle by its folder or manifest.

        Raises
        ------
        CheckpointError : the file is missing, damaged, no Antiphon checkpoint, or of another format version.
        """
        state = read_state(Path(path))
        try:
            require_unchanged(state)
            state = upgraded(state)
            with torch.random.fork_rng([]):  # initial weights are drawn, only to be replaced
                space = SharedSpace(spec_from_dict(state["audio_head"]), spec_from_dict(state["text_head"]))
            space.load_state_dict(state["weights"])
            same = ("encoder", "text_encoder", "epoch", "val", "split_fingerprint", "antiphon", "torch")
            return cls(
                name=Path(path).stem if sealed_manifest(Path(path)) is None else state["name"],
                run=state.get("run", state["encoder"]),  # before 26 November 2026 there were no names
                audio_provenance=Provenance.from_dict(state["audio_provenance"]),
                text_provenance=Provenance.from_dict(state["text_provenance"]),
                space=space.eval().requires_grad_(False),
                config=config_from_dict(state["config"], source="the checkpoint"),
                train_ids=json.loads(state["train_ids"]),
                training=state.get("training", {}),
                refitted_on_val=state.get("refitted_on_val", 0),
                adapter=Adapter.from_dict(state["adapter"]) if "adapter" in state else None,
                hubness=Hubness.from_dict(state["hubness"]) if "hubness" in state else None,
                **{key: state[key] for key in same},
            )
        except DAMAGED as error:
            raise CheckpointError(f"{path} is not whole: {error}", fix="Train again, or restore a copy.") from error


def _embed(head: Head, vectors: NDArray[Any], what: str) -> NDArray[np.float32]:
    matrix = np.asarray(vectors)
    if matrix.ndim != 2 or matrix.shape[1] != head.spec.layout.size:
        raise CheckpointError(
            f"This checkpoint takes {what} of shape (n, {head.spec.layout.size}), not {matrix.shape}.",
            fix="Use the encoder that the checkpoint was trained with.",
        )
    result: NDArray[np.float32] = embed(head, Rows.all_of(matrix)).numpy().copy()
    return result
