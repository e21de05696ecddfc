"""Texts of a file into the shared space, without torch where that can be."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from antiphon.align.checkpoint.sealed import sealed_manifest
from antiphon.errors import ConfigError, LibraryError
from antiphon.library.files import write_atomically, write_parquet
from antiphon.printed import counted
from antiphon.registry import Float32
from antiphon.search.light.opening import light_searcher, why_slow
from antiphon.search.light.text_side import TextSide, sealed_text_side
from antiphon.search.queries.readable import readable

STANDARD_INPUT = Path("-")
FORMATS = (".npy", ".parquet")


@dataclass(frozen=True, kw_only=True)
class EmbeddedTexts:
    """Texts in the shared space of one checkpoint.

    Parameters
    ----------
    vectors : (n, dim) float32 of unit length; zeros for a blank text.
    name : of the checkpoint.
    notes : what should be known of them, a sentence each.
    """

    vectors: Float32
    name: str
    notes: list[str]


def require_format(path: Path) -> None:
    """ConfigError unless vectors can be written to a file of this name."""
    if path.suffix.casefold() not in FORMATS:
        raise ConfigError(f"Vectors are written as {' or '.join(FORMATS)}, not as {path.name}.", fix="-o vectors.npy")


def read_texts(path: Path) -> list[str]:
    """The lines of a file, or of standard input where it is called ``-``.

    Raises
    ------
    LibraryError : it cannot be read as text, or has no lines.
    """
    try:
        text = sys.stdin.read() if path == STANDARD_INPUT else path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LibraryError(f"{path} cannot be read as text: {error}", fix="One query a line, in UTF-8.") from error
    lines = [readable(line) for line in text.splitlines()]
    if not any(line.strip() for line in lines):
        raise LibraryError(f"{path} has no texts.", fix="One query a line.")
    return lines


def embed_texts(texts: Sequence[str], root: Path, checkpoint: Path | None = None) -> EmbeddedTexts:
    """Texts into the shared space of a library's checkpoint, or of the one that is named.

    Raises
    ------
    CheckpointError, LibraryError : there is none.
    """
    named: Path | None = None
    if checkpoint is not None:
        from antiphon.align.checkpoint.paths import find_checkpoint

        named = find_checkpoint(root, checkpoint, search=True)
    there = [i for i, text in enumerate(texts) if text.strip()]
    asked = [texts[i] for i in there]
    side = _text_side(root, named)
    if side is not None:
        name, found, encoder, notes = side.name, side.embed(asked), side.encoder, []
    else:
        from antiphon.search.bundle.opening import open_model
        from antiphon.search.checkpoints import checkpoint_for_search

        model = open_model(named or checkpoint_for_search(root))
        name, found, encoder = model.name, model.embed_text(asked), model.load_text_encoder()
        notes = why_slow(root, named)
    vectors = np.zeros((len(texts), found.shape[1]), np.float32)
    vectors[there] = found
    cut = sum(encoder.cut(asked)) if hasattr(encoder, "cut") else 0
    blank = len(texts) - len(there)
    said = [
        (
            cut,
            counted(cut, "text is", "texts are") + " longer than what the text encoder reads; the rest was not read.",
        ),
        (blank, counted(blank, "text is blank: its vector is zeros", "texts are blank: their vectors are zeros") + "."),
    ]
    return EmbeddedTexts(vectors=vectors, name=name, notes=[what for n, what in said if n] + notes)


def _text_side(root: Path, named: Path | None) -> TextSide | None:
    """The graphs that read for a checkpoint: those of a sealed bundle, or those prepared in the library."""
    sealed = None if named is None else sealed_manifest(named)
    if sealed is not None:
        return sealed_text_side(sealed)
    light = light_searcher(root, named)
    return None if light is None else light.text_side


def write_vectors(path: Path, texts: Sequence[str], vectors: Float32) -> None:
    """Write vectors to a file, atomically."""
    require_format(path)
    if path.suffix.casefold() == ".npy":
        return write_atomically(path, lambda stream: np.save(stream, vectors))
    import pyarrow as pa

    lists = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])
    return write_parquet(path, pa.table({"text": pa.array(list(texts), pa.string()), "vector": lists}))
