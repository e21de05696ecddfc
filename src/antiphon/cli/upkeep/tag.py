"""The command tag: words that were heard, into the files' own tags."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from antiphon.api.tagging.tag import restore as restore_tags
from antiphon.api.tagging.tag import tag as tag_files
from antiphon.cli.output.console import JsonOption, LibraryOption, ProgressBar, say, say_json
from antiphon.cli.output.stopping import end_as_by_ctrl_c
from antiphon.errors import ConfigError


def tag(
    *,
    write: Annotated[bool, Parameter(negative="")] = False,
    restore: Annotated[bool, Parameter(negative="")] = False,
    grouping: Annotated[bool, Parameter(negative="")] = False,
    keep_time: Annotated[bool, Parameter(negative="")] = False,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """Show the genres, moods and instruments that were heard as tags of the files; with --write, write them.

    They go into fields of their own (antiphon_genre, antiphon_mood, antiphon_instrument), moods also into mood where
    nobody has written one. What a person wrote is never changed, the sound never touched, and no track heard again for
    it. What the fields were is kept in tags_before.jsonl of the library. Needs the extra "tags".

    Parameters
    ----------
    write
        Write. Without it, it is only shown.
    restore
        Take back what was written; what a person has changed since stays.
    grouping
        Put all words into grouping, too, where that is empty: some players show it and not mood.
    keep_time
        Leave the files' times of modification as they are; players then read the new tags only when told to.
    json
        Print everything as JSON.
    library
        The library's folder.
    """
    if write and restore:
        raise ConfigError("--write and --restore exclude one another.", fix="Give one.")
    end_as_by_ctrl_c()
    with ProgressBar("tags") as bar:
        if restore:
            found = restore_tags(library, keep_time=keep_time, on_progress=bar.update)
        else:
            found = tag_files(library, write=write, grouping=grouping, keep_time=keep_time, on_progress=bar.update)
    if json:
        say_json(found.to_dict())
    else:
        say(found.lines())
