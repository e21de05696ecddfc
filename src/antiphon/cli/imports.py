"""The command ``import-embeddings``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from antiphon.api.embedded import import_into_library
from antiphon.cli.output.console import JsonOption, LibraryOption, ProgressBars, note, say, say_json
from antiphon.cli.output.next_lines import next_lines


def import_embeddings(
    name: str,
    file: Path,
    /,
    *,
    kind: Literal["audio", "text"] = "audio",
    ids: Path | None = None,
    layout: str | None = None,
    duplicates: bool = True,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """Bring vectors that you already have.

    Parameters
    ----------
    name
        Name of the encoder in this library; a known name (muq, mert, latent) implies its layout.
    file
        .npy with --ids, .npz (ids, vectors), .parquet (id, vector) or .h5.
    kind
        audio: ids are track ids. text: ids are caption ids, {track_id}#{n}.
    ids
        Text file with one id a line, for .npy.
    layout
        How the vector is composed, LAYERSxDIMSxSTATISTICS, such as 25x1024x3.
    duplicates
        Look for the same audio under two ids when done, and put such tracks into one group.
    json
        Print the report as JSON.
    library
        The library's folder.
    """
    with ProgressBars() as bars:
        report, regrouped = import_into_library(
            library,
            name,
            file,
            kind=kind,
            ids=ids,
            layout=layout,
            duplicates=duplicates,
            on_progress=lambda what, p: bars.update(what, p.done, p.total),
        )
    if json:
        say_json(report.to_dict())
    else:
        say(report.lines())
    note(regrouped.lines())
    note(next_lines(library))
