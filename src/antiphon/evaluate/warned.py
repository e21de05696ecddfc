"""What makes figures less than they seem: the sentences, and what each is about in a few words."""

from __future__ import annotations

import re

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.naming import train_options
from antiphon.evaluate.split_vectors import SplitVectors
from antiphon.library.captions import FEWEST_DESCRIBED
from antiphon.library.next_step import text_for_training
from antiphon.library.pairs import Pairs
from antiphon.library.tracks import Library
from antiphon.metrics.ranks import correct_tracks
from antiphon.metrics.retrieval import chance
from antiphon.printed import counted, reasons_counted

ONLY_MADE = (
    "No person wrote any of these captions: the figures say how well the model repeats its own words, not how well "
    "people find music with it."
)
CAPTIONS = ("test-only-made", "test-few-people")
"""Ids of what is said of who wrote the captions (:func:`about_captions`)."""
SMALL_SPLIT = 50
"""Tracks below which a split gives only a rough idea."""
LEAK = "leak"
SUBJECTS: tuple[tuple[str, str, str], ...] = (
    (r"^No person wrote", CAPTIONS[0], "No person wrote the captions of the test split"),
    (r"^People described only", CAPTIONS[1], "People described few tracks of the test split"),
    (r"tracks were trained on:", LEAK, "Test tracks were trained on"),
    (r"^The library's splits changed", "splits-changed", "The splits changed since this training"),
    (r"^Only [\d,]+ tracks?\b", "small-test", "The test split is small: its figures are coarse"),
    (r"^Left out of the split", "test-left-out", "Some tracks of the test split could not take part"),
    (r"closed forms were fitted on", "test-refitted", "The test figures are of a checkpoint fitted on val too"),
)
"""Of sentences that a result on test may carry: how one is known, an id, and a title."""


def subject(warning: str) -> tuple[str, str]:
    """Id and title of what a sentence of :func:`warnings` is about; one for all that an unknown version wrote.

    Examples
    --------
    >>> subject("Only 9 tracks: one track more or less changes R@1 by 11.1 points.")[0]
    'small-test'
    """
    found = ((name, title) for known, name, title in SUBJECTS if re.search(known, warning))
    return next(found, ("about-test", "About the test figures"))


def warnings(library: Library, bundle: Bundle, vectors: SplitVectors, split: str) -> list[str]:
    """What makes these figures less than they seem, each a sentence."""
    pairs = vectors.pairs
    n = len(pairs.track_ids)
    found = about_captions(pairs.only_made, pairs.few_by_people, n)
    found += _fitted_again(bundle, split)
    if split != "train" and not (split == "val" and bundle.refitted_on_val):
        seen = len(set(pairs.track_ids) & set(bundle.train_ids))
        if seen:
            default = text_for_training(library)
            options = train_options(bundle.run, bundle.encoder, bundle.text_encoder, default_text=default)
            found.append(
                f"{seen} of these {n} {split} tracks were trained on: the library was split anew since. "
                f"These figures are too good; train again (antiphon train {options} --overwrite)."
            )
        elif bundle.split_fingerprint != library.split_fingerprint():
            found.append("The library's splits changed since training, but no track of this split was trained on.")
    if split != "test":
        used = "trained on" if was_fitted_on(bundle, split) else "used to choose the epoch"
        found.append(f"The {split} split was {used}: report the test split.")
    if n < SMALL_SPLIT:
        found.append(
            f"Only {counted(n, 'track')}: one track more or less changes R@1 by {100 / n:.1f} points, "
            f"and R@10 is {_chance(pairs)['R@10']:.0f}% by chance."
        )
    if pairs.left_out:
        why = reasons_counted(pairs.left_out.values())
        found.append(f"Left out of the split: {counted(len(pairs.left_out), 'track')}: {why}.")
    return found


def about_captions(only_made: bool, few_by_people: int, n_tracks: int) -> list[str]:
    """What is to be said of who wrote the captions that were asked; nothing where people did.

    Parameters
    ----------
    only_made : whether no person wrote any of them.
    few_by_people : how many tracks people described, where made captions were asked beside theirs; else 0.
    """
    if only_made:
        return [ONLY_MADE]
    if not few_by_people:
        return []
    return [
        f"People described only {few_by_people} of these {counted(n_tracks, 'track')}, fewer than {FEWEST_DESCRIBED}: "
        "captions that Antiphon made were asked too, and in part the figures say how well the model repeats its words."
    ]


def was_fitted_on(bundle: Bundle, split: str) -> bool:
    """Whether a split's tracks taught the checkpoint, so that its figures there say nothing about other tracks."""
    return split == "train" or (split == "val" and bundle.refitted_on_val > 0)


def _fitted_again(bundle: Bundle, split: str) -> list[str]:
    """What a checkpoint for search has seen of val (:mod:`antiphon.align.ensemble.serving`), where it matters."""
    if not bundle.refitted_on_val:
        return []
    best = f"{bundle.run}_best_r1"
    return {
        "val": [
            f"{bundle.name} was fitted on the val split too: its figures there are training figures, {best} has val's."
        ],
        "test": [
            f"Its closed forms were fitted on {bundle.refitted_on_val} val tracks too, the baselines were not: compare "
            f"{best} with them."
        ],
    }.get(split, [])


def _chance(pairs: Pairs) -> dict[str, float]:
    correct = correct_tracks(pairs.track_of_caption, pairs.text_id, len(pairs.track_ids))
    return chance(len(pairs.track_ids), correct.counts)
