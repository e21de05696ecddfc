"""The command check: is everything in a library as it was written?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from antiphon.api.checking.check import check as check_library
from antiphon.cli.output.console import JsonOption, LibraryOption, ProgressBar, say, say_json


def check(
    place: Path | None = None,
    /,
    *,
    add_checksums: Annotated[bool, Parameter(negative="")] = False,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """Read every file of a library against its checksum and its format: what is damaged, and what mends it.

    Nothing is written without --add-checksums. What has no checksum (JSON, files of earlier versions) is read in full,
    and said to be no more than that. Exit code 1 where something has to be mended.

    Parameters
    ----------
    place
        A library, or a sealed bundle's folder. Default: that of --library.
    add_checksums
        Give vectors that were made before there were checksums one each, of what they are now: changes from today on
        are noticed, and of those before nothing is known. The check says so of them from then on.
    json
        Print what was found of each file as JSON.
    library
        The library's folder.
    """
    with ProgressBar("MB") as bar:
        found = check_library(library if place is None else place, bar.update, add_checksums=add_checksums)
    if json:
        say_json(found.to_dict())
    else:
        say(found.lines())
    if found.wrong:
        sys.exit(1)
