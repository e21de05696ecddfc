"""Tags that an encoder gives a track, beside its vectors.

A tagger's last layer is linear in what stands before it, so a track's tags need no file of their own that could fall
behind its vectors: ``tags.npz`` in the encoder's folder holds that layer, and ``vectors @ weight + bias`` are the
logits.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from antiphon.arrays import reading
from antiphon.errors import EmbeddingError, LibraryError
from antiphon.library.commands import command
from antiphon.library.files import write_atomically
from antiphon.library.vectors.files.numpy_arrays import array_header
from antiphon.library.vectors.store import open_vectors

Float32 = NDArray[np.float32]

TAGS_FILE = "tags.npz"


@dataclass(frozen=True, kw_only=True, eq=False)
class TagMap:
    """From vectors to logits.

    Parameters
    ----------
    names : of the tags, ``model:tag``.
    weight : (d, tags).
    bias : (tags,).
    """

    names: tuple[str, ...]
    weight: Float32
    bias: Float32

    def logits(self, vectors: NDArray[np.floating]) -> Float32:
        """(n, d) vectors → (n, tags)."""
        return np.asarray(vectors, np.float32) @ self.weight + self.bias

    def write(self, folder: Path) -> None:
        """Put it beside the vectors."""
        names = np.array(self.names)
        write_atomically(
            folder / TAGS_FILE, lambda stream: np.savez(stream, names=names, weight=self.weight, bias=self.bias)
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class TagStrengths:
    """What a tagger heard.

    Parameters
    ----------
    track_ids : (n,) strings, of the tracks that have a vector.
    names : of the tags, ``model:tag`` (``"msd:jazz"``, ``"mtt:piano"``).
    logits : (n, tags) float32; a sigmoid makes them probabilities.
    """

    track_ids: NDArray[np.object_]
    names: tuple[str, ...]
    logits: Float32


def has_tags(folder: Path) -> bool:
    """Whether an encoder's folder has tags beside its vectors."""
    return (folder / TAGS_FILE).is_file() and (folder / "provenance.json").is_file()


def read_sound_tags(folder: Path) -> TagStrengths:
    """The tags of all tracks that have a vector.

    Parameters
    ----------
    folder : of the encoder (``embeddings/audio/musicnn``).

    Raises
    ------
    LibraryError : there are none, they are damaged, or they do not fit the vectors.
    EmbeddingError : the vectors are damaged.
    """
    path = folder / TAGS_FILE
    fix = f"{command(f'embed --encoder {folder.name}', folder.parents[2])} writes them anew."
    vectors = open_vectors(folder)
    try:
        found = _read_map(path, vectors.matrix.shape[1])
    except EmbeddingError as error:
        raise LibraryError(error.problem, fix=fix) from error
    ids = [item for item in vectors.ids.tolist() if item in vectors.row_of]
    return TagStrengths(
        track_ids=np.array(ids, dtype=object), names=found.names, logits=found.logits(vectors.take(ids))
    )


def _read_map(path: Path, size: int) -> TagMap:
    """The layer of a file, for vectors of ``size`` numbers; what its headers claim is looked at before it is unpacked.

    Raises
    ------
    EmbeddingError : the file is damaged, does not fit, or holds what is no name or no finite number.
    """
    with reading(path), zipfile.ZipFile(path) as archive:
        shapes = {name: array_header(path, archive, name) for name in ("names", "weight", "bias")}
        (tags, *_), text = (shapes["names"][0] or (0,)), shapes["names"][1]
        if (shapes["names"][0], shapes["weight"][0], shapes["bias"][0]) != ((tags,), (size, tags), (tags,)) or not tags:
            raise EmbeddingError(f"{path} does not fit the vectors beside it ({size} numbers).")
        if (text.kind, shapes["weight"][1].kind, shapes["bias"][1].kind) != ("U", "f", "f"):
            raise EmbeddingError(f"{path} is damaged: it has to hold names of tags, and numbers beside them.")
        with np.load(path, allow_pickle=False) as file:
            found = TagMap(names=tuple(file["names"].tolist()), weight=file["weight"], bias=file["bias"])
    if not (np.isfinite(found.weight).all() and np.isfinite(found.bias).all()):
        raise EmbeddingError(f"{path} is damaged: it holds values that are not finite.")
    if len(set(found.names)) != tags:
        raise EmbeddingError(f"{path} is damaged: it names a tag twice.")
    return found
