"""The command that makes captions: caption."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from antiphon.captions.making import make_captions, remove_captions, write_captions
from antiphon.captions.table import write_table
from antiphon.cli.output.console import SEVERAL, JsonOption, LibraryOption, note, say, say_json, table
from antiphon.cli.output.results import OutFile
from antiphon.errors import LibraryError
from antiphon.library.captions import MADE_KINDS
from antiphon.library.ingest.recipe.recorded import library_recipe
from antiphon.library.next_step import command, next_step
from antiphon.library.tracks import Library


def caption(
    *,
    kinds: Annotated[list[Literal["tags", "machine"]] | None, SEVERAL] = None,
    out: OutFile = None,
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
        note(f"Table written to {out}. {_way_back(Library(library), out)}")
        return
    note(f"Next: {next_step(Library(library))}")


def _way_back(library: Library, table_file: Path) -> str:
    """What to type once the table was edited, so that a training learns from it."""
    try:
        sources = [str(source) for source in library_recipe(library).sources]
    except LibraryError:  # a library from before what it was made of was kept
        sources = ["MANIFEST"]
    names = [shlex.quote(name) for name in dict.fromkeys([*sources, os.path.abspath(table_file)])]  # noqa: PTH100
    ingest, *rest = (command(words, library.root) for words in (f"ingest {' '.join(names)}", "embed", "train"))
    return f"Edited, it comes back with: {ingest}. Then: {', '.join(rest)}"
