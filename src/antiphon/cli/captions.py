"""The command that makes captions: caption."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from antiphon.captions.making import make_captions, remove_captions, write_captions
from antiphon.captions.table import write_table
from antiphon.cli.output.console import JsonOption, LibraryOption, note, say, say_json, table
from antiphon.library.captions import MADE_KINDS
from antiphon.library.next_step import command, next_step
from antiphon.library.tracks import Library


def caption(
    *,
    kinds: Annotated[list[Literal["tags", "machine"]] | None, Parameter(consume_multiple=True, negative="")] = None,
    out: Path | None = None,
    examples: int = 5,
    remove: Annotated[bool, Parameter(negative="")] = False,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """Describe tracks that nobody described: from their metadata, and from what encoders hear in them.

    All captions that were made before are replaced; what people wrote is never touched. The same library gives the
    same captions. Which kinds there are holds from then on: embed makes no others.

    Parameters
    ----------
    kinds
        tags: from genre, mood, instruments, year, tempo, key, language, comments. machine: from the sound. Default:
        both, as far as the library has what they need.
    out
        Also write them to a table for editing (.csv, .tsv); `antiphon ingest MANIFEST FILE` reads it back, and what you
        have changed counts as yours.
    examples
        How many tracks are shown.
    remove
        Remove all captions that were made; embed makes none from then on.
    json
        Print counts, examples and what is missing as JSON.
    library
        The library's folder.
    """
    opened = Library(library)
    if remove:
        remove_captions(opened.root)
        say(f"All captions that Antiphon made are removed. To have them again: {command('caption', library)}")
        return
    made = make_captions(opened, kinds or MADE_KINDS)
    write_captions(made)
    if out is not None:
        write_table(Library(library), out)
    if json:
        say_json({**made.to_dict(), "table": None if out is None else str(out)})
        return
    say(made.lines())
    if shown := made.examples(examples):
        table(["track", "kind", "caption"], shown)
    if out is not None:
        note(f"Table written to {out}. Edited, it comes back with: antiphon ingest MANIFEST {out}")
    note(f"Next: {next_step(Library(library))}")
