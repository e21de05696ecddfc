"""The command index: every track into the shared space."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from antiphon.align.checkpoint.paths import find_checkpoint
from antiphon.align.checkpoint.sealed import shown_name
from antiphon.cli.output.console import LibraryOption, note, say
from antiphon.errors import ConfigError
from antiphon.search.answers.fit.keeping import calibrate
from antiphon.search.bundle.hub import is_address, pull
from antiphon.search.checkpoints import checkpoint_for_search
from antiphon.search.indexes.account import index_lines
from antiphon.search.indexes.build import build_index
from antiphon.search.light.opening import why_slow
from antiphon.search.light.preparing import prepare
from antiphon.search.milvus.address import address_of
from antiphon.search.milvus.build import fill_collection
from antiphon.search.searcher import Searcher


def index(
    checkpoint: Path | None = None,
    *,
    bundle: str | None = None,
    anew: Annotated[bool, Parameter(negative="")] = False,
    exact_mb: int | None = None,
    into: Annotated[str | None, Parameter(name="--index")] = None,
    library: LibraryOption = Path(),
) -> None:
    """Put every track into the shared space, ready to be searched.

    Search does this by itself when the index is missing or out of date; run it to pay the time now. Of an index that
    is there only tracks that are new or have another vector are projected.

    Parameters
    ----------
    checkpoint
        A checkpoint file, or the name of a training. Default: the best on the validation split, as it was fitted again
        for search (NAME_serving.pt) where that was done.
    bundle
        In place of a checkpoint a sealed bundle, from any library: its folder, or hf://ORG/NAME on a model hub.
    anew
        Project every track, also those that the index holds already.
    exact_mb
        Size of the vectors, MB, up to which every answer looks at all tracks. Larger libraries get inverted lists
        (faiss, from the extra search), whose recall is measured and shown. Default: 256, about 250,000 tracks.
    into
        In place of the library's own index a Milvus collection: milvus://HOST:PORT/COLLECTION, or a file tracks.db of
        Milvus Lite (needs the extra milvus). What changed is put there, what went is removed.
    library
        The library's folder.
    """
    if bundle is not None and checkpoint is not None:
        raise ConfigError("A checkpoint and a bundle cannot both be what the index is made with.", fix="Name one.")
    named = checkpoint if bundle is None else pull(bundle) if is_address(bundle) else Path(bundle)
    chosen = find_checkpoint(library, named, search=True) if named else checkpoint_for_search(library)
    if into is not None:
        say(fill_collection(library, chosen, address_of(into)).lines(shown_name(chosen), into))
        return
    built = build_index(library, chosen, anew=anew, exact_bytes=None if exact_mb is None else exact_mb << 20)
    searcher = Searcher(library, chosen)
    say(index_lines(built, shown_name(chosen), searcher.model.dim))
    calibrate(searcher)
    record = prepare(searcher)
    if record is not None and record.folder:
        say("Searches start without torch.")
    note(why_slow(library, chosen))
