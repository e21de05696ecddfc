"""What training has to beat: closed forms on the same vectors, and the native text tower where an encoder has one.

Closed forms (ridge regression and CCA) are fitted on train with settings chosen on val, never on the split that is
judged. A native text tower is the text side that an audio encoder was made with (``muq`` with ``muq-mulan``, ``clap``
with ``clap-text``): it searches without any training here, given its own vectors of the captions.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Any

import numpy as np

from antiphon import registry
from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.closed_form.kinds import KINDS, ClosedForm, quick_to_fit
from antiphon.arrays import Embeddings, unit_length
from antiphon.encoders._shared.native import TEXT_SIDE, require_known, require_one_space, track_means
from antiphon.errors import AntiphonError, LibraryError
from antiphon.evaluate.split_vectors import Splits, SplitVectors
from antiphon.library.vectors.joined import source_names
from antiphon.metrics.retrieval import Ranked

NATIVE = "native"


@dataclass(frozen=True, kw_only=True, eq=False)
class Baseline:
    """One way to search that nothing was trained for by gradient.

    Parameters
    ----------
    name : ``"ridge"``, ``"cca"``, ``"native"``; ``"muq native"`` where ``muq`` is one of several joined encoders.
    encoder : the audio encoders whose vectors it reads, joined by ``+``.
    audio_dim, dim : numbers in a track's vector there, and in the space where it meets text.
    ranked : ranks of the captions and tracks that were asked for.
    settings : what was chosen on val (``val_mrr`` among it), or which text encoder it is.
    """

    name: str
    encoder: str
    audio_dim: int
    dim: int
    ranked: Ranked
    settings: dict[str, Any]


def title(name: str) -> str:
    """A baseline's name in a sentence: ``"ridge regression"``, ``"the native text tower of muq"``."""
    if name in KINDS:
        return KINDS[name].title
    encoder = name.removesuffix(NATIVE).strip()
    return "the native text tower" + (f" of {encoder}" if encoder else "")


def all_baselines(
    splits: Splits, bundle: Bundle, vectors: SplitVectors, *, quick: bool = False
) -> tuple[list[Baseline], list[str]]:
    """Every baseline of a training on the same captions and tracks.

    Parameters
    ----------
    splits : of the library.
    bundle : the training, which says what vectors it was trained on.
    vectors : which captions and tracks to rank.
    quick : leave closed forms out where fitting them takes more than some seconds.

    Returns
    -------
    The baselines, and why others are not among them: each a sentence with the command that adds it.
    """
    encoder = sources(bundle.encoder)
    towers, notes = native_towers(splits, encoder, vectors)
    n_tracks, size = len(bundle.train_ids), bundle.audio_provenance.layout.size
    if quick and not quick_to_fit(n_tracks, size):
        slow = f"No rows for closed forms: fitting them to {n_tracks:,} tracks of {size:,} numbers takes a while."
        return towers, [f"{slow} To have them: antiphon evaluate {bundle.run} --library {splits.library.root}", *notes]
    return [*closed_forms(splits, encoder, bundle.text_encoder, vectors), *towers], notes


def sources(encoder: str) -> str:
    """The encoders that vectors are joined from, each once: ``"muq,muq+mert"`` → ``"muq+mert"``."""
    return "+".join(dict.fromkeys(source_names(encoder)))


def closed_forms(splits: Splits, encoder: str, text: str, vectors: SplitVectors) -> list[Baseline]:
    """Ridge and CCA; none where the train split has fewer than two tracks with vectors."""
    forms = fit_closed_forms(splits, encoder, text)
    audio = splits.open("audio", encoder).take(list(vectors.pairs.track_ids)) if forms else None
    return [_ranked(name, form, encoder, audio, vectors) for name, form in forms.items()]


def fit_closed_forms(splits: Splits, encoder: str, text: str) -> dict[str, ClosedForm]:
    """Ridge and CCA on the train split, their settings chosen on val (defaults where val is empty).

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
        val = splits.with_audio(encoder, text, "val")
    except LibraryError:
        return {name: kind.fit(train.text, train.audio, train.track_of_caption) for name, kind in KINDS.items()}
    return {name: kind.choose(train, val) for name, kind in KINDS.items()}


def _ranked(name: str, form: ClosedForm, encoder: str, audio: Any, vectors: SplitVectors) -> Baseline:
    text = form.embed_text(vectors.pairs.text)
    return Baseline(
        name=name,
        encoder="+".join(source_names(encoder)),
        audio_dim=audio.shape[1],
        dim=text.shape[1],
        ranked=vectors.ranks_of(Embeddings(text, form.embed_audio(audio))),
        settings={key: value for key, value in form.settings.items() if key != "correlations"},
    )


def native_towers(splits: Splits, encoder: str, vectors: SplitVectors) -> tuple[list[Baseline], list[str]]:
    """The native text tower of each encoder that has one, and why one that should be there is not."""
    found: list[Baseline] = []
    notes: list[str] = []
    sources = source_names(encoder)
    for source in sources:
        if source not in TEXT_SIDE:
            continue
        name = NATIVE if len(sources) == 1 else f"{source} {NATIVE}"
        try:
            found.append(_native(splits, source, name, vectors))
        except AntiphonError as error:
            notes.append(
                f"No row for {title(f'{source} {NATIVE}')} ({TEXT_SIDE[source]}): {error.problem}"
                + (f" To have it: {error.fix}" if error.fix else "")
            )
    return found, notes


def _native(splits: Splits, encoder: str, name: str, vectors: SplitVectors) -> Baseline:
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
    adds = f"antiphon embed --text {tower}{weights} --library {shlex.quote(str(library.root))}"
    if tower not in library.embedded("text"):
        raise LibraryError(f"{library.root} has no {tower} vectors of its captions.", fix=adds)
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
    return Baseline(
        name=name,
        encoder=encoder,
        audio_dim=sound.provenance.layout.size,
        dim=audio.shape[1],
        ranked=vectors.ranks_of(Embeddings(unit_length(text), audio)),
        settings={"text_encoder": tower},
    )
