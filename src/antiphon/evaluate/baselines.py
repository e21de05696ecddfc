"""What training has to beat: closed forms on the same vectors, and the native text tower where an encoder has one.

Closed forms (ridge regression and CCA) are fitted on train with settings chosen on val, never on the split that is
judged. A native text tower is the text side that an audio encoder was made with (``muq`` with ``muq-mulan``, ``clap``
with ``clap-text``): it searches without any training here, given its own vectors of the captions.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from antiphon import registry
from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.closed_form.kinds import KINDS, ClosedForm, quick_to_fit
from antiphon.align.closed_form.linear_form import Axes
from antiphon.align.training.cpu import one_blas_thread_if_few
from antiphon.arrays import Embeddings, unit_length
from antiphon.encoders._shared.native import TEXT_SIDE, require_known, require_one_space, track_means
from antiphon.errors import AntiphonError, LibraryError
from antiphon.evaluate.review.counted import ranks_with_judgements
from antiphon.evaluate.split_vectors import Splits, SplitVectors
from antiphon.library.commands import as_typed, command
from antiphon.library.judgements.apply import JudgedPairs
from antiphon.library.vectors.joined import source_names
from antiphon.metrics.retrieval import QuerySubset, Ranked

NATIVE = "native"
EVERY_QUERY_UP_TO = 10**8
"""Scores, that is captions × tracks, of a split up to which baselines are asked every query: a second or two each."""
ASKED = 2_500
"""Tracks that are drawn for them beyond that."""
CHOSEN_ON = 2_000
"""Tracks of val that choose among a hundred settings of closed forms, unless every query is wanted."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Baseline:
    """One way to search that nothing was trained for by gradient.

    Parameters
    ----------
    name : ``"ridge"``, ``"cca"``, ``"native"``; ``"muq native"`` where ``muq`` is one of several joined encoders.
    encoder : the audio encoders whose vectors it reads, joined by ``+``.
    audio_dim, dim : numbers in a track's vector there, and in the space where it meets text (None: not the same in all
        folds).
    ranked : ranks of the captions and tracks that were asked for.
    judged : the same with what people judged, where :class:`Effort` says so.
    settings : what was chosen on val (``val_mrr`` and ``val_tracks`` among it), or which text encoder it is.
    """

    name: str
    encoder: str
    audio_dim: int
    dim: int | None
    ranked: Ranked
    settings: dict[str, Any]
    judged: Ranked | None = None


