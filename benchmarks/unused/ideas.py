"""The ideas: each takes what may be seen and gives vectors of the test fold, whose dot product ranks.

All stand on the closed forms with the product's hubness correction, the recipe ``fast``; ``base`` is that recipe.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial

import numpy as np

from antiphon.align.closed_form.caption_weights import CaptionWeights
from antiphon.align.hubness.correction import Hubness, crowding
from antiphon.align.hubness.fit import NEIGHBOURS, WEIGHT
from antiphon.arrays import Embeddings, unit_length
from benchmarks.quality.captioned import Captioned
from benchmarks.unused.forms import Forms
from benchmarks.unused.situation import Situation


class Case:
    """A situation with the closed forms of its captioned tracks, fitted once."""

    def __init__(self, given: Situation) -> None:
        self.given = given

    @cached_property
    def forms(self) -> Forms:
        return Forms(self.given.train, self.given.sources, seed=self.given.seed)

    @cached_property
    def reference(self) -> Embeddings:
        return self.forms(self.given.train)

    @cached_property
    def test(self) -> Embeddings:
        return self.forms(self.given.test)

    def pool(self, *, with_test: bool) -> np.ndarray:
        """Sound of tracks without captions."""
        return self.given.heard_in_search if with_test else self.given.heard


def corrected(test: Embeddings, reference: Embeddings, weight: float = WEIGHT) -> Embeddings:
    """Scores by the product's correction."""
    if not weight:
        return test
    hubness = Hubness.from_reference(*reference, weight=weight, neighbours=NEIGHBOURS)
    return Embeddings(hubness.score_texts(test.text), hubness.score_tracks(test.audio))


def fitted_again(case: Case, forms: Forms, train: Captioned | None = None) -> Embeddings:
    """Test by other forms, with their own correction."""
    return corrected(forms(case.given.test), forms(train or case.given.train))


def base(case: Case, *, weight: float = WEIGHT) -> Embeddings:
    return corrected(case.test, case.reference, weight)


def standardised(case: Case, *, with_test: bool) -> Embeddings:
    """Means and spreads of sound from all tracks."""
    given = case.given
    return fitted_again(case, Forms(given.train, given.sources, scaled_by=case.pool(with_test=with_test)))


def spread(case: Case, *, with_test: bool) -> Embeddings:
    """Means and spreads, landmarks and covariance of sound from all tracks."""
    pool = case.pool(with_test=with_test)
    return fitted_again(case, Forms(case.given.train, case.given.sources, scaled_by=pool, spread_by=pool))


def lent(case: Case, *, with_test: bool, neighbours: int, share: float) -> Embeddings:
    """A track without captions learns from those of its nearest captioned tracks, which weigh less than its own would.

    Parameters
    ----------
    share : of a captioned track's weight that it has.
    """
    given, pool = case.given, case.pool(with_test=with_test)
    near = np.argsort(-(case.forms.embed_audio(pool) @ case.reference.audio.T), axis=1)[:, :neighbours]
    own = CaptionWeights.evenly(given.train.track_of_caption, len(given.train.audio))
    rows, tracks, weights = [own.row], [own.track], [own.weight * len(given.train.audio)]
    for number, nearest in enumerate(near):
        texts = np.flatnonzero(np.isin(given.train.track_of_caption, nearest))
        rows.append(texts)
        tracks.append(np.full(len(texts), len(given.train.audio) + number))
        weights.append(np.full(len(texts), share / len(texts)))
    weight = np.concatenate(weights)
    pairs = CaptionWeights(row=np.concatenate(rows), track=np.concatenate(tracks), weight=weight / weight.sum())
    return fitted_again(case, Forms(given.train, given.sources, scaled_by=pool, spread_by=pool, weights=pairs))


def more_tracks_in_bank(case: Case, *, with_test: bool) -> Embeddings:
    """The reference that tells how crowded a text stands holds tracks without captions too."""
    sound = np.concatenate([case.reference.audio, case.forms.embed_audio(case.pool(with_test=with_test))])
    return corrected(case.test, Embeddings(case.reference.text, sound))


