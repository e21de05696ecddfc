"""Words that people type which are no command or option here: what to type in their place."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from itertools import pairwise

INGEST, SEARCH, SERVE = "antiphon ingest FOLDER", "antiphon search calm piano", "antiphon serve FOLDER"
CHECK = "antiphon check"
COMMANDS = {
    "add": (INGEST,),
    "analyze": ("antiphon embed",),
    "ask": (SEARCH,),
    "captions": ("antiphon caption",),
    "create": (INGEST,),
    "doctor": ("antiphon diagnose",),
    "download": ("antiphon encoders --get NAME",),
    "eval": ("antiphon evaluate",),
    "find": (SEARCH,),
    "fit": ("antiphon train",),
    "help": ("antiphon --help",),
    "import": (INGEST, "antiphon import-embeddings"),
    "info": (CHECK, "antiphon diagnose"),
    "init": (INGEST,),
    "like": ("antiphon search --like TRACK",),
    "list": ("antiphon encoders", "antiphon playlist --list"),
    "listen": ("antiphon embed",),
    "models": ("antiphon encoders",),
    "move": ("antiphon move-paths",),
    "m3u": ("antiphon search calm piano --m3u FILE", "antiphon playlist"),
    "new": (INGEST,),
    "query": (SEARCH,),
    "radio": ("antiphon playlist --radio TRACK",),
    "refresh": ("antiphon watch", "antiphon playlist --refresh"),
    "repair": (CHECK,),
    "run": (SERVE,),
    "scan": (INGEST,),
    "server": (SERVE,),
    "show": ("antiphon report", SERVE),
    "similar": ("antiphon search --like TRACK",),
    "start": (SERVE, "antiphon demo"),
    "stats": (CHECK, "antiphon diagnose"),
    "status": (CHECK, "antiphon diagnose"),
    "sync": ("antiphon watch",),
    "test": ("antiphon evaluate",),
    "update": ("antiphon watch", INGEST),
    "verify": (CHECK,),
    "version": ("antiphon --version",),
    "web": (SERVE,),
}
"""What is typed for a command → what does that here."""
OPTIONS = {
    ("playlist", "--map"): "--path-map PLAYER=HERE (the player's folder first)",
    ("search", "--m3u-root"): "--path-map PLAYER=HERE, or --relative",
    ("fuse", "--weights"): "--shares",
}
"""Command and an option that it had → what it is called now."""


def meant(arguments: Sequence[str]) -> str | None:
    """What to tell somebody who typed a word that is no command or option here; None where nothing is known.

    Parameters
    ----------
    arguments : as they were typed, without the program's name.

    Examples
    --------
    >>> meant(["query", "piano"])
    "There is no command 'query': antiphon search calm piano"
    """
    command, *rest = arguments or [""]
    if command in COMMANDS:
        return f"There is no command '{command}': {' or '.join(COMMANDS[command])}"
    options = rest[: rest.index("--")] if "--" in rest else rest
    for word in options:
        option = word.partition("=")[0]
        if (command, option) in OPTIONS:
            return f"'{option}' is called otherwise now: {OPTIONS[command, option]}"
    return _several_filters(options)


def _several_filters(words: Sequence[str]) -> str | None:
    """That conditions are joined in one filter, where several filters were typed."""
    filters = [after for word, after in pairwise(words) if word == "--where"]
    filters += [word.removeprefix("--where=") for word in words if word.startswith("--where=")]
    if len(filters) < 2:
        return None
    joined = " and ".join(f"({each})" if " or " in each else each for each in filters)
    return f"--where is given once, its conditions joined by and, or, not: --where {shlex.quote(joined)}"
