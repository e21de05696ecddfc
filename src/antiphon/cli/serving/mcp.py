"""The command mcp: a library as a tool of assistants."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from antiphon.cli.output.console import LibraryOption
from antiphon.errors import ConfigError


def mcp(*, library: LibraryOption = Path()) -> None:
    """Let an assistant search the library, in the Model Context Protocol on standard input and output.

    An assistant's program starts this command by itself; see docs/guides/assistants.md for what to tell it. The tools:
    search in words, similar tracks, a path between two, words for a track, a playlist.

    Parameters
    ----------
    library
        The library's folder.
    """
    if importlib.util.find_spec("mcp") is None:
        raise ConfigError("Assistants are served by the package mcp.", fix="pip install 'antiphon[mcp]'")
    from antiphon.library.tracks import Library
    from antiphon.search.assistants.tools import make_tools
    from antiphon.search.server.served import Served

    Library(library)  # a server waits for one that is being made; here nobody makes it
    make_tools(Served(library)).run("stdio")
