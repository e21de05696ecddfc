"""What a training reads of a library: pairs of both splits, and what they were made with."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.align.config import TrainConfig
from antiphon.align.data.caption_kinds import caption_shares
from antiphon.align.data.features import CACHED_BYTES, Rows
from antiphon.align.data.judged import LearnedJudgements, learn_from_judgements
from antiphon.align.data.kinds_that_help import KindsChosen, choose_kinds
from antiphon.align.data.pair_set import PairSet
from antiphon.errors import EmbeddingError, LibraryError
from antiphon.library.captions import KINDS
from antiphon.library.commands import as_typed, command
from antiphon.library.pairs import Pairs, join_pairs, open_embedding, text_ids
from antiphon.library.phrases import CaptionPhrases, has_phrases, load_phrases, phrases_command
from antiphon.library.tracks import Library
from antiphon.library.vectors.provenance import Provenance
from antiphon.library.vectors.store import Vectors
from antiphon.printed import counted

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, eq=False)
class Material:
    """One training's data.

    Parameters
    ----------
    root : the library's folder.
    name : of the training.
    encoder, text_encoder : names.
    train, val : pairs; val is None where no track belongs to that split.
    audio_provenance, text_provenance : of the vectors.
    train_ids : (n,) track ids of ``train``.
    train_groups, val_groups : (n,) number of each one's group; None where each is a group of its own.
    val_ids : those of ``val``.
    split_fingerprint : of the library.
    left_out : tracks of both splits that cannot take part → reason.
    train_texts, val_texts : the captions' words, in the order of ``train`` and ``val``.
    has_phrases : whether the library has vectors of captions' phrases.
    phrases : of the captions of ``train``, where they take part; see :func:`with_phrases`.
    content : hash of the vectors (:func:`antiphon.align.training.start.content_id`); "" where nobody asks.
    kinds : of the captions of ``train``, and why these.
    val_only_made : whether no person wrote any caption of val.
    judged : what people's judgements add to ``train``.
    asked : (m,) which captions of ``train`` are of those that val is asked by: people's; None where all are, and where
        val is asked by all.
    """

    root: Path
    name: str
    encoder: str
    text_encoder: str
    train: PairSet
    val: PairSet | None
    audio_provenance: Provenance
    text_provenance: Provenance
    train_ids: NDArray[np.object_]
    split_fingerprint: str
    left_out: dict[str, str]
    val_ids: NDArray[np.object_] = field(default_factory=lambda: np.empty(0, object))
    train_texts: NDArray[np.object_] = field(default_factory=lambda: np.empty(0, object))
    val_texts: NDArray[np.object_] = field(default_factory=lambda: np.empty(0, object))
    has_phrases: bool = False
    phrases: CaptionPhrases | None = None
    content: str = ""
    kinds: KindsChosen = field(default_factory=lambda: KindsChosen(kinds=("human",), tracks=0, gains={}))
    val_only_made: bool = False
    train_groups: NDArray[np.int64] | None = None
    val_groups: NDArray[np.int64] | None = None
    judged: LearnedJudgements = field(default_factory=LearnedJudgements)
    asked: NDArray[np.bool_] | None = None

    @property
    def about(self) -> dict[str, Any]:
        """What settings are chosen from: the arguments of
        :func:`~antiphon.align.training.setup.resolve_settings` beside the settings."""
        return {
            "n_tracks": len(self.train_ids),
            "phrases": self.has_phrases,
            "kinds": self.kinds.name,
        }

    def with_val(self) -> Material:
        """Train and val as one training split, without a val split; phrases stay those of train."""
        assert self.val is not None
        pairs, texts = self.train.followed_by(self.val), np.concatenate([self.train_texts, self.val_texts])
        if len(texts) == len(pairs.text):  # what is said in both splits is the same text
            pairs = replace(pairs, text_id=text_ids(texts))
        of_train, of_val = (
            np.arange(n) if groups is None else groups
            for n, groups in ((len(self.train.audio), self.train_groups), (len(self.val.audio), self.val_groups))
        )
        return replace(
            self,
            train=pairs,
            val=None,
            train_ids=np.concatenate([self.train_ids, self.val_ids]),
            train_groups=np.concatenate([of_train, of_train.max() + 1 + of_val]),
            train_texts=texts,
            asked=None,
        )

    def train_sample(self, seed: int) -> PairSet:
        """Training tracks to measure the train loss on: as many as val has (all without one, at most 1,000).

        They are told by captions of those that val is asked by: made ones would be further candidates, which raise the
        loss of one split and not of the other.
        """
        n = 1000 if self.val is None else len(self.val.audio)
        pairs = self.train if self.asked is None else self.train.told_by(self.asked)
        return pairs.sample(n, np.random.default_rng([seed, 0, 2]))


def read_material(
    root: Path, encoder: str, text: str, *, name: str | None = None, kinds: str | None = None
) -> Material:
    """Join the vectors of both splits.

    Parameters
    ----------
    root : library folder.
    encoder, text : names of audio and text vectors.
    name : of the training; None for the encoder's.
    kinds : of the captions to learn from, joined by +; None for those that :func:`choose_kinds` finds helpful.

    Raises
    ------
    LibraryError : no library, no vectors, no captions of these kinds, or fewer than two tracks to train on.
    EmbeddingError : all training vectors of one side are the same.
    """
    library = Library(root)
    sound, words = open_embedding(library, "audio", encoder), open_embedding(library, "text", text)
    join = partial(join_pairs, library, sound, words, names=(encoder, text), read_audio=False)
    _require_kinds(library, kinds)
    train, chosen = _train_pairs(library, sound, join, kinds)
    train, judged = learn_from_judgements(library, train)
    if len(train.track_ids) < 2:
        raise LibraryError(
            "Only one track of the train split has both a caption and vectors: there is nothing to contrast.",
            fix="Add tracks with captions to the manifest, run antiphon ingest and antiphon embed again.",
        )
    pairs = _pair_set(sound, train)
    _require_differing(pairs.audio, encoder, "encoder", Path(root))
    _require_differing(pairs.text, text, "text", Path(root))
    material = Material(
        root=Path(root),
        name=name or encoder,
        encoder=encoder,
        text_encoder=text,
        train=pairs,
        val=None,
        audio_provenance=train.audio_provenance,
        text_provenance=train.text_provenance,
        train_ids=train.track_ids,
        split_fingerprint=library.split_fingerprint(),
        left_out=train.left_out,
        train_texts=train.texts,
        has_phrases=has_phrases(library, text),
        kinds=chosen,
        train_groups=library.group_numbers(train.track_ids),
        judged=judged,
    )
    if not len(library.tracks_in("val")):
        return material
    val = join("val")
    return replace(
        material,
        val=_pair_set(sound, val),
        left_out={**train.left_out, **val.left_out},
        val_ids=val.track_ids,
        val_texts=val.texts,
        val_only_made=val.only_made,
        val_groups=library.group_numbers(val.track_ids),
        asked=_by_people(train) if set(val.kinds) == {"human"} else None,
    )


def _train_pairs(
    library: Library, sound: Vectors, join: Callable[..., Pairs], kinds: str | None
) -> tuple[Pairs, KindsChosen]:
    """Pairs of the train split, told by captions of some kinds: those named, or those that help."""
    train = join("train", kinds=KINDS if kinds is None else kinds.split("+"))
    chosen = _chosen(library, sound, train) if kinds is None else _as_named(kinds, train)
    return (train if set(chosen.kinds) == set(train.kinds) else join("train", kinds=chosen.kinds)), chosen


def _by_people(train: Pairs) -> NDArray[np.bool_] | None:
    """(m,) which captions people wrote; None where they wrote all of them, or too few to contrast."""
    human: NDArray[np.bool_] = train.kinds == "human"
    few = len(np.unique(train.track_of_caption[human])) < 2
    return None if few or human.all() else human


def _require_kinds(library: Library, kinds: str | None) -> None:
    there = set(library.caption_column("kind"))
    lacking = [kind for kind in (kinds or "").split("+") if kind and kind not in there]
    if lacking:
        raise LibraryError(
            f"{as_typed(library.root)} has no caption of the kind {lacking[0]} "
            f"(it has: {', '.join(sorted(there)) or 'none'}).",
            fix="Add captions to the manifest and ingest again, or name other --kinds."
            if lacking[0] == "human"
            else f"{command('caption', library.root)} makes captions of the kinds tags and machine.",
        )


def _chosen(library: Library, sound: Vectors, train: Pairs) -> KindsChosen:
    """Kinds that help."""
    if set(train.kinds) == {"human"}:
        return _as_named("+".join(kind for kind in KINDS if kind in train.kinds), train)
    groups = library.group_numbers(train.track_ids)
    near, far = (made.layout for made in (train.text_provenance, train.audio_provenance))
    return choose_kinds(
        _pair_set(sound, train),
        train.kinds,
        groups,
        sources=tuple(source.size for source in far.sources),
        layers=tuple(source.layers for source in far.sources or (far,)),
        text_sources=tuple(source.size for source in near.sources),
    )


def _as_named(kinds: str, train: Pairs) -> KindsChosen:
    human = np.unique(train.track_of_caption[train.kinds == "human"])
    return KindsChosen(kinds=tuple(kinds.split("+")), tracks=len(human), gains={})


def with_phrases(material: Material, config: TrainConfig) -> Material:
    """The material with the phrases of the training captions that people wrote, if the settings ask for them.

    Captions whose phrases have no vectors yet take part as a whole; that is said.

    Raises
    ------
    EmbeddingError : no phrase has a vector; the message names the command.
    """
    if not config.caption_phrases or material.phrases is not None:
        return material
    library, name = Library(material.root), material.text_encoder
    written = zip(library.caption_column("text"), library.caption_column("kind"), strict=True)
    by_people = {text for text, kind in written if kind == "human"}
    phrases = load_phrases(library, name, [*material.train_texts], by_people)
    if phrases.unread:
        LOG.warning(
            "%s of captions had no %s vector yet and took no part: %s",
            *(counted(phrases.unread, "phrase"), name, phrases_command(library, name)),
        )
    return replace(material, phrases=phrases)


def _require_differing(rows: Rows, name: str, option: str, root: Path) -> None:
    """Refuse vectors that are all alike: no training can tell them apart, whatever its settings."""
    first = rows.raw(slice(1))
    if all(bool((rows.raw(chunk) == first).all()) for chunk in rows.chunks(size=CACHED_BYTES)):
        raise EmbeddingError(
            f"All {len(rows)} training vectors of '{name}' are the same: there is nothing to learn from them.",
            fix=f"Import them again, or make them anew: {command(f'embed --{option} {name}', root)}",
        )


def _pair_set(sound: Vectors, pairs: Pairs) -> PairSet:
    rows = np.array([sound.row_of[track_id] for track_id in pairs.track_ids], dtype=np.int64)
    shares = caption_shares(pairs.track_of_caption, pairs.kinds)
    return PairSet(Rows(sound.matrix, rows), Rows.all_of(pairs.text), pairs.track_of_caption, pairs.text_id, shares)
