"""Audio and text of one split, joined: what training and evaluation work on."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from antiphon.errors import LibraryError
from antiphon.library.captions import KINDS, asking_kinds
from antiphon.library.commands import as_typed, command
from antiphon.library.judgements.apply import JudgedPairs, judged_pairs
from antiphon.library.judgements.judgement import Judgement
from antiphon.library.next_step import count_captioned, next_step
from antiphon.library.tracks import Kind, Library
from antiphon.library.vectors.joined import join_vectors, stored_names
from antiphon.library.vectors.provenance import Provenance, made_again, read_provenance
from antiphon.library.vectors.store import Vectors, open_vectors
from antiphon.library.vectors.texts import is_of_text
from antiphon.texts import normalised_text

Index = NDArray[np.int64]

DAMAGED = "its vector on disk is not the one that was written; antiphon check says what mends it"


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Tracks with captions, both with vectors.

    Parameters
    ----------
    track_ids : (n,) strings.
    audio : (n, d_audio) float16, one row a track.
    caption_ids, texts : (m,) strings.
    text : (m, d_text) float16, one row a caption.
    track_of_caption : (m,) row of each caption's track, 0 … n−1; every track has at least one caption.
    text_id : (m,) equal for captions whose normalised text is identical, 0 … n_texts−1.
    kinds : (m,) who wrote each caption: "human", "tags" or "machine".
    audio_provenance, text_provenance : what made the vectors.
    left_out : tracks of the split that cannot take part, with the reason.
    """

    track_ids: NDArray[np.object_]
    audio: NDArray[np.float16]
    caption_ids: NDArray[np.object_]
    texts: NDArray[np.object_]
    text: NDArray[np.float16]
    track_of_caption: Index
    text_id: Index
    kinds: NDArray[np.object_]
    audio_provenance: Provenance
    text_provenance: Provenance
    left_out: dict[str, str]

    @property
    def only_made(self) -> bool:
        """Whether no person wrote any of the captions: figures on them say how well a model repeats its own words."""
        return "human" not in self.kinds

    @property
    def few_by_people(self) -> int:
        """How many of the tracks people described, where made captions of them take part, too; else 0."""
        by_people = self.kinds == "human"
        return 0 if by_people.all() else len(np.unique(self.track_of_caption[by_people]))

    def sample(self, n_tracks: int, seed: int = 0) -> Pairs:
        """Some tracks, drawn at random, with all of their captions; everything if there are no more than that."""
        n = len(self.track_ids)
        if n <= n_tracks:
            return self
        tracks = np.sort(np.random.default_rng(seed).choice(n, n_tracks, replace=False))
        place = np.full(n, -1)
        place[tracks] = np.arange(n_tracks)
        captions = np.flatnonzero(place[self.track_of_caption] >= 0)
        own = {name: getattr(self, name)[captions] for name in ("caption_ids", "texts", "text", "text_id", "kinds")}
        owner = place[self.track_of_caption[captions]]
        return replace(self, track_ids=self.track_ids[tracks], audio=self.audio[tracks], track_of_caption=owner, **own)

    def judged(self, judgements: Iterable[Judgement]) -> JudgedPairs:
        """What was judged of these captions and tracks, as :func:`judged_pairs` finds it."""
        return judged_pairs(judgements, self.texts, self.text_id, self.track_ids, self.track_of_caption)

    def with_captions_judged_same(self, judged: JudgedPairs) -> Pairs:
        """These, and each text that was judged to describe a track as a further caption of that track.

        A further caption has the id, the kind and the vector of the first caption that reads so; captions stay in the
        order of their tracks.
        """
        texts, tracks = judged.of("same")
        if not len(texts):
            return self
        first = np.unique(self.text_id, return_index=True)[1][texts]
        owner = np.concatenate([self.track_of_caption, tracks])
        rows = np.concatenate([np.arange(len(self.texts)), first])
        order = np.argsort(owner, kind="stable")
        columns = ("caption_ids", "texts", "text", "text_id", "kinds")
        further = {name: getattr(self, name)[rows[order]] for name in columns}
        return replace(self, track_of_caption=owner[order], **further)


