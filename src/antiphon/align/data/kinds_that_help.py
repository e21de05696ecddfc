"""Which kinds of captions a training learns from: a quick look inside the training split, never at val or test.

Captions that Antiphon made lift a small or free-text set a great deal and are worthless beside hundreds of tag lists
(``docs/experiments/caption-kinds.md``). Which of the two a library is, its own captions say: tracks that people
described are held out in grouped folds, closed forms are fitted with and without the made captions on the rest, and
people's captions of the tracks that were held out are the queries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from antiphon.align.closed_form.caption_weights import CaptionWeights
from antiphon.align.closed_form.kernel_cca import KernelForm, fit_kernel_cca
from antiphon.align.data.caption_kinds import caption_shares
from antiphon.align.data.pair_set import PairSet
from antiphon.library.captions import KINDS
from antiphon.metrics.retrieval import rank_both

Index = NDArray[np.int64]

FEW = 40
"""Tracks with captions by people below which nothing is measured, and all kinds take part: ten a fold tell nothing."""
MOST = 2_000
"""Tracks that a look is taken at, and as many others that have made captions alone; a fit takes about two seconds."""
MOST_NUMBERS = 4e7
"""Of the vectors of these tracks, at most: 520 tracks of MERT's 76,800 numbers."""
FOLDS = 4


@dataclass(frozen=True, kw_only=True)
class KindsChosen:
    """What takes part in a training, and why.

    Parameters
    ----------
    kinds : best first.
    tracks : with captions by people.
    gains : kinds joined by + → mean gain in MRR (0 … 1) over people's captions alone, where it was measured.
    """

    kinds: tuple[str, ...]
    tracks: int
    gains: dict[str, float]

    @property
    def name(self) -> str:
        """As the setting ``caption_kinds`` writes them."""
        return "+".join(self.kinds)


def choose_kinds(
    pairs: PairSet,
    kinds: NDArray[np.object_],
    groups: Index,
    *,
    sources: tuple[int, ...] = (),
    layers: tuple[int, ...] = (),
    text_sources: tuple[int, ...] = (),
    seed: int = 0,
) -> KindsChosen:
    """Kinds to learn from.

    Parameters
    ----------
    pairs : of the training split, with captions of all kinds.
    kinds : (m,) of each caption.
    groups : (n,) number of each track's group; a group is held out as a whole.
    sources, text_sources : numbers of each audio and of each text encoder whose vectors stand side by side, empty for
        one encoder.
    layers : of each audio encoder, or of the one; empty where they are not known.
    seed : of folds, and of what is looked at in a large set.
    """
    there = tuple(kind for kind in KINDS if kind in kinds)
    written = np.unique(pairs.track_of_caption[kinds == "human"])
    if len(there) == 1 or len(written) < FEW or len(np.unique(groups[written])) < FOLDS:
        return KindsChosen(kinds=there, tracks=len(written), gains={})
    made = there[1:]
    tried = [("human", *some) for some in ([made] if len(made) == 1 else [made, *((kind,) for kind in made)])]
    fit = partial(fit_kernel_cca, sources=sources, layers=layers, text_sources=text_sources)
    look = _Look(pairs, kinds, groups, fit, seed)
    alone = look.reciprocal_ranks(("human",))
    gains = {"+".join(some): float((look.reciprocal_ranks(some) - alone).mean()) for some in tried}
    best = max(gains, key=gains.__getitem__)
    chosen = tuple(best.split("+")) if gains[best] > 0 else ("human",)
    return KindsChosen(kinds=chosen, tracks=len(written), gains=gains)


class _Look:
    """Folds over tracks that people described."""

    def __init__(
        self, pairs: PairSet, kinds: NDArray[np.object_], groups: Index, fit: Callable[..., KernelForm], seed: int
    ) -> None:
        rng = np.random.default_rng([seed, 0, 5])
        self._pairs, self._kinds, self._fit = pairs, kinds, fit
        described = np.zeros(len(pairs.audio), bool)
        described[pairs.track_of_caption[kinds == "human"]] = True
        most = min(MOST, max(FEW, int(MOST_NUMBERS / pairs.audio.size)))
        some = [np.sort(rng.permutation(np.flatnonzero(of))[:most]) for of in (described, ~described)]
        self._described, self._looked_at = some[0], np.sort(np.concatenate(some))
        fold_of_group = rng.permutation(int(groups.max()) + 1) % FOLDS
        self._fold = fold_of_group[groups]
        self._text = pairs.text.raw(slice(None)).numpy()

    def reciprocal_ranks(self, kinds: tuple[str, ...]) -> NDArray[np.float64]:
        """Mean of both directions' 1/rank of each held-out caption, when learned from captions of these kinds."""
        return np.concatenate([self._of_fold(fold, kinds) for fold in self._folds()])

    def _folds(self) -> Iterator[int]:
        return (f for f in range(FOLDS) if np.isin(self._fold[self._described], f).sum() > 1)

    def _of_fold(self, fold: int, kinds: tuple[str, ...]) -> NDArray[np.float64]:
        learned, asked = (
            self._captions(tracks, of)
            for tracks, of in (
                (self._looked_at[self._fold[self._looked_at] != fold], kinds),
                (self._described[self._fold[self._described] == fold], ("human",)),
            )
        )
        rows, owner, tracks = learned
        shares = caption_shares(owner, self._kinds[rows])
        weights = CaptionWeights.evenly(owner, len(tracks), shares)
        form = self._fit(self._text[rows], self._pairs.audio.subset(tracks), weights)
        rows, owner, tracks = asked
        text, audio = form.embed_text(self._text[rows]), form.embed_audio(self._pairs.audio.raw(tracks).numpy())
        ranked = rank_both(text, audio, owner, self._pairs.text_id[rows])
        return np.asarray((1 / ranked["t2a"] + (1 / ranked["a2t"])[owner]) / 2, np.float64)

    def _captions(self, tracks: Index, kinds: tuple[str, ...]) -> tuple[Index, Index, Index]:
        """Captions of these kinds of some tracks: their rows, the place of each track, and the tracks with any."""
        rows = np.flatnonzero(np.isin(self._pairs.track_of_caption, tracks) & np.isin(self._kinds, kinds))
        found, owner = np.unique(self._pairs.track_of_caption[rows], return_inverse=True)
        return rows, owner.astype(np.int64), found
