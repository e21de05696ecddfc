"""The command index: every track into the shared space."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from antiphon.align.checkpoint.paths import find_checkpoint
from antiphon.align.checkpoint.sealed import shown_name
from antiphon.cli.output.console import LibraryOption, note, say
from antiphon.errors import ConfigError
from antiphon.library.commands import command
from antiphon.search.bundle.hub import is_address, pull
from antiphon.search.checkpoints import checkpoint_for_search
from antiphon.search.indexing import index_in_milvus, index_library
from antiphon.search.light.opening import why_slow


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
    is there only tracks that are new or have another vector are projected. A library has one index: a search that
    names no checkpoint takes the best, and makes its index anew where this one is of another.

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
    if exact_mb is not None and exact_mb < 0:
        raise ConfigError(f"--exact-mb {exact_mb} is no size.", fix="Use 0 for inverted lists always, or megabytes.")
    if bundle is not None and checkpoint is not None:
        raise ConfigError("A checkpoint and a bundle cannot both be what the index is made with.", fix="Name one.")
    named = checkpoint if bundle is None else pull(bundle) if is_address(bundle) else Path(bundle)
    chosen = find_checkpoint(library, named, search=True) if named else checkpoint_for_search(library)
    if into is not None:
        say(index_in_milvus(library, chosen, into).lines())
        return
    limit = None if exact_mb is None else exact_mb << 20
    say(index_library(library, chosen, anew=anew, exact_bytes=limit).lines())
    note([*_not_what_search_takes(library, chosen), *why_slow(library, chosen)])


def _not_what_search_takes(library: Path, chosen: Path) -> list[str]:
    """That a search which names no checkpoint takes another one, and puts its index in the place of this one."""
    best = checkpoint_for_search(library)
    if best.resolve() == chosen.resolve():
        return []
    own = command(f"search --checkpoint {shlex.quote(str(chosen))} WORDS", library)
    return [
        f"A search that names no checkpoint takes {shown_name(best)}, and puts its index in the place of this one. "
        f"To ask this one: {own}"
    ]
