"""Whether linear CCAs belong beside kernel CCAs, and with which settings: a look inside train, never at val or test.

Kernel CCAs carry what is curved and what a few numbers of many tell; where text and sound are related by plain
directions, a linear CCA with the right ridge and power is better, at times by far. Which of the two a set is, its own
tracks say: groups are held out in folds, both forms are fitted on the rest, and captions of held-out tracks are the
queries. What is found in a small set depends on how its groups fell into folds, so they are dealt again there. Some
hundred queries cannot tell the best settings from the next ones, so the ``AVERAGED`` best are kept and their cosines
averaged. They get the share that is best there, less 1.5 standard errors of the gain: a mixture varies less than a
change of sides, so a gain that is hardly sure gives a mixture (``docs/experiments/sizes.md``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from antiphon.align.closed_form.caption_weights import CaptionWeights
from antiphon.align.closed_form.kinds import ClosedForm
from antiphon.align.closed_form.linear_cca import Settings, each_cca
from antiphon.align.closed_form.linear_form import Axes
from antiphon.align.data.features import Rows
from antiphon.align.data.pair_set import PairSet
from antiphon.align.ensemble.ensemble import joined
from antiphon.arrays import Embeddings
from antiphon.metrics.correct import Correct
from antiphon.metrics.ranks import ranks_both_ways
from antiphon.metrics.retrieval import answers

Index = NDArray[np.int64]
Float = NDArray[np.floating]
Mask = NDArray[np.bool_]

FEWEST = 40
"""Tracks below which nothing is measured, and kernel CCAs stand alone: ten a fold tell nothing."""
FOLDS, HELD = 4, 600
"""Folds, more of them where one would hold twice as many tracks as ``HELD``: the rest is learned from."""
ASKED = 550
"""Held-out tracks after which no further fold is fitted: of 360, one of two draws hid a gain of .03. Of vectors seen
along leading axes one fold is fitted."""
DEALS = 3
"""Times that groups are dealt to folds, at most, where one deal holds fewer tracks than ``ASKED``."""
MOST = 2_000
"""Tracks up to which a look is taken at all, beyond twice as many at half of them: linear CCAs gain more by many
tracks than kernel CCAs do, whose landmarks are so many and no more."""
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
DIMS, POWERS = (32, 64, 128), (0.0, 0.5, 1.0, 2.0)
AVERAGED = 5
"""Linear CCAs that are kept."""
STANDARD_ERRORS = 1.5
"""That are taken off each share's gain before the shares are compared: the settings were chosen on the same queries."""


SHARE, KEPT = "linear_cca_share", "linear_cca_settings"
"""Names of what was found in a checkpoint's ``val``."""


class Look(NamedTuple):
    """What linear CCAs are worth.

    Parameters
    ----------
    share : of the linear CCAs in the closed forms' cosine, 0 … 1.
    settings : of the linear CCAs, whose cosines are averaged; none where nothing was measured, and kernel CCAs stand
        alone.
    """

    share: float
    settings: tuple[Settings, ...]

    @property
    def figures(self) -> dict[str, Any]:
        """For a checkpoint's ``val``; the share is None where nothing was measured."""
        if not self.settings:
            return {SHARE: None}
        return {SHARE: self.share, KEPT: [each._asdict() for each in self.settings]}

    @classmethod
    def from_figures(cls, val: Mapping[str, Any]) -> Look | None:
        """Inverse of :attr:`figures`; None for a checkpoint of a version that did not keep them."""
        if SHARE not in val:
            return None
        if val[SHARE] is None:
            return NOT_MEASURED
        if KEPT not in val:  # of a version that kept one, its settings beside the share
            return cls(val[SHARE], (Settings(**{key: val[f"linear_cca_{key}"] for key in Settings._fields}),))
        return cls(val[SHARE], tuple(Settings(**each) for each in val[KEPT]))


NOT_MEASURED = Look(0.0, ())


@dataclass(frozen=True, kw_only=True)
class _Fold:
    """A held-out part: what is asked there, and how each form embeds it.

    Parameters
    ----------
    owner, clusters : (m,) track of each caption, and that track's group.
    correct : tracks of each caption, captions of each track.
    """

    owner: Index
    clusters: Index
    correct: tuple[Correct, Correct]
    kernel: Embeddings
    linear: dict[Settings, Embeddings]


