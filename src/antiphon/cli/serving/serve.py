"""The command serve: a library's page and its interface over HTTP."""

from __future__ import annotations

import importlib.util
import os
import socket
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from antiphon.api.watching.child import watching_once
from antiphon.cli.accounts import JELLYFIN_KEY, account_for, tell_commands
from antiphon.cli.output.console import note
from antiphon.cli.searching.pushing import server_for
from antiphon.cli.serving.place import ServedSource, copy_of_what_is_away, made_from, place_of
from antiphon.cli.serving.tokens import tokens_from
from antiphon.errors import ConfigError
from antiphon.library.subsonic.client import Subsonic

NEEDED = ("fastapi", "uvicorn")
EVERYWHERE = ("0.0.0.0", "::")  # nosec B104 # compared, not bound
"""Hosts that mean every address of this machine."""


def serve(
    place: str | None = None,
    /,
    *,
    host: str = "127.0.0.1",
    port: int = 8337,
    token_file: Path | None = None,
    guests: Annotated[bool, Parameter(negative="")] = False,
    root_path: str = "",
    allow_host: Annotated[list[str] | None, Parameter(negative="")] = None,
    allow_origin: Annotated[list[str] | None, Parameter(negative="")] = None,
    proxy: Annotated[list[str] | None, Parameter(negative="")] = None,
    guest_sound: bool = True,
    rate: int = 600,
    log: Literal["quiet", "requests", "debug"] | None = None,
    watch: Annotated[bool, Parameter(negative="")] = False,
    push: str | None = None,
    library: Annotated[Path | None, Parameter(name=["--library", "-l"])] = None,
) -> None:
    """Answer in the browser, and to other programs, until Ctrl-C.

    A folder of music becomes a library first: it is read, then listened to in the background, and where there is
    enough trained; meanwhile it answers from what is ready. Nothing is written into the music. Started again, it takes
    in what is new and carries on.

    Parameters
    ----------
    place
        A library, a folder of music, or what else antiphon ingest takes. Default: the library of --library.
    host
        The address to listen at. Others reach the server only where this is not the default; set a token then.
    port
        The port to listen at; 0 for any that is free.
    token_file
        A file with tokens, one a line, in place of the variable ANTIPHON_TOKENS: whoever sends one of them may do
        everything. Without any, whoever asks from this machine may.
    guests
        Others may search and listen without a token. They see no paths, start no work and change nothing.
    root_path
        The path under which a reverse proxy shows the server, such as /antiphon.
    allow_host
        A name by which requests may address the server, beside those of this machine; several times for several.
    allow_origin
        An origin, such as https://music.example.com, whose pages may ask from a visitor's browser; several times for
        several. Without it no other site's page may.
    proxy
        The address or network of a reverse proxy, whose X-Forwarded headers are believed; several times for several.
    guest_sound
        Whether guests may listen.
    rate
        Requests a minute from one address that sends no token; 0 for any number.
    log
        What goes to stderr: failures alone, a line a request (never what was asked), or also its path and address.
        Default: quiet in a terminal, else requests.
    watch
        Take in what changes in the music while the server runs, as antiphon watch does, in a process of its own that
        begins when the first work is done.
    push
        A Subsonic server, https://USER@HOST, on which playlists that are made here, on the page or by a player's
        plug-in, are made, too. The password is asked for, or ANTIPHON_SUBSONIC_PASSWORD.
    library
        The library's folder. Default: the current folder; for music that is named, a folder of its own in
        ~/.local/share/antiphon (or $XDG_DATA_HOME/antiphon).
    """
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise ConfigError(f"The server needs {' and '.join(missing)}.", fix="pip install 'antiphon[serve]'")
    from antiphon.search.server.app import make_app
    from antiphon.search.server.guard.seen.log import write_log
    from antiphon.search.server.jobs.queue import Jobs
    from antiphon.search.server.served import Served
    from antiphon.search.server.serving import serve as answer
    from antiphon.search.server.settings import Limits, ServerSettings

    settings = ServerSettings(
        host=host,
        port=port,
        tokens=tokens_from(token_file),
        guests=guests,
        root_path=root_path,
        allowed_hosts=tuple(allow_host or ()),
        allowed_origins=tuple(allow_origin or ()),
        proxies=tuple(proxy or ()),
        guests_hear=guest_sound,
        jellyfin_key=os.environ.get(JELLYFIN_KEY, ""),
        limits=Limits(rate=rate),
    )
    write_log(log or ("quiet" if sys.stderr.isatty() else "requests"), sys.stderr)
    found = place_of(place, library)
    begins = not (found.library / "library.json").is_file()
    player = _player(push, made_from(found) if watch or found.source is not None else "")
    jobs = Jobs(found.library, found.source)
    served = Served(found.library, jobs, player)
    waits = copy_of_what_is_away(found) if library is None else ""
    served.notes = (waits,) if waits else ()
    app = make_app(served, settings)
    if found.source is not None:
        jobs.submit("prepare", on_its_own=not waits)
    elif served.loads_checkpoint:
        jobs.submit("index")  # so that the next answers, and the next start, do without torch

    def is_at_rest() -> bool:
        return (found.library / "library.json").is_file() and jobs.is_at_rest

    def greet(address: str) -> None:
        note([*_greeting(address, found, host, begins=begins), *served.notes])

    with watching_once(is_at_rest, served.root) if watch and not waits else nullcontext():
        answer(app, settings, on_listening=greet)


def _player(push: str | None, source: str) -> Subsonic | None:
    """The server that playlists are made on. Who asks it, or the one that the music is read from, is found out now."""
    pushed = [] if push is None else [push]
    if source:
        tell_commands(account_for([source, *pushed]))
    return server_for(*pushed)


def _greeting(address: str, found: ServedSource, host: str = "", *, begins: bool = False) -> list[str]:
    own = socket.gethostname().partition(".")[0]
    others = address.replace("//127.0.0.1:", f"//{own}:").replace("//[::1]:", f"//{own}:")
    made = [] if found.source is None else [f"Made of {found.source}: how far it is read and heard stands on the page."]
    return [
        f"Antiphon answers at {address}   (open it in a browser; Ctrl-C ends it)",
        *([f"Other devices: {others}, or this machine's address in place of its name"] if host in EVERYWHERE else []),
        f"{'A new library begins' if begins else 'Library'}: {found.library.resolve()}",
        *made,
    ]
