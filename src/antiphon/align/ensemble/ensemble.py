"""Closed forms beside what is trained, in one shared space.

Small sets favour closed forms: kernel CCAs (:mod:`antiphon.align.closed_form.kernel_cca`), whose cosines are averaged.
What is trained stands beside them with a share of its own; the whole is again one vector a side, and its cosine is the
weighted mean of the members' (:mod:`antiphon.align.heads.ensemble_head`). With a share of 1 for the closed forms the
checkpoint *is* the closed form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from antiphon.align.closed_form.caption_weights import CaptionWeights
from antiphon.align.closed_form.kernel_cca import KernelSide, fit_kernel_cca
from antiphon.align.data.features import Rows
from antiphon.align.heads.ensemble_head import ensemble_spec
from antiphon.align.heads.head import Head, HeadSpec
from antiphon.align.heads.kernel_head import fill_kernel_head, kernel_spec
from antiphon.align.inference import PairSet, embed
from antiphon.align.model import SharedSpace
from antiphon.arrays import Embeddings
from antiphon.library.phrases import CaptionPhrases
from antiphon.metrics.retrieval import retrieval
from antiphon.metrics.shares import tracks_by_share

USUAL_SHARE = 0.85
SHARES = (0.85, 0.7, 0.5, 0.25, 1.0, 0.0)
"""Shares of the closed forms that are compared on val."""
CLEARLY = 3.0
"""Standard errors by which a gain has to pass 0: five shares an epoch have five chances of luck, and the epoch with the
luckiest one would be kept."""
ROWS_WITH_PHRASES = 65_536
"""Captions and their different phrases up to which closed forms see phrases: a row takes 9 kB of memory in fitting."""


@dataclass(frozen=True, kw_only=True)
class Anchor:
    """The closed forms that stand beside what is trained.

    Parameters
    ----------
    text, audio : ways into their space.
    val_mrr : their mean-of-directions val MRR, None without a val split.
    """

    text: KernelSide
    audio: KernelSide
    val_mrr: float | None


def fit_anchor(
    train: PairSet,
    val: PairSet | None,
    *,
    parts: Sequence[int] = (),
    caption_phrases: CaptionPhrases | None = None,
    phrase_share: float = 0.0,
) -> Anchor:
    """Closed forms of the train split; val decides nothing here.

    Parameters
    ----------
    parts : numbers of each encoder whose vectors stand side by side, empty for one encoder.
    caption_phrases : of the captions of ``train``; None for whole captions alone, as beyond ``ROWS_WITH_PHRASES``.
    phrase_share : 0 … 1, of a caption's weight that goes to its phrases, where it has any.

    Raises
    ------
    ValueError : fewer than two tracks.
    """
    words, said = _matrix(train.text), CaptionWeights.evenly(train.track_of_caption, len(train.audio))
    if caption_phrases is not None and len(words) + len(caption_phrases.vectors) <= ROWS_WITH_PHRASES:
        words, said = np.concatenate([words, caption_phrases.vectors]), said.with_phrases(caption_phrases, phrase_share)
    text, audio = fit_kernel_cca(words, _matrix(train.audio), said, sources=parts)
    if val is None:
        return Anchor(text=text, audio=audio, val_mrr=None)
    embedded = Embeddings(text.embed(_matrix(val.text)), audio.embed(_matrix(val.audio)))
    return Anchor(text=text, audio=audio, val_mrr=mean_mrr(*embedded, val))


def side_by_side(members: Sequence[Embeddings], weights: Sequence[float]) -> Embeddings:
    """Texts and tracks whose cosine is the weighted mean of the members'; weights sum to 1."""
    roots = [np.float32(weight**0.5) for weight in weights]
    return Embeddings(
        text=np.concatenate([root * member.text for root, member in zip(roots, members, strict=True)], axis=1),
        audio=np.concatenate([root * member.audio for root, member in zip(roots, members, strict=True)], axis=1),
    )


def mean_mrr(text: NDArray[np.float32], audio: NDArray[np.float32], pairs: PairSet) -> float:
    """Mean of both directions' MRR."""
    found = retrieval(text, audio, pairs.track_of_caption, pairs.text_id)
    return float(found["t2a"]["MRR"] + found["a2t"]["MRR"]) / 2


class Anchored:
    """One shared space of closed forms and trained heads, brought up to date as training goes on.

    Parameters
    ----------
    trained : whose weights are taken over by :meth:`follow`.
    anchor : the closed forms.
    val : what the share is chosen on; None for the usual one.
    """

    def __init__(self, trained: SharedSpace, anchor: Anchor, val: PairSet | None) -> None:
        self.val = val
        self.val_mrr = anchor.val_mrr
        self.share = USUAL_SHARE
        self._closed: Embeddings | None = None
        with torch.random.fork_rng([]):
            self.space = SharedSpace(_late(anchor, trained, "audio"), _late(anchor, trained, "text"))
        for side in ("audio", "text"):
            fill_kernel_head(getattr(self.space, side).members[0], getattr(anchor, side))
        self.space.to(trained.log_scale.device).eval().requires_grad_(False)

    def follow(self, trained: SharedSpace) -> SharedSpace:
        """Take over trained weights and choose the share of the closed forms; returns the whole space."""
        for side in ("audio", "text"):
            _members(self.space, side)[-1].load_state_dict(getattr(trained, side).state_dict())
        self.space.log_scale.copy_(trained.log_scale)
        self.space.bias.copy_(trained.bias)
        if self.val is not None:
            self.share = self._chosen(self.val)
        for side in ("audio", "text"):
            getattr(self.space, side).weights.copy_(torch.tensor([self.share, 1 - self.share]))
        return self.space

    def _chosen(self, val: PairSet) -> float:
        sides = list(zip(_members(self.space, "text"), _members(self.space, "audio"), strict=True))

        def embedded(words: Head, sound: Head) -> Embeddings:
            return Embeddings(embed(words, val.text).cpu().numpy(), embed(sound, val.audio).cpu().numpy())

        if self._closed is None:  # not before the first epoch: a run that is resumed brings its own
            self._closed = embedded(*sides[0])
        return choose_share(embedded(*sides[-1]), self._closed, val)


def choose_share(trained: Embeddings, closed: Embeddings, val: PairSet, *, usual: float = USUAL_SHARE) -> float:
    """Share of the closed forms, 0 … 1: the usual one, unless another is better on val by more than chance.

    Parameters
    ----------
    trained, closed : texts and tracks of ``val``, of unit length.
    usual : one of ``SHARES``.
    """
    found = tracks_by_share(trained, closed, val, SHARES)
    gain = found - found[SHARES.index(usual)]
    n = gain.shape[1]
    if n < 2:
        return usual
    surely = gain.mean(axis=1) - CLEARLY * gain.std(axis=1, ddof=1) / n**0.5
    best = int(surely.argmax())
    return SHARES[best] if surely[best] > 0 else usual


def _members(space: SharedSpace, side: str) -> list[Head]:
    return list(getattr(space, side).members)


def _late(anchor: Anchor, trained: SharedSpace, side: str) -> HeadSpec:
    return ensemble_spec([kernel_spec(getattr(anchor, side)), getattr(trained, side).spec], own_columns=False)


def _matrix(rows: Rows) -> NDArray[Any]:
    return rows.raw(slice(None)).numpy()