def second_bank(case: Case, *, pool: str, weight: float, first_weight: float = WEIGHT) -> Embeddings:
    """A track also loses by how near other tracks are, a text by how near other texts are.

    Parameters
    ----------
    pool : ``train`` for captioned tracks alone, ``heard``, or ``search`` with the test fold's tracks.
    """
    first, audio = corrected(case.test, case.reference, first_weight), case.reference.audio
    if pool != "train":
        audio = np.concatenate([audio, case.forms.embed_audio(case.pool(with_test=pool == "search"))])
    itself = int(pool == "search")
    text, sound = first.text.copy(), first.audio.copy()
    text[:, -1] -= weight * crowding(case.test.text, case.reference.text, NEIGHBOURS)
    sound[:, -2] -= weight * crowding(case.test.audio, audio, NEIGHBOURS + itself)
    return Embeddings(text, sound)


def smoothed(case: Case, *, pool: str, neighbours: int, share: float) -> Embeddings:
    """A track's vector moves towards those of its nearest tracks (database-side augmentation).

    Parameters
    ----------
    pool : ``own`` space or ``shared`` space decides who is near, among all of the library's tracks.
    """
    given = case.given
    others = np.concatenate([given.train.audio, given.heard_in_search])
    mine = np.arange(len(others) - len(given.test.audio), len(others))
    vectors = case.forms.embed_audio(others)
    near = unit_length(case.forms.audio(others)) if pool == "own" else vectors
    alike = near[mine] @ near.T
    alike[np.arange(len(mine)), mine] = -np.inf
    nearest = np.argsort(-alike, axis=1)[:, :neighbours]
    moved = unit_length((1 - share) * vectors[mine] + share * vectors[nearest].mean(axis=1))
    return corrected(Embeddings(case.test.text, moved.astype(np.float32)), case.reference)


def expanded(case: Case, *, with_test: bool, neighbours: int, share: float) -> Embeddings:
    """A text's vector moves towards the tracks that answer it (query expansion)."""
    sound = np.concatenate([case.reference.audio, case.forms.embed_audio(case.pool(with_test=with_test))])
    nearest = np.argsort(-(case.test.text @ sound.T), axis=1)[:, :neighbours]
    moved = unit_length((1 - share) * case.test.text + share * unit_length(sound[nearest].mean(axis=1)))
    return corrected(Embeddings(moved.astype(np.float32), case.test.audio), case.reference)


def refitted(case: Case) -> Embeddings:
    """Fitted on train and val."""
    whole = case.given.with_val
    return fitted_again(case, Forms(whole, case.given.sources, seed=case.given.seed), whole)


IDEAS: dict[str, Callable[[Case], Embeddings]] = {
    "base": base,
    "no hubness correction": partial(base, weight=0.0),
    "refit on train and val": refitted,
    "standardised by all but test": partial(standardised, with_test=False),
    "standardised by all": partial(standardised, with_test=True),
    "covariance of all but test": partial(spread, with_test=False),
    "covariance of all": partial(spread, with_test=True),
    "captions lent, all but test": partial(lent, with_test=False, neighbours=3, share=0.3),
    "bank of all but test": partial(more_tracks_in_bank, with_test=False),
    "bank of all": partial(more_tracks_in_bank, with_test=True),
    "second bank, train, .15": partial(second_bank, pool="train", weight=0.15),
    "second bank, train, .3": partial(second_bank, pool="train", weight=0.3),
    "second bank, train, .5": partial(second_bank, pool="train", weight=0.5),
    "second bank, train, .3, first .15": partial(second_bank, pool="train", weight=0.3, first_weight=0.15),
    "second bank, train, .3, first .5": partial(second_bank, pool="train", weight=0.3, first_weight=0.5),
    "first bank .6": partial(base, weight=0.6),
    "second bank, all but test, .3": partial(second_bank, pool="heard", weight=0.3),
    "second bank, all, .3": partial(second_bank, pool="search", weight=0.3),
    "second bank, all but test, .15": partial(second_bank, pool="heard", weight=0.15),
    "second bank, all, .15": partial(second_bank, pool="search", weight=0.15),
    "tracks smoothed, own space, .2": partial(smoothed, pool="own", neighbours=5, share=0.2),
    "tracks smoothed, shared space, .2": partial(smoothed, pool="shared", neighbours=5, share=0.2),
    "queries expanded by all but test": partial(expanded, with_test=False, neighbours=5, share=0.3),
    "queries expanded by all": partial(expanded, with_test=True, neighbours=5, share=0.3),
}