def title(name: str) -> str:
    """A baseline's name in a sentence: ``"ridge regression"``, ``"the native text tower of muq"``."""
    if name in KINDS:
        return KINDS[name].title
    encoder = name.removesuffix(NATIVE).strip()
    return "the native text tower" + (f" of {encoder}" if encoder else "")


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How much of a large library baselines are judged on.

    Parameters
    ----------
    asked : the queries that they are asked; None for all.
    chosen_on : tracks of val at most that settings are chosen on; None for all.
    judged : pairs that people judged, to rank all queries by as well; None where that is not wanted.
    """

    asked: QuerySubset | None = None
    chosen_on: int | None = None
    judged: JudgedPairs | None = None

    @classmethod
    def sensible(cls, vectors: SplitVectors, *, every_query: bool) -> Effort:
        """All queries of a split of usual size, or where ``every_query`` is wanted; else a sample, always the same."""
        if every_query:
            return cls()
        pairs, n = vectors.pairs, len(vectors.pairs.track_ids)
        if n <= ASKED or len(pairs.caption_ids) * n <= EVERY_QUERY_UP_TO:
            return cls(chosen_on=CHOSEN_ON)
        drawn = np.zeros(n, dtype=np.bool_)
        drawn[np.random.default_rng(0).choice(n, ASKED, replace=False)] = True
        return cls(asked=QuerySubset.from_tracks(drawn, pairs.track_of_caption), chosen_on=CHOSEN_ON)

    def remarks(self, splits: Splits, found: Sequence[Baseline], command: str) -> list[str]:
        """What of the library these baselines did not see, and the ``command`` that shows it to them."""
        said = []
        if self.asked is not None and found:
            said.append(
                f"Baselines were asked for {int(self.asked.tracks.sum()):,} of the {len(self.asked.tracks):,} tracks, "
                "drawn at random, with all tracks and captions as answers; gains over them are on these queries."
            )
        said += self.chosen(splits, found)
        return [f"{' '.join(said)} With all of them: {command}"] if said else []

    def chosen(self, splits: Splits, found: Sequence[Baseline]) -> list[str]:
        """A sentence where settings of these baselines were chosen on some of val."""
        n_val, most = len(splits.library.tracks_in("val")), self.chosen_on or 0
        if n_val <= most or not any(each.settings.get("val_tracks") == self.chosen_on for each in found):
            return []
        return [f"Settings of closed forms were chosen on {most:,} of the {n_val:,} val tracks."]


def all_baselines(
    splits: Splits,
    bundle: Bundle,
    vectors: SplitVectors,
    *,
    quick: bool = False,
    effort: Effort | None = None,
) -> tuple[list[Baseline], list[str]]:
    """Every baseline of a training on the same captions and tracks.

    Parameters
    ----------
    splits : of the library.
    bundle : the training, which says what vectors it was trained on.
    vectors : which captions and tracks to rank.
    quick : leave closed forms out where fitting them takes more than some seconds.
    effort : None for all queries, and settings chosen on all of val.

    Returns
    -------
    The baselines, and why others are not among them: each a sentence with the command that adds it.
    """
    effort = effort or Effort()
    encoder = sources(bundle.encoder)
    towers, notes = native_towers(splits, encoder, vectors, effort)
    n_tracks, size = len(bundle.train_ids), bundle.audio_provenance.layout.size
    if quick and not quick_to_fit(n_tracks, size):
        slow = f"No rows for closed forms: fitting them to {n_tracks:,} tracks of {size:,} numbers takes a while."
        return towers, [f"{slow} To have them: {command(f'evaluate {bundle.run}', splits.library.root)}", *notes]
    return [*closed_forms(splits, encoder, bundle.text_encoder, vectors, effort), *towers], notes


def sources(encoder: str) -> str:
    """The encoders that vectors are joined from, each once: ``"muq,muq+mert"`` → ``"muq+mert"``."""
    return "+".join(dict.fromkeys(source_names(encoder)))


def closed_forms(
    splits: Splits,
    encoder: str,
    text: str,
    vectors: SplitVectors,
    effort: Effort | None = None,
    *,
    best_alone: bool = False,
) -> list[Baseline]:
    """Ridge and CCA; none where the train split has fewer than two tracks with vectors.

    Parameters
    ----------
    best_alone : rank only the one that is best on val, the first where there is no val.
    """
    effort = effort or Effort()
    forms = fit_linear_baselines(splits, encoder, text, chosen_on=effort.chosen_on)
    if best_alone and forms:
        best = max(forms, key=lambda name: forms[name].settings.get("val_mrr", 0.0))
        forms = {best: forms[best]}
    audio = splits.open("audio", encoder).take(list(vectors.pairs.track_ids)) if forms else None
    return [_ranked(name, form, encoder, audio, vectors, effort) for name, form in forms.items()]


def fit_linear_baselines(
    splits: Splits, encoder: str, text: str, *, chosen_on: int | None = None
) -> dict[str, ClosedForm]:
    """Ridge and CCA on the train split, their settings chosen on val (defaults where val is empty).

    Parameters
    ----------
    chosen_on : tracks of val at most, drawn at random; None for all.

    Returns
    -------
    By name; empty where the train split has fewer than two tracks with vectors.
    """
    try:
        train = splits.with_audio(encoder, text, "train")
    except LibraryError:
        return {}
    if len(train.track_ids) < 2:
        return {}
    try:
        every = splits.pairs(encoder, text, "val")
    except LibraryError:
        return {name: kind.fit(train.text, train.audio, train.track_of_caption) for name, kind in KINDS.items()}
    val = every.sample(chosen_on or len(every.track_ids))
    val = replace(val, audio=splits.open("audio", encoder).take(list(val.track_ids)))
    with one_blas_thread_if_few(len(train.caption_ids)):
        axes = Axes.from_pairs(train.text, train.audio, train.track_of_caption)
        return {name: kind.choose(train, val, axes=axes) for name, kind in KINDS.items()}


def _ranked(name: str, form: ClosedForm, encoder: str, audio: Any, vectors: SplitVectors, effort: Effort) -> Baseline:
    text = form.embed_text(vectors.pairs.text)
    ranked, judged = _ranks(Embeddings(text, form.embed_audio(audio)), vectors, effort)
    return Baseline(
        name=name,
        encoder="+".join(source_names(encoder)),
        audio_dim=audio.shape[1],
        dim=text.shape[1],
        ranked=ranked,
        settings={key: value for key, value in form.settings.items() if key != "correlations"},
        judged=judged,
    )


def _ranks(embedded: Embeddings, vectors: SplitVectors, effort: Effort) -> tuple[Ranked, Ranked | None]:
    """Of the captions and tracks in another space; with judgements, too, where that is wanted."""
    judged = None
    if effort.judged is not None:
        there = replace(vectors, text=embedded.text, audio=embedded.audio)
        judged = ranks_with_judgements(there, effort.judged)
    return vectors.ranks_of(embedded, effort.asked), judged


def native_towers(
    splits: Splits, encoder: str, vectors: SplitVectors, effort: Effort | None = None
) -> tuple[list[Baseline], list[str]]:
    """The native text tower of each encoder that has one, and why one that should be there is not."""
    found: list[Baseline] = []
    notes: list[str] = []
    sources = source_names(encoder)
    for source in sources:
        if source not in TEXT_SIDE:
            continue
        name = NATIVE if len(sources) == 1 else f"{source} {NATIVE}"
        try:
            found.append(_native(splits, source, name, vectors, effort or Effort()))
        except AntiphonError as error:
            notes.append(
                f"No row for {title(f'{source} {NATIVE}')} ({TEXT_SIDE[source]}): {error.problem}"
                + (f" To have it: {error.fix}" if error.fix else "")
            )
    return found, notes


def _native(splits: Splits, encoder: str, name: str, vectors: SplitVectors, effort: Effort) -> Baseline:
    """Mean of a track's windows against the text tower's own caption vectors.

    Raises
    ------
    LibraryError : the tower's vectors of these captions are missing.
    EmbeddingError : audio and captions were not embedded by one model.
    """
    library, tower, pairs = splits.library, TEXT_SIDE[encoder], vectors.pairs
    sound = splits.open("audio", encoder)
    require_known(sound.provenance)
    source = sound.provenance.source
    weights = f" --weights {shlex.quote(source)}" if source != registry.find(tower, "text").card.hub_id else ""
    adds = command(f"embed --text {tower}{weights}", library.root)
    if tower not in library.embedded("text"):
        raise LibraryError(f"{as_typed(library.root)} has no {tower} vectors of its captions.", fix=adds)
    words = splits.open("text", tower)
    require_one_space(sound.provenance, words.provenance)
    missing = sum(caption not in words.row_of for caption in pairs.caption_ids)
    if missing:
        raise LibraryError(
            f"{missing} of these {len(pairs.caption_ids)} captions have no {tower} vector.",
            fix=adds,
        )
    text = words.take(list(pairs.caption_ids)).astype(np.float32)
    audio = track_means(sound.take(list(pairs.track_ids)).astype(np.float32), sound.provenance.layout)
    ranked, judged = _ranks(Embeddings(unit_length(text), audio), vectors, effort)
    return Baseline(
        name=name,
        encoder=encoder,
        audio_dim=sound.provenance.layout.size,
        dim=audio.shape[1],
        ranked=ranked,
        settings={"text_encoder": tower},
        judged=judged,
    )