def open_embedding(library: Library, kind: Kind, name: str) -> Vectors:
    """The stored vectors of an encoder, or of several side by side (``"muq+mert"``, ``"minilm+mpnet"``).

    Raises
    ------
    LibraryError : this library has none of that name; the message lists what it has.
    """
    folder = library.embedding_folder(kind, name)
    if len(names := stored_names(folder.parent, name)) > 1:
        return join_vectors([open_embedding(library, kind, source) for source in names], names)
    if not (folder / "provenance.json").exists():
        raise _no_such_vectors(library, kind, name)
    return open_vectors(folder)


def _no_such_vectors(library: Library, kind: Kind, name: str) -> LibraryError:
    """What is there, and either the name that was probably meant or the command that makes the vectors."""
    have = library.embedded(kind)
    option = "--encoder" if kind == "audio" else "--text"
    own = "" if kind == "audio" else " --kind text"
    meant = difflib.get_close_matches(name, have, n=1)
    return LibraryError(
        f"{as_typed(library.root)} has no {kind} vectors called '{name}' (it has: {', '.join(have) or 'none'}).",
        fix=f"Did you mean '{meant[0]}'?"
        if meant
        else f"If `antiphon encoders` lists '{name}': {command(f'embed {option} {name}', library.root)}; "
        f"if you have its vectors: {command(f'import-embeddings {name} FILE{own}', library.root)}",
    )


