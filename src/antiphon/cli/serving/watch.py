"""The command watch: a library keeps up with its music."""

from __future__ import annotations

import json as json_module
import signal
from datetime import datetime
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Annotated

from cyclopts import Parameter

from antiphon.api.watching.child import update_in_child
from antiphon.api.watching.watch import EVERY_S
from antiphon.api.watching.watch import watch as watch_library
from antiphon.cli.accounts import account_for, tell_commands
from antiphon.cli.output.console import JsonOption, LibraryOption, ProgressBars, note, say, say_json
from antiphon.cli.output.stopping import end_as_by_ctrl_c
from antiphon.cli.output.text import json_text
from antiphon.errors import AntiphonError
from antiphon.library.ingest.recipe.recorded import library_recipe
from antiphon.library.tracks import Library


def watch(
    *,
    every: float = EVERY_S,
    once: Annotated[bool, Parameter(negative="")] = False,
    playlists: Annotated[bool, Parameter(negative="")] = False,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """Keep a library up to date with its music, until Ctrl-C: one line for each batch of changes.

    New, changed, moved and deleted files are ingested, heard and indexed as they come, with the encoders that the
    library has. It looks at names, sizes and times again and again, so that network drives (NFS, SMB) are watched, too;
    a file that is still being written waits until it stays as it is from one look to the next. The source is what the
    library was made from: a folder, a player's database, a table, or a Subsonic server, which is asked every quarter of
    an hour. A watch that was killed begins with all that it has missed.

    Parameters
    ----------
    every
        Seconds between two looks; they move apart by themselves where a look takes long.
    once
        Bring the library up to date once, and end: for cron, or a player's own hooks.
    playlists
        Write kept playlists (antiphon playlist --save) anew after each batch.
    json
        Print each batch as a line of JSON (with --once as one document).
    library
        The library's folder.
    """
    if once:
        end_as_by_ctrl_c()
        _once(library, playlists=playlists, json=json)
        return
    server = library_recipe(Library(library)).server
    tell_commands(account_for([server] if server else []))
    signal.signal(signal.SIGTERM, _stop)  # as systemd and docker end it
    note(f"Watching what {library.resolve()} was made from. Ctrl-C ends it; nothing is lost by that.")
    for batch in watch_library(library, partial(update_in_child, playlists=playlists), every=every):
        at = datetime.now().astimezone()
        if json:
            problem = None if batch.problem is None else _said(batch.problem)
            updated = None if batch.updated is None else batch.updated.to_dict()
            said = {"at": at.isoformat(timespec="seconds"), "updated": updated, "problem": problem}
            print(json_text(json_module.dumps(said, ensure_ascii=False)), flush=True)
        else:
            say(f"{at:%H:%M:%S}  {batch.line()}")
            note([f"          → {batch.problem.fix}"] if batch.problem is not None and batch.problem.fix else [])


def _once(library: Path, *, playlists: bool, json: bool) -> None:
    from antiphon.api.watching.update import update  # with all that hears and searches: the watch itself stays small

    server = library_recipe(Library(library)).server
    with ProgressBars() as bars:
        try:
            updated = update(
                library,
                account=account_for([server] if server else []),
                playlists=playlists,
                on_tags=lambda done, total: bars.update("tags", done, total),
                on_progress=lambda what, progress: bars.update(what, *progress.counted),
            )
        except AntiphonError as problem:
            if json:
                say_json({"updated": None, "problem": _said(problem)})
            raise
    if json:
        say_json({"updated": updated.to_dict(), "problem": None})
    else:
        say(updated.line())


def _said(problem: AntiphonError) -> dict[str, str | None]:
    return {"message": problem.problem, "fix": problem.fix}


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt("Stopped. Nothing is lost: the next antiphon watch begins where this one ended.")
