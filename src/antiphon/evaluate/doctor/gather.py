"""Reads what a training left behind, and measures what can still be measured: the case that the doctor judges."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon import registry
from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.paths import checkpoint_paths, run_folder, serving_path
from antiphon.align.training.results.divergence import read_divergence
from antiphon.align.training.results.history import EpochRecord, read_history
from antiphon.embed.robustness.result import Robustness, read_robustness
from antiphon.encoders._shared.language.unread import languages_of, share_unread
from antiphon.encoders.sentence import card_for, languages_here
from antiphon.errors import AntiphonError, LibraryError
from antiphon.evaluate.doctor.case import Case
from antiphon.evaluate.doctor.examinations.duplicates import LOOKED_AT, Duplicates, across_splits
from antiphon.evaluate.doctor.examinations.pairs import PairFigures, near_twins, negatives, shift, still_numbers
from antiphon.evaluate.doctor.examinations.space import (
    SpaceFigures,
    effective_rank,
    evenly_spaced,
    measure_space,
)
from antiphon.evaluate.doctor.kept_result import result_on_test
from antiphon.evaluate.split_vectors import Splits, SplitVectors
from antiphon.library.commands import as_typed, command
from antiphon.library.next_step import text_for_training, towards_training
from antiphon.library.pairs import Pairs
from antiphon.library.tracks import Library
from antiphon.library.vectors.joined import source_names
from antiphon.library.vectors.provenance import Provenance
from antiphon.library.vectors.store import Vectors
from antiphon.metrics.retrieval import answers, chance
from antiphon.registry import EncoderCard

CAPTIONS = 5000
"""Captions of either side whose place is looked at, evenly spaced."""
NUMBERS = 30_000_000
"""Numbers of training vectors that are looked at, at most (120 MB): evenly spaced tracks."""


def diagnosable(root: Path) -> list[str]:
    """Names of everything that was trained or fused in a library, sorted."""
    return sorted({p.parent.name for name in ("history.jsonl", "fusion.json") for p in root.glob(f"runs/*/{name}")})


def gather(root: Path, name: str) -> Case:
    """The case of a training.

    Raises
    ------
    LibraryError : it was not trained here, or not for a whole epoch.
    CheckpointError : its last checkpoint is damaged.
    AntiphonError : its history is damaged.
    """
    folder = run_folder(root, name)
    broken = read_divergence(folder)
    if broken is not None and not (folder / "history.jsonl").exists():
        raise LibraryError(
            f"'{name}' diverged in {broken}, before anything was saved: a loss or gradient was no number.",
            fix=f"Lower lr (it was {broken.lr:g}), or raise temperature (it was {broken.temperature:g}).",
        )
    if not (folder / "history.jsonl").exists():
        raise LibraryError(
            f"'{name}' was not trained in {as_typed(root)} (trained: {' '.join(diagnosable(root)) or 'none'}).",
            fix=towards_training(Library(root)),
        )
    history = tuple(read_history(folder / "history.jsonl"))
    if not history:
        raise LibraryError(
            f"The history of '{name}' holds no complete epoch.",
            fix=command(f"train --encoder {name}", root),
        )
    bundle = Bundle.load(checkpoint_paths(root, name)["last"])
    on_test, layout = result_on_test(root, name), bundle.audio_provenance.layout
    case = Case(
        name=name,
        encoder=bundle.encoder,
        text_encoder=bundle.text_encoder,
        default_text=text_for_training(Library(root)),
        next_name=_free_name(root, name),
        history=history,
        chance=val_chance(history[-1]),
        n_val=candidates(history[-1]),
        n_train=len(bundle.train_ids),
        config=bundle.config,
        closed_form_weight=float(bundle.val.get("closed_form_weight") or 0.0),
        layers=max(each.layers for each in (layout, *layout.sources)),
        test=on_test.figures,
        earlier_test=on_test.earlier,
        library=str(root),
        has_serving=serving_path(root, name).exists(),
        diverged=broken,
    )
    try:
        splits = Splits(root)
    except AntiphonError:
        return case
    return _with_pairs(_with_val(case, splits, bundle), splits, bundle)


def _free_name(root: Path, name: str) -> str:
    """``muq-2``, or the next one that nothing is called yet."""
    stem = re.sub(r"-\d+$", "", name)
    return next(free for i in count(2) if not run_folder(root, free := f"{stem}-{i}").exists())


def candidates(record: EpochRecord) -> int:
    """How many items a loss of this chance level chooses among."""
    return max(1, round(math.exp(record.loss_chance)))


def val_chance(record: EpochRecord) -> Mapping[str, Mapping[str, float]]:
    """Val's figures by chance: the history's own, in an older one those of as many items as its loss chooses among."""
    if record.val_chance is not None:
        return record.val_chance
    guessed = chance(candidates(record), 1)
    return {"t2a": guessed, "a2t": guessed}


def _with_val(case: Case, splits: Splits, bundle: Bundle) -> Case:
    """Val's exact chance level and how it lies in the shared space; as it was where the library lacks val's vectors."""
    try:
        best = checkpoint_paths(splits.library.root, case.name)["best_r1"]
        found = splits.vectors(Bundle.load(best) if best.exists() else bundle, "val")
    except AntiphonError:
        return case
    library, pairs = splits.library, found.pairs
    n_tracks, n_captions = len(pairs.track_ids), len(pairs.caption_ids)
    tracks, captions = answers(pairs.track_of_caption, pairs.text_id, n_tracks)
    exact = {"t2a": chance(n_tracks, tracks.counts), "a2t": chance(n_captions, captions.counts)}
    human = set(library.caption_column("track_id")[library.caption_column("kind") == "human"])
    return replace(
        case,
        chance=exact,
        n_val=n_tracks,
        val_only_made=pairs.only_made,
        val_few_people=pairs.few_by_people,
        n_human=len(human.intersection(bundle.train_ids)),
        space=_space(found, bundle.dim),
    )


def _space(found: SplitVectors, dim: int) -> SpaceFigures | None:
    cosines = found.only(dim)
    if min(len(cosines.audio), len(cosines.text)) < 2:
        return None
    return measure_space(cosines.text, cosines.audio, cosines.pairs.track_of_caption)


def _with_pairs(case: Case, splits: Splits, bundle: Bundle) -> Case:
    """What the training was given, where the library still has it; as it was otherwise."""
    try:
        train = splits.pairs(bundle.encoder, bundle.text_encoder, "train")
        sound = splits.open("audio", bundle.encoder)
        val = splits.pairs(bundle.encoder, bundle.text_encoder, "val") if case.judged else None
    except AntiphonError:
        return case
    rows = max(2, NUMBERS // bundle.audio_provenance.layout.size)
    looked_at = _spaced(train, rows)
    mine = np.asarray(sound.take(looked_at), np.float32).reshape(-1, bundle.audio_provenance.layout.size)
    twins, shown = near_twins(train.text, train.texts, train.track_of_caption, train.text_id)
    batch = case.config.batch_size or len(train.track_ids)
    return replace(
        case,
        robustness=_robustness(splits.library, bundle.encoder),
        duplicates=_duplicates(splits, bundle, train),
        unread=share_unread(train.texts.tolist(), _languages(bundle)),
        pairs=PairFigures(
            still=still_numbers(mine),
            size=mine.shape[1],
            text_rank=effective_rank(_some(train.text)),
            audio_rank=effective_rank(_some(mine)),
            shift=0.0 if val is None else _shift(splits.library, mine, looked_at, val, sound),
            text_shift=0.0 if val is None else _text_shift(splits.library, train, val),
            twins=twins,
            shown=shown,
            fewest=negatives(batch, len(train.track_ids), train.text_id, train.track_of_caption),
        ),
    )


def _shift(library: Library, mine: NDArray[np.float32], mine_of: list[str], val: Pairs, sound: Vectors) -> float:
    theirs_of = _spaced(val, len(mine_of))
    theirs = np.asarray(sound.take(theirs_of), np.float32).reshape(-1, mine.shape[1])
    groups = library.group_numbers([*mine_of, *theirs_of])
    return shift(mine, theirs, groups[: len(mine)], groups[len(mine) :])


def _text_shift(library: Library, train: Pairs, val: Pairs) -> float:
    sides = []
    for pairs in (train, val):
        rows = evenly_spaced(len(pairs.text), CAPTIONS)
        groups = library.group_numbers(pairs.track_ids[pairs.track_of_caption[rows]])
        sides.append((np.asarray(pairs.text[rows], np.float32), groups))
    return shift(sides[0][0], sides[1][0], sides[0][1], sides[1][1])


def _duplicates(splits: Splits, bundle: Bundle, train: Pairs) -> Duplicates | None:
    """Of tracks with captions, at most :data:`LOOKED_AT` a side; None where nothing was held out."""
    held: list[str] = []
    for split in ("val", "test"):
        with suppress(AntiphonError):
            held += splits.pairs(bundle.encoder, bundle.text_encoder, split).track_ids.tolist()
    if not held:
        return None
    sound, layout = splits.open("audio", bundle.encoder), bundle.audio_provenance.layout
    sides = [([str(ids[i]) for i in evenly_spaced(len(ids), LOOKED_AT)]) for ids in (train.track_ids.tolist(), held)]
    mine, theirs = ((ids, sound.take(ids).reshape(len(ids), layout.size)) for ids in sides)
    return across_splits(bundle.encoder, layout, mine, theirs)


def _robustness(library: Library, encoder: str) -> tuple[Robustness, ...]:
    """What was found of the audio encoders of a training, where anybody looked."""
    found = [read_robustness(library.embedding_folder("audio", name)) for name in source_names(encoder)]
    return tuple(each for each in found if each is not None)


def _languages(bundle: Bundle) -> tuple[str, ...]:
    """Those that the text encoder was trained to read, of several joined all of them; none where that is not known."""
    made_by = bundle.text_provenance
    return languages_of(map(_text_card, made_by.sources or (made_by,)))


def _text_card(made_by: Provenance) -> EncoderCard:
    if made_by.encoder in registry.names("text"):
        return registry.find(made_by.encoder, "text").card
    if made_by.origin == "imported":  # from a file, beside which any model's card may lie
        return card_for(made_by.encoder)
    model = made_by.source or made_by.encoder
    return replace(card_for(model), languages=languages_here(model))


def _some(rows: NDArray[Any]) -> NDArray[np.float32]:
    """At most 500 rows, evenly spaced: their span is what an effective rank is read from."""
    return np.asarray(rows[evenly_spaced(len(rows), 500)], np.float32)


def _spaced(pairs: Pairs, rows: int) -> list[str]:
    """Ids of tracks, evenly spaced, at most so many."""
    return [str(pairs.track_ids[i]) for i in evenly_spaced(len(pairs.track_ids), rows)]
