"""The command index: every track into the shared space."""

from __future__ import annotations

from pathlib import Path

from antiphon.align.checkpoint.paths import find_checkpoint
from antiphon.cli.output.console import LibraryOption, say
from antiphon.search.indexes.build import build_index
from antiphon.search.searcher import checkpoint_for_search


def index(checkpoint: Path | None = None, *, library: LibraryOption = Path()) -> None:
    """Put every track into the shared space, ready to be searched.

    Search does this by itself when the index is missing or out of date; run it to pay the time now.

    Parameters
    ----------
    checkpoint
        A checkpoint file, or the name of a training. Default: the best on the validation split, as it was fitted again
        for search (NAME_serving.pt) where that was done.
    library
        The library's folder.
    """
    chosen = find_checkpoint(library, checkpoint, search=True) if checkpoint else checkpoint_for_search(library)
    built = build_index(library, chosen)
    say(f"Indexed {len(built.track_ids)} tracks in {built.vectors.shape[1]} dimensions with {chosen.name}.")
