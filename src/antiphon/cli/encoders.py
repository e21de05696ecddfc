"""The command ``encoders``: what there is, and what each needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from antiphon.cli.output.console import JsonOption, LibraryOption, note, say, say_json, table
from antiphon.embed.robustness.changes import CHANGES
from antiphon.embed.robustness.check import TRACKS, check_encoders
from antiphon.embed.robustness.result import HALF_WAY, LEAST_FOUND
from antiphon.encoders._shared.weights import fetch, weights_here
from antiphon.errors import ConfigError
from antiphon.library.tracks import Library
from antiphon.registry import Plugin, find, scan

HEADINGS = (
    "encoder",
    "kind",
    "numbers",
    "layout",
    "rate",
    "weights",
    "download",
    "a query",
    "licence",
    "state",
    "what it is",
)
CHECKED = ("encoder", "change", "cosine", "to others", "nearest to itself", "moved", "")


def encoders(
    *,
    get: Annotated[list[str] | None, Parameter(consume_multiple=True, negative="")] = None,
    check: Annotated[list[str] | None, Parameter(consume_multiple=True, negative="")] = None,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """What encoders there are, what each needs, and how to get it.

    Parameters
    ----------
    get
        Fetch the weights of these encoders, such as musicnn, and keep them on this machine.
    check
        Look whether the vectors of these audio encoders hold when a file is compressed to mp3, softer, or has noise in
        it: on up to 20 tracks of the library, embedded before and after. diagnose reads what was found.
    json
        Print the cards as JSON; with --get, where the weights are; with --check, what was found.
    library
        The library's folder, for --check.
    """
    if get and check:
        raise ConfigError("--get and --check are two tasks.", fix="Fetch first, then check.")
    if get:
        return _fetch(get, as_json=json)
    if check:
        return _check(Library(library), check, as_json=json)
    plugins, broken = scan()
    if json:
        say_json([_described(plugin) for plugin in plugins.values()])
    else:
        table(
            HEADINGS,
            [_row(plugin) for plugin in plugins.values()],
            right=("numbers", "rate", "download", "a query"),
            spare=("what it is", "rate", "layout", "weights"),
        )
        note("Missing weights are fetched by antiphon encoders --get NAME or at first use, or named: --weights DIR")
        note("Any other sentence-transformers model works as text encoder: antiphon embed --text ID_OR_PATH")
    for plugin_error in broken:
        note(f"{plugin_error.source} could not be imported: {plugin_error.reason}")
    return None


def _fetch(names: Sequence[str], *, as_json: bool) -> None:
    """Fetch weights; say where they are and what to do with them, and list no encoder that nobody asked for."""
    found = {plugin.card.name: plugin for plugin in map(find, names)}
    places = {name: str(fetch(plugin)) for name, plugin in found.items()}
    if as_json:
        return say_json(places)
    say(f"{name}: {where}" for name, where in places.items())
    for kind, option in (("audio", "--encoder"), ("text", "--text")):
        chosen = [name for name, plugin in found.items() if plugin.card.kind == kind]
        if chosen:
            note(f"Next, in a library: antiphon embed {option} {' '.join(chosen)}")
    return None


def _check(library: Library, names: Sequence[str], *, as_json: bool) -> None:
    """Look whether encoders' vectors hold under changes of the sound."""
    note(f"Embedding up to {TRACKS} tracks before and after {len(CHANGES)} changes, with {' and '.join(names)} …")
    found = check_encoders(library, names)
    if as_json:
        return say_json([each.to_dict() for each in found])
    rows = [
        (
            each.encoder,
            moved.change,
            f"{moved.cosine:.3f}",
            f"{moved.others:.3f}",
            f"{moved.itself:.0%}",
            f"{moved.way if moved.to_nearest is None else moved.to_nearest:.0%}",
            "holds" if moved.holds else "DOES NOT HOLD",
        )
        for each in found
        for moved in each.moved
    ]
    table(CHECKED, rows, right=CHECKED[2:6], spare=())
    note(f"{found[0].tracks} tracks, up to {found[0].seconds:g} s of each; numbers standardised as a head reads them.")
    note("moved: how far, as a share of the way to the nearest other track; nearest to itself: among all originals.")
    note(
        f"It holds where {LEAST_FOUND:.0%} are nearest to themselves and tracks move by {HALF_WAY:.0%} at most, "
        "or so few tracks leave that open (95 %)."
    )
    return None


def _state(plugin: Plugin) -> str:
    missing = plugin.card.missing_packages()
    if not missing:
        return "ready" if weights_here(plugin) else "weights missing"
    extra = plugin.card.extra
    return f"needs pip install 'antiphon[{extra}]'" if extra else f"needs pip install {' '.join(missing)}"


def _row(plugin: Plugin) -> tuple[object, ...]:
    card = plugin.card
    licence = f"{card.licence} (non-commercial)" if card.non_commercial else card.licence
    size = f"{card.parameters / 1e6:.0f} M" if card.parameters else "none"
    rate = "" if card.rate is None else f"{card.rate} Hz"
    return (
        card.name,
        card.kind,
        f"{card.layout.size:,}",
        card.layout,
        rate,
        size,
        f"{card.download_mb} MB" if card.download_mb else "",
        f"{card.query_ms:.0f} ms" if card.query_ms else "",
        licence,
        _state(plugin),
        card.summary,
    )


def _described(plugin: Plugin) -> dict[str, Any]:
    data = asdict(plugin.card)
    return {**data, "size": plugin.card.layout.size, "source": plugin.source, "state": _state(plugin)}
