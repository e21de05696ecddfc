"""Fine-tuning of the text side: it starts from the frozen recipe, and stands beside it.

What was trained on frozen text vectors (closed forms included) stays in the checkpoint as it is. The heads that are
fine-tuned start from its trained heads (Kumar et al. 2022, arXiv:2202.10054: first the heads, then what lies below
them), and read the vectors of the adapted text encoder. A text's vector is therefore *frozen | adapted*, each part
reads its own half, and the share of either in the cosine is chosen on val: with a share of 1 for the frozen part the
checkpoint is the frozen recipe.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from antiphon.align.checkpoint.adapter import Adapter
from antiphon.align.config import TrainConfig
from antiphon.align.data.features import Rows
from antiphon.align.data.material import Material, compute_dtype
from antiphon.align.ensemble.ensemble import choose_share, mean_mrr
from antiphon.align.finetune.tuned_text import TunedText
from antiphon.align.heads.ensemble_head import EnsembleHead, ensemble_spec
from antiphon.align.heads.head import Head
from antiphon.align.inference import PairSet, embed
from antiphon.align.model import SharedSpace
from antiphon.align.training.loop import TrainingData
from antiphon.arrays import Embeddings
from antiphon.registry import TextEncoder

Index = NDArray[np.int64]
FROZEN_SHARE = 0.7
"""Share of the recipe on frozen text beside what was fine-tuned, unless another is clearly better on val."""


@dataclass(eq=False)
class Tuning:
    """One fine-tuning.

    Parameters
    ----------
    material : the data.
    config : resolved.
    encoder : the text encoder, loaded for this purpose.
    frozen : the space that was trained on frozen text vectors, on the CPU.
    closed_form_mrr : mean-of-directions val MRR of the closed forms in it, where there are any.
    """

    material: Material
    config: TrainConfig
    encoder: TextEncoder
    frozen: SharedSpace
    closed_form_mrr: float | None = None
    text: TunedText | None = None
    _measured: list[tuple[PairSet, Index]] = field(default_factory=list)

    def begin(self, space: SharedSpace, data: TrainingData) -> TrainingData:
        """Give ``space`` the frozen recipe's trained heads, and the data a text encoder that learns."""
        for side in ("audio", "text"):
            trained = _trained(getattr(self.frozen, side))
            getattr(space, side).load_state_dict(trained.state_dict())
        with torch.no_grad():
            space.log_scale.copy_(self.frozen.log_scale)
            space.bias.copy_(self.frozen.bias)
        material = self.material
        self.text = TunedText(
            self.encoder,
            [*material.train_texts, *self._phrase_texts, *material.val_texts],
            self.config,
            standardise=space.text.standardise,
            dtype=compute_dtype(self.config),
        )
        return replace(data, text=self.text)

    @property
    def _phrase_texts(self) -> list[str]:
        return [] if self.material.phrases is None else list(self.material.phrases.texts)

    def measured(self, pairs: PairSet, *, of_val: bool) -> PairSet:
        """Pairs whose text vectors are *frozen | adapted*; the second half is made anew by :meth:`refresh`.

        Parameters
        ----------
        pairs : of the train or the val split, or some of them.
        of_val : which of the two.
        """
        size = pairs.text.size
        both = np.empty((len(pairs.text), 2 * size), np.float32)
        both[:, :size] = pairs.text.raw(slice(None)).float().numpy()
        both[:, size:] = both[:, :size]
        tuned = replace(pairs, text=Rows.all_of(both))
        before_val = len(self.material.train_texts) + len(self._phrase_texts)
        self._measured.append((tuned, pairs.text.rows + (before_val if of_val else 0)))
        return tuned

    def refresh(self) -> None:
        """Bring the adapted halves up to date."""
        assert self.text is not None
        if not self._measured:
            return
        wanted = np.concatenate([captions for _, captions in self._measured])
        vectors = self.text.vectors(wanted)
        for tuned, captions in self._measured:
            tuned.text.matrix[:, vectors.shape[1] :] = vectors[: len(captions)]
            vectors = vectors[len(captions) :]

    def beside(self, tuned: SharedSpace, val: PairSet | None) -> Beside:
        """The frozen recipe and the fine-tuned heads in one space; ``val`` as :meth:`measured` gave it."""
        return Beside(self.frozen, tuned, val, self.refresh)

    def adapter(self) -> Adapter:
        """What has been learned so far."""
        assert self.text is not None
        return self.text.adapter()


class Beside:
    """One shared space of a frozen recipe and fine-tuned heads, brought up to date as training goes on.

    Parameters
    ----------
    frozen : stays as it is.
    tuned : whose weights are taken over by :meth:`follow`.
    val : what the share is chosen on, texts *frozen | adapted*; None for the usual one.
    refresh : called before anything is measured.
    """

    def __init__(
        self, frozen: SharedSpace, tuned: SharedSpace, val: PairSet | None, refresh: Callable[[], None]
    ) -> None:
        self.val = val
        self.share = FROZEN_SHARE
        self._refresh = refresh
        with torch.random.fork_rng([]):
            self.space = SharedSpace(
                ensemble_spec([frozen.audio.spec, tuned.audio.spec], own_columns=False),
                ensemble_spec([frozen.text.spec, tuned.text.spec], own_columns=True),
            )
        for side in ("audio", "text"):
            _members(self.space, side)[0].load_state_dict(getattr(frozen, side).state_dict())
        self.space.to(tuned.log_scale.device).eval().requires_grad_(False)
        self._closed = None if val is None else self._vectors(0, val)
        self.val_mrr = None if val is None or self._closed is None else mean_mrr(*self._closed, val)

    def follow(self, tuned: SharedSpace) -> SharedSpace:
        """Take over fine-tuned weights and choose the share of the frozen recipe; returns the whole space."""
        self._refresh()
        for side in ("audio", "text"):
            _members(self.space, side)[1].load_state_dict(getattr(tuned, side).state_dict())
        self.space.log_scale.copy_(tuned.log_scale)
        self.space.bias.copy_(tuned.bias)
        if self.val is not None and self._closed is not None:
            self.share = choose_share(self._vectors(1, self.val), self._closed, self.val, usual=FROZEN_SHARE)
        for side in ("audio", "text"):
            getattr(self.space, side).weights.copy_(torch.tensor([self.share, 1 - self.share]))
        return self.space

    def _vectors(self, member: int, val: PairSet) -> Embeddings:
        size = val.text.size // 2
        text = Rows.all_of(val.text.matrix[:, member * size : (member + 1) * size])
        words, sound = (_members(self.space, side)[member] for side in ("text", "audio"))
        return Embeddings(embed(words, text).cpu().numpy(), embed(sound, val.audio).cpu().numpy())


def frozen_part(space: SharedSpace) -> SharedSpace:
    """The frozen recipe in the space of a fine-tuned checkpoint."""
    audio, text = (_members(space, side)[0] for side in ("audio", "text"))
    part = SharedSpace(audio.spec, text.spec)
    part.audio.load_state_dict(audio.state_dict())
    part.text.load_state_dict(text.state_dict())
    part.log_scale.data.copy_(space.log_scale)
    part.bias.data.copy_(space.bias)
    return part.eval().requires_grad_(False)


def _members(space: SharedSpace, side: str) -> list[Any]:
    return list(getattr(space, side).members)


def _trained(head: Head) -> Head:
    """The head that was trained, where it stands beside closed forms."""
    return list(head)[-1] if isinstance(head, EnsembleHead) else head
