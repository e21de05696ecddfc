"""Captions that Antiphon made, in a library of made vectors: they follow the sound, or they mean nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from antiphon.library.captions import CAPTION_COLUMNS, CaptionKind, write_made_table
from antiphon.library.pairs import open_embedding
from antiphon.library.tracks import Caption, Library, save_library
from antiphon.library.vectors.store import Row, VectorWriter
from tests.helpers.libraries.made_vectors import provenance


def write_made_captions(root: Path, rows: Sequence[tuple[str, str, str, CaptionKind]]) -> None:
    """Replace all captions that Antiphon made.

    Parameters
    ----------
    rows : (caption id, track id, text, kind); ids are ``{track_id}#tags0``, ``{track_id}#machine0`` …
    """
    columns = {name: pa.array([row[k] for row in rows], pa.string()) for k, name in enumerate(CAPTION_COLUMNS)}
    write_made_table(root, pa.table(columns))


def add_made_captions(
    library: Library, *, kind: CaptionKind = "machine", each: int = 2, meaning: bool = True, seed: int = 1
) -> Library:
    """Give every track made captions whose vectors are those of its own captions plus noise, or noise alone."""
    rng = np.random.default_rng(seed)
    words = open_embedding(library, "text", "words")
    tracks = library.column("track_id").tolist()
    first = np.asarray(words.take([f"{track}#0" for track in tracks]), np.float32)
    noise = rng.normal(size=(each, *first.shape))
    rows = [(f"{t}#{kind}{k}", t, f"{kind} {k} of {t}", kind) for k in range(each) for t in tracks]
    vectors = np.concatenate([0.3 * some + first if meaning else 3 * some for some in noise])
    write_made_captions(library.root, rows)
    with VectorWriter(library.embedding_folder("text", "words"), provenance("words", "text", 16)) as writer:
        writer.write([Row(row[0], "ok") for row in rows], vectors)
    return Library(library.root)


def only_some_captioned(library: Library, kept: set[str]) -> Library:
    """The same library, in which people described the tracks ``kept`` alone."""
    captions = [Caption(**row) for row in library.caption_table.to_pylist() if row["track_id"] in kept]
    written = [caption for caption in captions if caption.kind == "human"]
    tracks = [library.track(track_id) for track_id in library.column("track_id")]
    return save_library(library.root, tracks, written, {})
