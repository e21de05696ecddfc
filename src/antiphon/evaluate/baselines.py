"""What training has to beat: closed forms on the same vectors, chosen on val, never on the split that is judged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from antiphon.align.closed_form import ClosedForm, choose_cca, choose_ridge, fit_cca, fit_ridge
from antiphon.errors import LibraryError
from antiphon.evaluate.measured import Space
from antiphon.library.pairs import load_pairs, open_embedding
from antiphon.library.tracks import Library
from antiphon.metrics.retrieval import Ranked, rank_both

NAMES = {"ridge": "ridge regression", "cca": "canonical correlation analysis (CCA)"}


def fit_baselines(root: Path, encoder: str, text: str) -> dict[str, ClosedForm]:
    """Ridge and CCA on the train split, their settings chosen on val (defaults where val is empty).

    Returns
    -------
    By name; empty where the train split has fewer than two tracks with vectors.
    """
    library = Library(root)
    try:
        train = load_pairs(library, encoder, text, "train")
    except LibraryError:
        return {}
    if len(train.track_ids) < 2:
        return {}
    try:
        val = load_pairs(library, encoder, text, "val")
    except LibraryError:
        side = (train.text, train.audio, train.track_of_caption)
        return {"ridge": fit_ridge(*side), "cca": fit_cca(*side)}
    return {"ridge": choose_ridge(train, val), "cca": choose_cca(train, val)}


def rank_baseline(root: Path, form: ClosedForm, encoder: str, space: Space) -> Ranked:
    """Ranks of a closed form over the captions and tracks of a space."""
    pairs = space.pairs
    sound = open_embedding(Library(root), "audio", encoder)
    audio = form.embed_audio(sound.take(list(pairs.track_ids)))
    return rank_both(form.embed_text(pairs.text), audio, pairs.track_of_caption, pairs.text_id)


def settings_of(form: ClosedForm) -> dict[str, Any]:
    """The chosen settings, without the long list of correlations."""
    return {key: value for key, value in form.settings.items() if key != "correlations"}
