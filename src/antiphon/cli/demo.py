"""The command ``demo``: the main job on music that is rendered on the spot, ending in answers."""

from __future__ import annotations

import io
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from antiphon.cli import app
from antiphon.cli.output.console import ProgressBar, errors, note, say
from antiphon.cli.output.invocation import called_as
from antiphon.cli.output.results import RESULT_OPTION
from antiphon.demo import summary
from antiphon.demo.check import Answered, ask, precision
from antiphon.demo.render import holds_other_music, render_library
from antiphon.errors import ConfigError
from antiphon.library.files import write_text
from antiphon.library.tracks import Library

SHOWN_HITS = 2
Step = tuple[list[str], Callable[[Path], list[str]]]


def demo(
    *,
    out: Annotated[Path, Parameter(name=["--out", "-o"]), RESULT_OPTION] = Path("demo-library"),
    pieces: int = 640,
    seed: int = 0,
    jobs: int | None = None,
) -> None:
    """Everything, offline, start to finish, on music rendered on the spot.

    Renders a small music library, then runs the commands that you would run on your own: ingest, embed, train,
    fuse, compare, diagnose. What they print goes into OUT/results.md. At the end the library answers questions.

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
    if (out / "library.json").exists() and holds_other_music(out / "music", pieces=pieces, seed=seed):
        raise ConfigError(
            f"{out} holds a demo of other music, and trainings on it.",
            fix=f"Give this one a folder of its own: {called_as()} demo --out {shlex.quote(f'{out}-{pieces}-{seed}')}",
        )
    with ProgressBar("rendering music") as bar:
        manifest = render_library(out / "music", pieces=pieces, seed=seed, jobs=jobs, on_progress=bar.update)
    pages = ["# What the demo's commands printed\n"]
    for arguments, summed_up in _steps(out, manifest, jobs):
        note(f"\n$ {called_as()} {shlex.join(arguments)}")
        pages.append(f"## antiphon {shlex.join(arguments)}\n\n```\n{_run(arguments)}```\n")
        write_text(out / "results.md", "\n".join(pages))
        say([f"  {line}" for line in summed_up(out)])
    _answer(out)


def _steps(out: Path, manifest: Path, jobs: int | None) -> Iterator[Step]:
    """Each command, when those before it have run, and what to say of it in a line or two."""
    library = ["--library", str(out)]
    yield ["ingest", str(manifest), *library], summary.ingested
    yield ["embed", *library, *([] if jobs is None else ["--jobs", str(jobs)])], summary.embedded
    yield ["train", "--encoder", "all", "--quiet", *library], summary.trained
    yield ["fuse", *Library(out).embedded("audio"), *library], summary.fused
    yield ["compare", *library], summary.compared
    yield ["diagnose", *library], summary.diagnosed


def _run(arguments: list[str]) -> str:
    """Run a command and return what it printed, results and notes in their order."""
    with _printed() as text:
        app(arguments, result_action="return_value")
    return text.getvalue()


@contextmanager
def _printed() -> Iterator[io.StringIO]:
    """Collect all that is printed; progress bars stay on the terminal."""
    text = io.StringIO()
    errors.file = sys.stderr
    try:
        with redirect_stdout(text), redirect_stderr(text):
            yield text
    finally:
        errors.file = None  # type: ignore[assignment]  # what rich takes for "whatever sys.stderr is then"


def _answer(out: Path) -> None:
    """Ask the example queries, show the first answers, and say what to type next."""
    answered = ask(out, out / "music")
    for one in answered:
        say(["", *_shown(one)])
    say(["", precision(answered, out / "music").line(), f"All tables: {out / 'results.md'}"])
    command, library = called_as(), shlex.quote(str(out))
    say(["", "Ask it something yourself:"])
    say(f'  {command} search "calm organ" --library {library}')
    say(f'  {command} search "a fast guitar with drums" -k 20 --m3u guitar.m3u --library {library}')
    say(["All of it on one page, with curves, a map and sound (first: pip install 'antiphon[report]'):"])
    say(f"  {command} report --library {library}")


def _shown(one: Answered) -> list[str]:
    """The first answers, each with what it is made of: a tick where it has everything that was asked for."""
    lines = [f'"{one.query.text}" – {sum(one.right)} of the first {len(one.right)} are right']
    for hit, recipe, right in list(zip(one.hits, one.recipes, one.right, strict=True))[:SHOWN_HITS]:
        lines.append(f"{'✓' if right else '·'} {hit.score:.2f}  {hit.title} ({recipe.in_short()})")
    return lines
