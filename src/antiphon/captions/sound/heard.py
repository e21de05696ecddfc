"""What encoders have heard in each track of a library, as phrases, what stands out most first.

The words of a tagger speak where there are any, the traits of the signal encoders for tracks without. Both in one
caption are worth less: traits dilute what tells tracks apart (docs/experiments/traits-in-captions.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antiphon.captions.phrases import Phrase, limited
from antiphon.captions.report import Missing
from antiphon.captions.sound.reference import TRAITS, tag_reference
from antiphon.captions.sound.standing_out import blended, moments, quartiles, standardised
from antiphon.captions.sound.traits import read_traits
from antiphon.captions.sound.vocabulary import word_strengths
from antiphon.errors import EmbeddingError, LibraryError
from antiphon.library.next_step import command, tried
from antiphon.library.tag_strengths import TagStrengths, has_tags, read_sound_tags
from antiphon.library.tracks import Library

TAGGER = "musicnn"
"""The encoder that is asked for where no encoder's vectors have tags."""
WORDS = 6
"""Words of the tagger that a track gets."""
LEAST = 0.3
"""Standard deviations from which a word stands out at all."""
THIRD = 0.43
"""Standard deviations beyond which the outer thirds of a normal distribution lie."""


@dataclass(frozen=True, kw_only=True)
class HeardPhrases:
    """What is known of the tracks from their sound.

    Parameters
    ----------
    tracks : track id → phrases; without tracks of which nothing is known.
    missing : what more would need.
    """

    tracks: Mapping[str, Sequence[Phrase]]
    missing: tuple[Missing, ...] = ()


def heard_phrases(library: Library) -> HeardPhrases:
    """Words from tags, or else from traits, of all tracks that have vectors."""
    words, missing = _words(library)
    traits = _traits(library)
    ids = [track_id for track_id in library.column("track_id").tolist() if track_id in words or track_id in traits]
    found = {track_id: limited(words.get(track_id) or traits.get(track_id) or ()) for track_id in ids}
    return HeardPhrases(tracks=found, missing=(*missing, *_without(library, found)))


def _words(library: Library) -> tuple[dict[str, list[Phrase]], tuple[Missing, ...]]:
    """The words of the tagger, those that stand out most first; and what is missing where there are none."""
    get = command(f"embed --encoder {TAGGER}", library.root)
    folders = [library.embedding_folder("audio", name) for name in library.embedded("audio")]
    taggers = [folder for folder in folders if has_tags(folder)]
    if not taggers:
        return {}, (Missing(problem="Words for genres, moods and instruments need a tagger's vectors.", fix=get),)
    try:
        tags = read_sound_tags(taggers[0])
    except (EmbeddingError, LibraryError) as error:
        return {}, (Missing(problem=error.problem, fix=error.fix or get, damaged=True),)
    ids, known, strengths = heard_words(library, tags)
    if not ids:
        return {}, (Missing(problem="No track has vectors of a tagger.", fix=get),)
    order = np.argsort(-strengths, axis=1, kind="stable")[:, :WORDS]
    return {
        track_id: [known[word] for word in order[row] if strengths[row, word] > LEAST]
        for row, track_id in enumerate(ids)
    }, ()


def heard_words(library: Library, tags: TagStrengths) -> tuple[list[str], tuple[Phrase, ...], NDArray[np.float32]]:
    """A library's tracks that a tagger heard, its words, and (tracks, words) by how many spreads each stands out."""
    here = np.array([track_id in library.row_of_track for track_id in tags.track_ids], bool)
    ids, logits = tags.track_ids[here].tolist(), np.asarray(tags.logits[here], np.float32)
    if not ids:
        return [], (), np.empty((0, 0), np.float32)
    spread = blended(moments(logits), tag_reference(tags.names), len(logits))
    return ids, *word_strengths(tags.names, standardised(logits, spread))


def _traits(library: Library) -> dict[str, list[Phrase]]:
    """The words for the outer thirds of each trait."""
    values = read_traits(library, TRAITS)
    found: dict[str, list[tuple[float, Phrase]]] = {track_id: [] for track_id in values}
    beats: dict[str, float] = {}
    for trait in TRAITS:
        ids = [track_id for track_id, traits in values.items() if trait.name in traits]
        if not ids:
            continue
        column = np.array([[values[track_id][trait.name]] for track_id in ids], np.float32)
        spread = blended(quartiles(column), trait.reference, len(ids))
        for track_id, z in zip(ids, standardised(column, spread)[:, 0].tolist(), strict=True):
            if trait.name == "pulse":
                beats[track_id] = z
            phrase = trait.high if z > THIRD else trait.low if z < -THIRD else None
            if phrase is not None and not (trait.name == "tempo" and beats.get(track_id, 0.0) < -THIRD):
                found[track_id].append((-abs(z), phrase))
    return {track_id: [phrase for _, phrase in sorted(pairs)] for track_id, pairs in found.items()}


def _without(library: Library, found: Mapping[str, Sequence[Phrase]]) -> tuple[Missing, ...]:
    """Tracks that wait to be heard; one whose file could not be read waits for nothing."""
    lacking = len(set(library.column("track_id").tolist()) - found.keys() - tried(library, "audio")) if found else 0
    if not lacking:
        return ()
    have = "track has" if lacking == 1 else "tracks have"
    return (Missing(problem=f"{lacking:,} {have} not been heard yet.", fix=command("embed", library.root)),)
