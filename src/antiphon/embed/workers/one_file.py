"""One audio file as a vector, in this process: what somebody asks a search with."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from antiphon import registry
from antiphon.embed.target import provenance_of
from antiphon.embed.workers.messages import Task
from antiphon.embed.workers.worker import describe
from antiphon.errors import EmbeddingError, EncoderError, LibraryError
from antiphon.library.vectors.provenance import Provenance
from antiphon.registry import AudioEncoder, LoadOptions

LOG = logging.getLogger(__name__)


def file_vector(path: Path, made_by: Provenance) -> NDArray[np.float16]:
    """(d,) a file as stored vectors describe tracks; of several encoders side by side.

    Parameters
    ----------
    made_by : what made the stored vectors.

    Raises
    ------
    LibraryError : there is no such file, or it cannot be heard.
    EncoderError : an encoder, or its weights, are not on this machine.
    EmbeddingError : the encoder on this machine is not the one that made the vectors, or they were imported.
    """
    sources = made_by.sources or (made_by,)
    found = file_vectors(path, sources)
    return np.concatenate([found[source.encoder] for source in sources])


def file_vectors(path: Path, sources: Iterable[Provenance]) -> dict[str, NDArray[np.float16]]:
    """Encoder → (d,) float16, the file being decoded once; errors as :func:`file_vector`."""
    if not path.is_file():
        raise LibraryError(f"There is no file {path}.", fix="Name an audio file.")
    encoders = {source.encoder: _loaded(source) for source in sources}
    heard = describe(Task(0, str(path), tuple(encoders)), encoders, {}, lambda _: None)
    problem = heard.error or "; ".join(heard.failures.values())
    if problem:
        raise LibraryError(f"{path} cannot be heard: {problem}", fix="Ask with another file.")
    if heard.note:
        LOG.warning("%s: %s", path, heard.note)
    return {name: np.asarray(heard.vectors[name], np.float16) for name in encoders}


def require_encoder(wanted: Provenance) -> None:
    """Refuse where the encoder that made some vectors is not here; errors as :func:`file_vector`."""
    _loaded(wanted)


@lru_cache(maxsize=8)
def _loaded(wanted: Provenance) -> AudioEncoder:
    """The encoder that made some vectors; nothing is fetched that somebody's file names."""
    if wanted.origin == "imported":
        raise EmbeddingError(
            f"The vectors '{wanted.encoder}' were imported: no encoder here hears a file as they were made.",
            fix="Ask with words, or with a track: --like ID",
        )
    default = registry.find(wanted.encoder, "audio").card.hub_id
    weights = wanted.source if wanted.source and wanted.source != default else None
    options = LoadOptions(weights=weights, fetch=False)
    encoder = registry.load(wanted.encoder, options, kind="audio")
    if not isinstance(encoder, AudioEncoder):
        raise EncoderError(f"'{wanted.encoder}' is no audio encoder.", fix="antiphon encoders lists them.")
    wanted.require_same(
        provenance_of(encoder.card, encoder, options),
        mine="the library's vectors",
        theirs="the audio encoder on this machine",
        fix=f"antiphon embed --encoder {wanted.encoder} makes the library's vectors anew.",
    )
    return encoder
