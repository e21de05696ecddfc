"""Closed forms beside what is trained, in one shared space.

Small sets favour closed forms, and no validation set of some ten tracks can tell which of them: so several regularised
CCAs are fitted, those that are best on val are kept, and their cosines are averaged. What is trained stands beside
them with a share of its own; the whole is again one vector a side, and its cosine is the weighted mean of the members'
(:mod:`antiphon.align.late_head`). With a share of 1 for the closed forms the checkpoint *is* the closed form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from antiphon.align.closed_form import ClosedForm, cca_family
from antiphon.align.features import Rows
from antiphon.align.heads import Head, HeadSpec
from antiphon.align.measure import PairSet, embed
from antiphon.align.model import SharedSpace
from antiphon.layout import Layout
from antiphon.metrics.retrieval import retrieval

Both = tuple[NDArray[np.float32], NDArray[np.float32]]

FAMILY = tuple((ridge, power) for ridge in (0.3, 1.0, 3.0, 10.0) for power in (1.0, 2.0))
"""Ridge and power of the CCAs that are fitted."""
WITHOUT_VAL = ((1.0, 2.0), (3.0, 2.0), (10.0, 2.0))
"""Those that are kept where there is no val split to choose by."""
KEPT = 5
"""How many are kept: the mean of the best five was as good as the best one on every set, and surer."""
DIMS = 128
USUAL_SHARE = 0.7
SHARES = (USUAL_SHARE, 0.85, 0.5, 0.25, 1.0, 0.0)
"""Shares of the closed forms that are compared on val; the first stands unless another is clearly better."""
CLEARLY = 0.2
"""Spread of one track's gain in reciprocal rank between neighbouring shares: a gain counts above its standard error."""
FLOPS = 5e9
"""Work of a covariance up to which closed forms are fitted without being asked for, about a second."""


@dataclass(frozen=True, kw_only=True)
class Anchor:
    """The closed forms that stand beside what is trained.

    Parameters
    ----------
    forms : CCAs, each an equal part.
    val_mrr : mean-of-directions val MRR of their mean, None without a val split.
    """

    forms: tuple[ClosedForm, ...]
    val_mrr: float | None


def worthwhile(n_tracks: int, size: int) -> bool:
    """Whether closed forms of so many tracks and numbers a track are fitted unasked: they are quick, and they help."""
    return float(n_tracks) * size * min(n_tracks, size) <= FLOPS


def fit_anchor(train: PairSet, val: PairSet | None) -> Anchor:
    """Closed forms of the train split, the best few on val.

    Raises
    ------
    ValueError : fewer than two tracks.
    """
    settings = WITHOUT_VAL if val is None else FAMILY
    forms = cca_family(_matrix(train.text), _matrix(train.audio), train.track_of_caption, settings, dims=DIMS)
    if val is None:
        return Anchor(forms=forms, val_mrr=None)
    text, audio = _matrix(val.text), _matrix(val.audio)
    found = [(form.embed_text(text), form.embed_audio(audio)) for form in forms]
    scores = [mean_mrr(*both, val) for both in found]
    kept = sorted(sorted(range(len(forms)), key=lambda i: -scores[i])[:KEPT])
    together = side_by_side([found[i] for i in kept], [1 / len(kept)] * len(kept))
    return Anchor(forms=tuple(forms[i] for i in kept), val_mrr=mean_mrr(*together, val))


def side_by_side(members: Sequence[Both], weights: Sequence[float]) -> Both:
    """Texts and tracks whose cosine is the weighted mean of the members'; weights sum to 1."""
    roots = [np.float32(weight**0.5) for weight in weights]
    text, audio = (
        np.concatenate([root * both[side] for root, both in zip(roots, members, strict=True)], axis=1)
        for side in (0, 1)
    )
    return text, audio


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
        with torch.random.fork_rng([]):
            self.space = SharedSpace(_late(anchor, trained, "audio"), _late(anchor, trained, "text"))
        for side in ("audio", "text"):
            for member, form in zip(_members(self.space, side)[:-1], anchor.forms, strict=True):
                _fill(member, form, side)
        self.space.to(trained.log_scale.device).eval().requires_grad_(False)

    def follow(self, trained: SharedSpace) -> SharedSpace:
        """Take over trained weights and choose the share of the closed forms; returns the whole space."""
        for side in ("audio", "text"):
            _members(self.space, side)[-1].load_state_dict(getattr(trained, side).state_dict())
        self.space.log_scale.copy_(trained.log_scale)
        self.space.bias.copy_(trained.bias)
        if self.val is not None:
            self.share = self._chosen(self.val)
        parts = len(_members(self.space, "audio")) - 1
        for side in ("audio", "text"):
            weights = torch.tensor([*[self.share / parts] * parts, 1 - self.share])
            getattr(self.space, side).weights.copy_(weights)
        return self.space

    def _chosen(self, val: PairSet) -> float:
        sides = zip(_members(self.space, "text"), _members(self.space, "audio"), strict=True)
        *closed, trained = [
            (embed(words, val.text).cpu().numpy(), embed(sound, val.audio).cpu().numpy()) for words, sound in sides
        ]
        return choose_share(trained, side_by_side(closed, [1 / len(closed)] * len(closed)), val)


def choose_share(trained: Both, closed: Both, val: PairSet) -> float:
    """Share of the closed forms, 0 … 1: the usual one, unless another is better on val by more than chance.

    Parameters
    ----------
    trained, closed : texts and tracks of ``val``, of unit length.
    """
    scores = {share: mean_mrr(*side_by_side([closed, trained], [share, 1 - share]), val) for share in SHARES}
    best = max(SHARES, key=lambda share: scores[share])
    clear = scores[best] - scores[USUAL_SHARE] > CLEARLY / len(val.audio) ** 0.5
    return best if clear else USUAL_SHARE


def _members(space: SharedSpace, side: str) -> list[Head]:
    return list(getattr(space, side).members)


def _late(anchor: Anchor, trained: SharedSpace, side: str) -> HeadSpec:
    last: HeadSpec = getattr(trained, side).spec
    shapes = [getattr(form, f"{side}_weight").shape for form in anchor.forms]
    closed = [HeadSpec(kind="linear", layout=Layout.flat(size), dim=dim, layers="all") for size, dim in shapes]
    members = (*closed, last)
    return HeadSpec(
        kind="late", layout=Layout.flat(last.layout.size), dim=sum(member.dim for member in members), members=members
    )


def _matrix(rows: Rows) -> NDArray[Any]:
    return rows.raw(slice(None)).numpy()


def _fill(head: Head, form: ClosedForm, side: str) -> None:
    mean, scale, weight = (getattr(form, f"{side}_{part}") for part in ("mean", "scale", "weight"))
    head.standardise.fit(mean.astype(np.float64), scale.astype(np.float64))
    with torch.no_grad():
        head.body.weight.copy_(torch.from_numpy(np.ascontiguousarray(weight.T)))  # type: ignore[operator]
        head.body.bias.zero_()  # type: ignore[operator]