def look(
    train: PairSet,
    groups: Index,
    fit: Callable[[PairSet], ClosedForm],
    *,
    along: Rows | None = None,
    seed: int = 0,
) -> Look:
    """The share and the settings of linear CCAs beside what ``fit`` fits; not measured where tracks are too few.

    Parameters
    ----------
    groups : (n,) of each track; a group is held out as a whole.
    fit : kernel CCAs of some of the tracks.
    along : (n, r) the tracks of ``train`` along their leading axes, where linear CCAs are solved on these; else None.
    seed : of folds, and of what is looked at in a large set.
    """
    rng = np.random.default_rng([seed, 0, 6])
    n = len(train.audio)
    tracks = np.sort(rng.permutation(n)[: max(MOST, n // 2)])
    folds = max(FOLDS, len(tracks) // HELD)
    deals = [(rng.permutation(int(groups.max()) + 1) % folds)[groups] for _ in range(DEALS)]
    held = [fold == k for fold in deals for k in range(folds)]
    if len(tracks) < FEWEST or min(len(np.unique(groups[out])) for out in held) < 2:
        return NOT_MEASURED
    found = list(_folds(train, groups, tracks, held, fit, along))
    settings = sorted(_different(found), key=lambda each: -_asked(found, [each], 1.0).mean())[:AVERAGED]
    by_share = np.stack([_asked(found, settings, share) for share in SHARES])
    clusters = np.concatenate([each.clusters for each in found])
    return Look(best_share(by_share, clusters), tuple(settings))


def best_share(by_share: Float, clusters: Index) -> float:
    """The share of the highest gain over none, less ``STANDARD_ERRORS`` standard errors over clusters.

    Parameters
    ----------
    by_share : (shares, q) what each query comes to with each of ``SHARES``.
    clusters : (q,) queries of one cluster vary together.
    """
    gain = by_share - by_share[0]
    mean = gain.mean(axis=1)
    _, cluster = np.unique(clusters, return_inverse=True)
    sums = np.stack([np.bincount(cluster, own - own.mean()) for own in gain])
    return SHARES[int((mean - STANDARD_ERRORS * np.sqrt(np.square(sums).sum(axis=1)) / gain.shape[1]).argmax())]


def _folds(
    train: PairSet,
    groups: Index,
    tracks: Index,
    parts: Sequence[Mask],
    fit: Callable[[PairSet], ClosedForm],
    along: Rows | None,
) -> Iterator[_Fold]:
    asked = 0
    for out in (part[tracks] for part in parts):
        if asked >= (ASKED if along is None else 1):  # kernel CCAs of a fold of wide vectors take seconds
            return
        learned, held = train.only(tracks[~out]), train.only(tracks[out])
        asked += len(held.audio)
        text, audio = (side.raw(slice(None)).numpy() for side in (held.text, held.audio))
        form = fit(learned)
        sound = audio if along is None else along.raw(tracks[out]).numpy()
        axes = axes_of(learned, None if along is None else along.subset(tracks[~out]))
        yield _Fold(
            owner=held.track_of_caption,
            clusters=groups[tracks[out]][held.track_of_caption],
            correct=answers(held.track_of_caption, held.text_id, len(held.audio)),
            kernel=Embeddings(form.embed_text(text), form.embed_audio(audio)),
            linear=dict(each_cca(axes, text, sound, dims=DIMS, powers=POWERS)),
        )


def _different(folds: list[_Fold]) -> Iterator[Settings]:
    """The settings tried, but those of more dimensions than data with few directions fill in any fold."""
    smaller = dict(zip(DIMS, (0, *DIMS), strict=False))
    for settings in folds[0].linear:
        if any(fold.linear[settings].audio.shape[1] > smaller[settings.dims] for fold in folds):
            yield settings


def axes_of(pairs: PairSet, along: Rows | None = None) -> Axes:
    """What linear closed forms of whole captions are solved from; ``along`` as for :func:`look`, of these tracks."""
    weights = CaptionWeights.evenly(pairs.track_of_caption, len(pairs.audio), pairs.shares)
    text, audio = (side.raw(slice(None)).numpy() for side in (pairs.text, along or pairs.audio))
    return Axes.from_weights(text, audio, weights, standardise=along is None)


def _asked(folds: list[_Fold], settings: Sequence[Settings], share: float) -> NDArray[np.float64]:
    """Mean of both directions' 1/rank of every held-out caption, where linear CCAs of these settings have a share."""
    weights = [1 - share, *[share / len(settings)] * len(settings)]
    kept, found = [place for place, weight in enumerate(weights) if weight], []
    for fold in folds:
        members = [fold.kernel, *(fold.linear[each] for each in settings)]
        text, audio = joined([members[place] for place in kept], [weights[place] for place in kept])
        t2a, a2t = ranks_both_ways(text, audio, *fold.correct)
        found.append((1 / t2a + (1 / a2t)[fold.owner]) / 2)
    return np.concatenate(found)