def text_ids(texts: NDArray[np.object_]) -> Index:
    """(m,) int64, the same number for captions whose normalised text is identical."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(normalised_text(t), len(numbers)) for t in texts], dtype=np.int64)


def load_pairs(library: Library, audio: str, text: str, split: str, *, read_audio: bool = True) -> Pairs:
    """Join the vectors of an audio and a text encoder over one split.

    Parameters
    ----------
    audio, text : names of the encoders.
    read_audio : False leaves ``audio`` empty, (n, 0), for callers that read rows of the file themselves because all
        of them might not fit into memory.

    Raises
    ------
    LibraryError : vectors are missing altogether, or nothing is left to pair.
    """
    sound, words = open_embedding(library, "audio", audio), open_embedding(library, "text", text)
    return join_pairs(library, sound, words, split, names=(audio, text), read_audio=read_audio)


def join_pairs(
    library: Library,
    sound: Vectors,
    words: Vectors,
    split: str,
    *,
    names: tuple[str, str],
    read_audio: bool = True,
    kinds: Collection[str] | None = None,
) -> Pairs:
    """:func:`load_pairs` from vectors that are open.

    Parameters
    ----------
    names : what the library calls them, audio's first.
    kinds : of the captions that take part; None for those that a split is judged by (:func:`judging_kinds`).
    """
    audio, text = names
    left_out: dict[str, str] = {}
    tracks = library.column("track_id")[library.tracks_in(split)]
    kinds = kinds or judging_kinds(library, split)
    captions_of = _captions_by_track(library, words, set(tracks), kinds)
    people = " by people" if set(kinds) == {"human"} and _has_made_captions(library) else ""
    kept: list[str] = []
    for track_id in tracks:
        if track_id not in sound.row_of:
            left_out[track_id] = sound.failed.get(track_id, f"no {audio} vector yet")
        elif not captions_of.get(track_id):
            left_out[track_id] = f"no caption{people} with a {text} vector"
        else:
            kept.append(track_id)
    damaged = sound.damaged(kept)
    left_out |= dict.fromkeys(damaged, DAMAGED)
    kept = [track_id for track_id in kept if track_id not in left_out]
    if damaged and not kept:
        raise all_damaged(library, len(damaged), audio, f"The {split} split of")
    if not kept:
        raise nothing_to_pair(library, split, names)
    rows = np.array([row for track_id in kept for row in captions_of[track_id]], dtype=np.int64)
    owners = np.repeat(np.arange(len(kept)), [len(captions_of[t]) for t in kept])
    caption_ids, texts = library.caption_column("caption_id")[rows], library.caption_column("text")[rows]
    return Pairs(
        track_ids=np.array(kept, dtype=object),
        audio=sound.take(kept) if read_audio else np.empty((len(kept), 0), np.float16),
        caption_ids=caption_ids,
        texts=texts,
        text=words.take(list(caption_ids)),
        track_of_caption=owners,
        text_id=text_ids(texts),
        kinds=library.caption_column("kind")[rows],
        audio_provenance=sound.provenance,
        text_provenance=words.provenance,
        left_out=left_out,
    )


def nothing_to_pair(library: Library, split: str, names: tuple[str, str]) -> LibraryError:
    """Why a split has nothing to train on or to ask: no tracks, no captions, or no vectors of these encoders yet.

    Parameters
    ----------
    names : of the encoders, audio's first.
    """
    audio, text = names
    where = f"The {split} split of {as_typed(library.root)}"
    tracks = library.column("track_id")[library.tracks_in(split)]
    more = "Add groups of tracks with captions to the manifest, or name splits in it, and run antiphon ingest again."
    if not len(tracks):
        return LibraryError(f"{where} has no tracks.", fix=more)
    if not set(tracks) & set(library.caption_column("track_id")):
        return LibraryError(
            f"{where} has {len(tracks)} {'track' if len(tracks) == 1 else 'tracks'} and no caption.",
            fix=more if library.caption_table.num_rows else next_step(library),
        )
    return LibraryError(
        f"{where} has no track with both a {audio} and a {text} vector.",
        fix=f"{command(f'embed --encoder {_typed(audio)} --text {_typed(text)}', library.root)}; "
        "then look at its failures.",
    )


def all_damaged(library: Library, many: int, audio: str, whose: str = "") -> LibraryError:
    """Why nothing is left of vectors that are there.

    Parameters
    ----------
    many, audio : how many there are, and the name of their encoder, or several joined by +.
    whose : what part of the library they are of, before its name; "" for all of it.
    """
    anew = f"{command(f'embed --encoder {_typed(audio)} --check-content', library.root)} makes them anew."
    made = [read_provenance(library.embedding_folder("audio", each) / "provenance.json") for each in audio.split("+")]
    where, vectors = f"{whose} {as_typed(library.root)}".strip(), "vector" if many == 1 else "vectors"
    return LibraryError(
        f"{where} has {many} {audio} {vectors} that could count, and each one is damaged: on disk are other numbers "
        "than were written.",
        fix=next((made_again(each) for each in made if each.origin == "imported"), anew),
    )


def _typed(name: str) -> str:
    """Encoders as a command names them, each for itself."""
    return name.replace("+", " ")


def judging_kinds(library: Library, split: str) -> tuple[str, ...]:
    """Kinds of the captions that ask the questions of a split (:func:`antiphon.library.captions.asking_kinds`).

    Train is asked as val is, as far as it has such captions, since losses of the two are compared.
    """
    own = _asking(library, split)
    val = _asking(library, "val") if split == "train" and count_captioned(library, "val") else own
    people_wrote = "human" in own
    return (val if "human" in val else KINDS) if people_wrote else own


def _asking(library: Library, split: str) -> tuple[str, ...]:
    tracks = set(library.column("track_id")[library.tracks_in(split)])
    return asking_kinds(tracks, library.caption_column("track_id"), library.caption_column("kind"))


def _has_made_captions(library: Library) -> bool:
    """Whether any caption was made by Antiphon."""
    return bool((library.caption_column("kind") != "human").any())


def _captions_by_track(
    library: Library, words: Vectors, tracks: Collection[str], kinds: Collection[str]
) -> dict[str, list[int]]:
    """Rows of the captions of these tracks and kinds that have a vector, made of the text that they have now."""
    rows: dict[str, list[int]] = {}
    own = np.fromiter((track_id in tracks for track_id in library.caption_column("track_id")), np.bool_)
    columns = (library.caption_column(name)[own] for name in ("caption_id", "track_id", "text", "kind"))
    damaged = words.damaged([item for item in library.caption_column("caption_id")[own] if item in words.row_of])
    signatures = {} if words.signatures is None else dict(zip(words.ids.tolist(), words.signatures, strict=True))
    for row, caption_id, track_id, text, kind in zip(np.flatnonzero(own).tolist(), *columns, strict=True):
        if (
            kind in kinds
            and caption_id in words.row_of
            and caption_id not in damaged
            and is_of_text(signatures.get(caption_id, ""), text)
        ):
            rows.setdefault(track_id, []).append(row)
    return rows
