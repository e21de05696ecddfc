"""The command export: shared-space vectors for other programs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from antiphon.align.checkpoint.paths import find_checkpoint
from antiphon.cli.output.console import JsonOption, LibraryOption, note, say, say_json
from antiphon.cli.output.results import RESULT_OPTION
from antiphon.search.export import export_vectors
from antiphon.search.searcher import Searcher


def export(
    checkpoint: Path | None = None,
    *,
    out: Annotated[Path, Parameter(name=["--out", "-o"]), RESULT_OPTION],
    scores: Annotated[bool, Parameter(negative="")] = False,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """Write every track's vector in the shared space, with ids and metadata, for another program.

    The folder gets tracks.parquet (names, path, metadata, vector), vectors.npy, ids.txt and about.json. Queries for it
    come from antiphon embed-text.

    Parameters
    ----------
    checkpoint
        A checkpoint file, or the name of a training. Default: the one that search takes.
    out
        The folder, made if absent; an earlier export in it is replaced.
    scores
        Vectors that rank exactly as search does, also where it corrects for tracks that are near to everything. The
        other side then is Model.score_text, and the measure the dot product.
    json
        Print what about.json says, as JSON.
    library
        The library's folder.
    """
    searcher = Searcher(library, find_checkpoint(library, checkpoint, search=True) if checkpoint else None)
    made = export_vectors(searcher, out, scores=scores)
    if json:
        say_json(asdict(made))
        return
    say(f"{made.tracks:,} tracks in {made.dimensions} dimensions, to be compared by their {made.compared_by}: {out}")
    if made.corrects_hubs and not scores:
        note("Search also corrects for tracks that are near to everything; --scores exports vectors that rank so.")
