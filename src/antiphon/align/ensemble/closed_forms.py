"""Closed forms as a shared space: kernel CCAs, beside linear CCAs or in their place. They are fitted, never trained.

Which of the two a set asks for, and with which shares, a look inside train says
(:mod:`antiphon.align.ensemble.linear.look`). Small sets favour closed forms
(:mod:`antiphon.align.closed_form.kernel_cca`), alone (``epochs = 0``) or as a member of an ensemble with trained heads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from antiphon.align.closed_form.caption_weights import CaptionWeights
from antiphon.align.closed_form.kernel_cca import KernelForm, fit_kernel_cca
from antiphon.align.closed_form.kinds import quick_to_fit
from antiphon.align.config import TrainConfig
from antiphon.align.data.features import Rows
from antiphon.align.data.material import Material
from antiphon.align.data.pair_set import PairSet
from antiphon.align.ensemble.ensemble import Ensemble
from antiphon.align.ensemble.linear.leading import fit_linear_ccas, leading_axes
from antiphon.align.ensemble.linear.linear_space import LinearCCAs
from antiphon.align.ensemble.linear.look import NOT_MEASURED, Look, look
from antiphon.align.ensemble.weights import CLOSED_FORM_WEIGHT
from antiphon.align.heads.kernel_head import KernelHead, fill_kernel_head, kernel_spec
from antiphon.align.model import SharedSpace
from antiphon.align.training.cpu import SMALL_SOLVING, one_blas_thread_if_few
from antiphon.layout import Layout
from antiphon.library.phrases import CaptionPhrases

MOST_TRACKS = 20_000
"""That closed forms are fitted on, at most."""
MOST_NUMBERS = 4e8
"""Of the vectors of these tracks, at most (5,208 of MERT's 76,800 numbers), but for ``FEWEST`` tracks."""
FEWEST = 1000
SEED = 0
ROWS_WITH_PHRASES = 65_536
"""Captions and their different phrases up to which closed forms see phrases: a row takes 9 kB of memory in fitting."""


class ClosedForms(NamedTuple):
    """The space of closed forms, and what the look inside train found that decided on them."""

    space: SharedSpace
    look: Look


@dataclass(frozen=True, kw_only=True)
class FittedForms:
    """Closed forms as they are solved, numpy's numbers, which a thread may find while heads are trained in another.

    Parameters
    ----------
    kernel : kernel CCAs, None where linear CCAs stand alone.
    linear : linear CCAs, None where kernel CCAs stand alone.
    look : what decided on them.
    """

    kernel: KernelForm | None
    linear: LinearCCAs | None
    look: Look

    def closed_forms(self) -> ClosedForms:
        """The same as a shared space. Heads are made, which takes torch's random numbers and gives them back: not
        while another thread draws any."""
        members, weights = [], []
        if self.kernel is not None:
            members.append(_kernel_space(self.kernel))
            weights.append(1 - self.look.share)
        if self.linear is not None:
            members.append(self.linear.space())
            weights.append(self.look.share)
        space = members[0] if len(members) == 1 else Ensemble.from_members(members, weights).space
        return ClosedForms(space, self.look)


def fit_closed_forms(train: PairSet, **about: Any) -> ClosedForms:
    """:func:`solve_closed_forms`, with the same parameters, as a shared space."""
    return solve_closed_forms(train, **about).closed_forms()


def solve_closed_forms(
    train: PairSet,
    *,
    groups: NDArray[np.int64] | None = None,
    sources: Sequence[int] = (),
    layers: Sequence[int] = (),
    text_sources: Sequence[int] = (),
    phrases: CaptionPhrases | None = None,
    phrase_weight: float = 0.0,
    measured: Look | None = None,
) -> FittedForms:
    """Closed forms of the train split, kernel CCAs of :func:`tracks_fitted` of its tracks; val decides nothing here.

    Parameters
    ----------
    groups : (n,) of each track of ``train``; None where each is a group of its own.
    sources, text_sources : numbers of each audio and of each text encoder whose vectors stand side by side, empty for
        one encoder.
    layers : of each audio encoder, or of the one; empty where they are not known.
    phrases : of the captions of ``train``; None for whole captions alone, as beyond ``ROWS_WITH_PHRASES``.
    phrase_weight : 0 … 1, of a caption's weight that goes to its phrases, where it has any.
    measured : what an earlier look found, which is not taken again; None to look inside ``train``.

    Raises
    ------
    ValueError : fewer than two tracks.
    """
    fit = partial(fit_kernel_cca, sources=sources, layers=layers, text_sources=text_sources)
    found, n = measured or NOT_MEASURED, len(train.audio)
    leading = leading_axes(train.audio) if measured is None or found.share > 0 else None
    if measured is None:
        along = None if leading is None else leading.coordinates
        found = look(train, np.arange(n) if groups is None else groups, partial(_kernel_form, fit=fit), along=along)
    kernel = linear = None
    if found.share < 1:
        kernel = _kernel_form(train, phrases, phrase_weight, fit=fit)
    if found.share > 0:
        words, of_words = _weighted(train, phrases, phrase_weight)
        linear = fit_linear_ccas(words, train.audio, of_words, found.settings, leading)
    return FittedForms(kernel=kernel, linear=linear, look=found)


def _kernel_form(
    train: PairSet,
    phrases: CaptionPhrases | None = None,
    phrase_weight: float = 0.0,
    *,
    fit: Callable[..., KernelForm],
) -> KernelForm:
    if (some := tracks_fitted(len(train.audio), train.audio.size)) < len(train.audio):
        train, phrases = train.sample(some, np.random.default_rng([SEED, 0, 7])), None
    words, weights = _weighted(train, phrases, phrase_weight)
    return fit(words, train.audio, weights)


def _weighted(
    train: PairSet, phrases: CaptionPhrases | None, phrase_weight: float
) -> tuple[NDArray[Any], CaptionWeights]:
    """Texts, and what each weighs for which track."""
    words, weights = _matrix(train.text), CaptionWeights.evenly(train.track_of_caption, len(train.audio), train.shares)
    if phrases is not None and len(words) + len(phrases.vectors) <= ROWS_WITH_PHRASES:
        words, weights = np.concatenate([words, phrases.vectors]), weights.with_phrases(phrases, phrase_weight)
    return words, weights


def _kernel_space(form: KernelForm) -> SharedSpace:
    space = SharedSpace(kernel_spec(form.audio), kernel_spec(form.text))
    fill_kernel_head(cast(KernelHead, space.text), form.text)
    fill_kernel_head(cast(KernelHead, space.audio), form.audio)
    return space.eval().requires_grad_(False)


def tracks_fitted(n_tracks: int, size: int) -> int:
    """How many of so many tracks, of so many numbers each, closed forms are fitted on: as many as time is given for."""
    return min(n_tracks, MOST_TRACKS, max(FEWEST, int(MOST_NUMBERS / size)))


@dataclass(frozen=True, kw_only=True)
class FittedOn:
    """What kernel CCAs have seen of a training split; linear CCAs beside them see all of it.

    Parameters
    ----------
    tracks, of_tracks : that they were fitted on, and all.
    numbers, of_numbers : of a track's vector that they look at, and all.
    layers : that these are of, from 0, where one encoder has several; else empty.
    n_layers : of that encoder.
    """

    tracks: int
    of_tracks: int
    numbers: int
    of_numbers: int
    layers: tuple[int, ...] = ()
    n_layers: int = 0

    def lines(self) -> list[str]:
        """A sentence, where it is not everything."""
        of_what = f"{self.numbers:,} of {self.of_numbers:,} numbers"
        if self.layers:
            of_what = f"{len(self.layers)} of {self.n_layers} layers ({', '.join(map(str, self.layers))})"
        said = []
        if self.tracks < self.of_tracks:
            said.append(f"learned from {self.tracks:,} of {self.of_tracks:,} tracks, to keep their time short")
        if self.numbers < self.of_numbers:
            said.append(f"look at {of_what}, those that captions tell something about")
        return [f"Kernel CCAs {' and '.join(said)}."] if said else []


def fitted_on(space: SharedSpace, layout: Layout, n_tracks: int) -> FittedOn | None:
    """What the kernel CCAs in ``space`` have seen of so many tracks of this layout; None where it has none."""
    head = next((part for part in space.audio.modules() if isinstance(part, KernelHead)), None)
    if head is None:
        return None
    width = layout.dims * layout.statistics
    several = layout.layers > 1 and head.spec.blocks
    return FittedOn(
        tracks=tracks_fitted(n_tracks, layout.size),
        of_tracks=n_tracks,
        numbers=head.standardise.size,
        of_numbers=layout.size,
        layers=tuple(sorted({start // width for start, _, _ in head.spec.blocks})) if several else (),
        n_layers=layout.layers,
    )


def closed_forms_of(material: Material, config: TrainConfig, measured: Look | None = None) -> ClosedForms:
    """The closed forms of the material's training pairs; ``measured`` as for :func:`solve_closed_forms`."""
    return forms_of(material, config, measured).closed_forms()


def forms_of(material: Material, config: TrainConfig, measured: Look | None = None) -> FittedForms:
    """:func:`closed_forms_of` the material before they are a shared space."""
    audio, text = material.audio_provenance.layout, material.text_provenance.layout
    with one_blas_thread_if_few(_texts(material)):
        return solve_closed_forms(
            material.train,
            groups=material.train_groups,
            sources=[source.size for source in audio.sources],
            layers=[source.layers for source in audio.sources or (audio,)],
            text_sources=[source.size for source in text.sources],
            phrases=material.phrases,
            phrase_weight=config.caption_phrases or 0.0,
            measured=measured,
        )


def take_little_time(material: Material) -> bool:
    """Whether closed forms of the material are solved in some seconds, by numpy on one thread."""
    quick = quick_to_fit(len(material.train_ids), material.train.audio.size)
    return quick and _texts(material) <= SMALL_SOLVING


def _texts(material: Material) -> int:
    return len(material.train.text) + (0 if material.phrases is None else len(material.phrases.vectors))


class SolvedForms(NamedTuple):
    """What stands beside heads.

    Parameters
    ----------
    closed_forms : stay as they are.
    mrr : mean-of-directions val MRR of the closed forms alone, None without a val split.
    look : what the look inside train found; None where a checkpoint that goes on does not say.
    """

    closed_forms: SharedSpace
    mrr: float | None
    look: Look | None


class BesideClosedForms:
    """What a training with closed forms delivers (:class:`antiphon.align.training.results.product.Product`).

    Parameters
    ----------
    given : asked once, when something is first wanted of it: closed forms may be solved while the first steps are made.
    trained : what the loop trains; taken over by :meth:`update`.
    """

    adapter = None

    def __init__(self, given: Callable[[], SolvedForms], trained: SharedSpace) -> None:
        self._ask, self._trained = given, trained

    @cached_property
    def _given(self) -> SolvedForms:
        return self._ask()

    @cached_property
    def _ensemble(self) -> Ensemble:
        weight, device = CLOSED_FORM_WEIGHT.value, self._trained.log_scale.device
        return Ensemble.from_members([self._given.closed_forms.to(device), self._trained], [weight, 1 - weight])

    @property
    def space(self) -> SharedSpace:
        """Closed forms and heads as one."""
        return self._ensemble.space

    @property
    def figures(self) -> dict[str, Any]:
        """The closed forms' val MRR alone, their weight until val is asked, and what the look inside train found."""
        weight = {CLOSED_FORM_WEIGHT.name: CLOSED_FORM_WEIGHT.value}
        look = {} if self._given.look is None else self._given.look.figures
        return {"closed_form_val_MRR": self._given.mrr, **weight, **look}

    def update(self) -> None:
        """Take over what has been trained."""
        self._ensemble.update(1, self._trained)


def _matrix(rows: Rows) -> NDArray[Any]:
    return rows.raw(slice(None)).numpy()
