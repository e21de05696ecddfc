"""Commands for the first minutes: demo, encoders."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from pathlib import Path
from typing import Any

from antiphon.cli import app
from antiphon.cli.console import JsonOption, ProgressBar, note, say, say_json, table
from antiphon.demo.check import query_precision
from antiphon.demo.render import QUERIES, render_library
from antiphon.encoders._shared.weights import weights_here
from antiphon.registry import Plugin, scan


def demo(*, out: Path = Path("demo-library"), pieces: int = 640, seed: int = 0, jobs: int | None = None) -> None:
    """Everything, offline, start to finish, on music rendered on the spot.

    Renders a small music library, then runs the same commands that you would run on your own: ingest, embed, train,
    compare, diagnose, search. Each is printed before it runs.

    Parameters
    ----------
    out
        The library's folder; the music goes into OUT/music.
    pieces
        How many pieces of about eight seconds to render.
    seed
        Another seed, another library.
    jobs
        Worker processes. Default: one a core.
    """
    with ProgressBar("rendering music") as bar:
        manifest = render_library(out / "music", pieces=pieces, seed=seed, jobs=jobs, on_progress=bar.update)
    library = ["--library", str(out)]
    steps = [
        ["ingest", str(manifest), *library],
        ["embed", *library, *([] if jobs is None else ["--jobs", str(jobs)])],
        ["train", "--encoder", "all", "--quiet", *library],
        ["compare", *library],
        ["diagnose", *library],
        *(["search", query.text, "-k", "5", *library] for query in QUERIES[:3]),
    ]
    for step in steps:
        note(f"\n$ antiphon {shlex.join(step)}")
        app(step, result_action="return_value")
    say(["", query_precision(out, out / "music").line()])
    note(f'\nAsk it something yourself: antiphon search "calm organ" --library {shlex.quote(str(out))}')


def encoders(*, json: JsonOption = False) -> None:
    """What encoders there are, and what each needs.

    Parameters
    ----------
    json
        Print the cards as JSON.
    """
    plugins, broken = scan()
    if json:
        say_json([_described(plugin) for plugin in plugins.values()])
    else:
        headings = ("encoder", "kind", "numbers", "layout", "rate", "weights", "licence", "state", "what it is")
        table(
            headings,
            [_row(plugin) for plugin in plugins.values()],
            right=("numbers", "rate"),
            spare=("what it is", "rate", "layout", "weights"),
        )
        note("Missing weights are fetched at first use, or named: antiphon embed --encoder NAME --weights DIR")
        note("Any other sentence-transformers model works as text encoder: antiphon embed --text ID_OR_PATH")
    for plugin_error in broken:
        note(f"{plugin_error.source} could not be imported: {plugin_error.reason}")


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
        licence,
        _state(plugin),
        card.summary,
    )


def _described(plugin: Plugin) -> dict[str, Any]:
    data = asdict(plugin.card)
    return {**data, "size": plugin.card.layout.size, "source": plugin.source, "state": _state(plugin)}
