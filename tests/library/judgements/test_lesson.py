"""What is told to whoever gives a judgement is what trainings and figures make of it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from antiphon.library.judgements.apply import judged_pairs, lessons
from antiphon.library.judgements.file import Judgements
from antiphon.library.judgements.judgement import Judgement
from antiphon.library.judgements.lesson import Descriptions
from antiphon.library.tracks import Library
from antiphon.texts import normalised_text
from tests.helpers.libraries.plain import plain_library


def said(query: str, track_id: str, verdict: str = "same") -> Judgement:
    return Judgement(query=query, track_id=track_id, verdict=verdict)  # type: ignore[arg-type]


LEARNED = "The next training learns from it."
KEPT = "this track, or one that these words describe, is kept to measure trainings with."


@pytest.mark.parametrize(
    ("judgement", "told"),
    [
        (said("piano", "b"), LEARNED),
        (said("PIANO ", "b"), LEARNED),
        (said("words of my own", "b"), "No training learns from it: no track is described in these words."),
        (said("piano", "b", "different"), "No training learns from it: each takes words to fit only the tracks"),
        (said("words of my own", "b", "different"), "No training learns from it: each takes words to fit only"),
        (said("piano", "v"), f"No training learns from it: {KEPT}"),
        (said("strings", "a"), f"No training learns from it: {KEPT}"),
        (said("strings", "t"), f"No training learns from it: {KEPT}"),
        (said("shared", "a"), f"No training learns from it: {KEPT}"),
        (said("drums", "u"), "No training learns from it, but figures count it"),
        (said("shared", "u"), "No training learns from it, but figures count it"),
        (said("piano", "a"), "The track's description says so already."),
        (said("piano", "a", "different"), "The track's own description says these words, and decides"),
        (said("piano", "c"), "No training learns from it: the track has no description of its own yet."),
    ],
)
def test_what_comes_of_one_judgement_is_said(tmp_path: Path, judgement: Judgement, told: str) -> None:
    texts = {"a": ["piano"], "b": ["rain", "shared"], "v": ["strings"], "t": ["drums", "shared"], "u": ["horns"]}
    splits = {"a": "train", "b": "train", "c": "train", "v": "val", "t": "test", "u": "test"}
    library = plain_library(tmp_path, splits, captions=texts)
    lesson = Descriptions(library).lesson(judgement)
    assert lesson.startswith(told)
    taught = lessons(library, Judgements((judgement,))).judgements
    assert (lesson == LEARNED) == _is_new(library, "train", taught)
    counted = any(_is_new(library, split, [judgement]) for split in ("val", "test"))
    assert ("figures count it" in lesson) == counted


def _is_new(library: Library, which: str, judgements: Sequence[Judgement]) -> bool:
    """As trainings and figures read it: of a split's own captions and tracks, and not taken for granted."""
    split = dict(zip(library.column("track_id"), library.column("split"), strict=True))
    columns = zip(library.caption_column("text"), library.caption_column("track_id"), strict=True)
    rows = [(str(text), str(track)) for text, track in columns if split[track] == which]
    texts, tracks = [text for text, _ in rows], list(dict.fromkeys(track for _, track in rows))
    numbers = np.array([sorted(set(texts)).index(text) for text in texts])
    owner = np.array([tracks.index(track) for _, track in rows])
    return judged_pairs(judgements, texts, numbers, tracks, owner).counts().get("same", 0) > 0


def plainly(library: Library, judgement: Judgement) -> str:
    """The slow twin: which kind of lesson it is, by loops over all captions."""
    split = dict(zip(library.column("track_id"), library.column("split"), strict=True))
    rows = list(zip(library.caption_column("text"), library.caption_column("track_id"), strict=True))
    owners = {track for text, track in rows if normalised_text(text) == normalised_text(judgement.query)} & set(split)
    if judgement.track_id in owners:
        return "already" if judgement.verdict == "same" else "decides"
    if judgement.verdict == "different":
        return "takes words"
    if not owners:
        return "no track is described"
    if judgement.track_id not in {track for _, track in rows}:
        return "no description of its own"
    own, splits = split[judgement.track_id], {split[track] for track in owners}
    if own == "train" and splits == {"train"}:
        return "next training"
    return "figures count it" if own != "train" and own in splits else "is kept to measure"


def test_every_judgement_of_a_library_is_told_as_loops_over_its_captions_say(tmp_path: Path) -> None:
    chance = np.random.default_rng(0)
    words = ["piano", "PIANO  ", "ﬁre", "fire", "Straße", "strasse", "雨", "rain"]
    tracks = [f"{letter}{n}" for n, letter in enumerate("zyxwvutsrqpo")]
    splits = {track: ("train", "val", "test")[n % 3 if n % 2 else 0] for n, track in enumerate(tracks)}
    texts = {t: [str(w) for w in chance.choice(words, n % 4, replace=False)] for n, t in enumerate(tracks)}
    library = plain_library(tmp_path, splits, captions={**texts, "gone": ["rain", "wind"]})
    known, told = Descriptions(library), set()
    for query, track, verdict in product([*words, "wind", "own words"], tracks, ("same", "different")):
        judgement = said(query, track, verdict)
        kind = plainly(library, judgement)
        assert kind in known.lesson(judgement), (judgement, kind)
        told.add(kind)
    assert len(told) == 8
    with pytest.raises(KeyError, match="gone"):
        known.lesson(said("rain", "gone"))
