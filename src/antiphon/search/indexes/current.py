"""The index that answers now: the one on disk if it is of what is there, else one that is built on the spot."""

from __future__ import annotations

import logging
from pathlib import Path

from antiphon.errors import EmbeddingError, LibraryError, reason
from antiphon.library.tracks import Library
from antiphon.search.indexes.exact import Index, open_index
from antiphon.search.indexes.sources import is_current

LOG = logging.getLogger(__name__)


def current_index(root: Path, checkpoint: Path, encoder: str, *, keep: bool = True) -> Index:
    """The index for a checkpoint, brought up to date where it is missing, damaged, or older than what it was made from.

    Where it cannot be written (a read-only disk, another process at it) the answer comes from memory. Only building
    loads torch.

    Parameters
    ----------
    keep : write what is built, in place of the index that is there.
    """
    library = Library(root)
    try:
        index = open_index(root)
        if is_current(index.about, library, checkpoint, encoder):
            return index
    except EmbeddingError:
        pass  # missing or damaged: built anew
    from antiphon.search.indexes.build import build_index, index_in_memory

    if not keep:
        return index_in_memory(library, checkpoint)
    try:
        return build_index(root, checkpoint)
    except (OSError, LibraryError) as error:
        unwritten = error
    index = index_in_memory(library, checkpoint)  # where the library itself is at fault, this says so
    LOG.warning("The search index is not written (%s): this answer comes from memory.", reason(unwritten))
    return index
