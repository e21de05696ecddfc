"""The command embed: frozen encoders over the music and its captions."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from antiphon.api.chosen import chosen_encoders, not_fetched
from antiphon.api.embedded import embed_library
from antiphon.cli.arguments.weights import weights_by_encoder
from antiphon.cli.output.console import SEVERAL, JsonOption, LibraryOption, ProgressBars, note, say, say_json
from antiphon.cli.output.next_lines import next_lines
from antiphon.embed import Progress, embed_audio
from antiphon.embed.loading import threads_wait_asleep
from antiphon.embed.plan.planned import plan
from antiphon.embed.ray_engine import embed_audio_ray
from antiphon.library.next_step import command
from antiphon.library.tracks import Library
from antiphon.registry import LoadOptions, TextPooling, find

SETTLED_S, LONG_S = 5.0, 120.0
"""Seconds before a pace is believed, and what is left from which on it is said how to do without made captions."""


def embed(
    *,
    encoder: Annotated[list[str] | None, SEVERAL] = None,
    text: Annotated[list[str] | None, SEVERAL] = None,
    phrases: bool | None = None,
    weights: Annotated[list[str] | None, SEVERAL] = None,
    revision: str | None = None,
    pooling: TextPooling | None = None,
    device: str = "auto",
    dtype: Literal["auto", "float32", "bfloat16"] = "auto",
    jobs: int | None = None,
    batch_seconds: float = 120.0,
    compile: Annotated[bool, Parameter(negative="")] = False,
    engine: Literal["local", "ray"] = "local",
    address: str | None = None,
    actors: int | None = None,
    gpus: float | None = None,
    retry_failed: Annotated[bool, Parameter(negative="")] = False,
    check_content: Annotated[bool, Parameter(negative="")] = False,
    allow_missing: Annotated[bool, Parameter(negative="")] = False,
    windows: Annotated[bool, Parameter(negative="")] = False,
    storage: Annotated[list[str] | None, SEVERAL] = None,
    duplicates: bool = True,
    captions: bool = True,
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """Run frozen encoders over the library's audio and captions.

    Only what is new, changed or (with --retry-failed) failed is embedded. Stopping at any moment loses at most the
    batch in flight; the same command carries on.

    Parameters
    ----------
    encoder
        Audio encoders by name; see `antiphon encoders`. Default: the three that need no download and,
        once it was fetched, musicnn; none where --text is given alone.
    text
        Text encoders: names, or ids or paths of sentence-transformers models; several stand beside one another.
        Default: minilm, and those that have read captions here before.
    phrases
        Embed the phrases of people's captions too (tags, clauses, sentences): training then uses them (setting
        caption_phrases). Default: where captions share them, as lists of tags do, and where they were embedded before.
    weights
        A folder or hub id with the encoder's weights, in place of its default; for several encoders NAME=DIR each
        (muq=DIR mert=DIR). An encoder's native text tower uses them, too (--encoder muq --text muq-mulan).
    revision
        Commit, tag or branch of the weights on the hub.
    pooling
        How a text model given by id or folder makes one vector of its tokens': mean, cls (the first token) or last.
        Only for a model whose own files do not say it.
    device
        Where models run: auto, cpu, cuda (all GPUs), cuda:1, cuda:0,cuda:1 (these), or mps.
    dtype
        Arithmetic of models. auto: float32 on a CPU, bfloat16 on a GPU, and musicnn on CPUs that have it.
    jobs
        Worker processes that decode sound and run signal encoders, for all devices together; with ray, for each actor.
        Default: one a core; with ray 1, or with GPUs the cores that there are for each GPU, at most 8.
    batch_seconds
        How much audio goes through a model in one batch, seconds.
    compile
        Run models through torch.compile: slower to start, worth it on a GPU and thousands of tracks.
    engine
        local: this machine. ray: a Ray cluster, whose machines find the audio under the same paths or URLs.
    address
        Address of the Ray cluster, such as ray://head:10001. Default: the connected one, or a new local one.
    actors
        Number of processes on the cluster that hold the encoders. Default: as many as it has room for.
    gpus
        GPUs of each such process: 1, a fraction to share one, or 0. Default: 1 for models where there are GPUs.
    retry_failed
        Try files again that failed before.
    check_content
        Compare a hash of each file's content with the last run's, instead of its size and time of modification.
    allow_missing
        Go on where most sound files are missing. Vectors of missing files stay in any case.
    windows
        Also keep the mean of every 10 s of each track, so that search says where a track fits best. Tracks that have
        a vector already are heard again for it; tracks that come later get theirs unasked.
    storage
        Open addresses of these kinds, such as s3 or gs; the library remembers it. Without it only files are opened.
    duplicates
        Look for the same audio under two ids when done, and put such tracks into one group.
    captions
        Make captions from metadata and from what was heard, beside people's, and embed them (antiphon caption shows
        them, and says which kinds there are). --no-captions leaves them as they are.
    dry_run
        Write nothing: say how many files and hours it would hear, how long that takes (as timed in earlier runs here,
        else measured on three files), how many bytes it stores, and what it leaves out.
    json
        Print the reports as JSON.
    library
        The library's folder.
    """
    threads_wait_asleep()
    audio_names, text_names = chosen_encoders(library, encoder, text)
    own = weights_by_encoder(weights or (), revision, audio_names, text_names)
    options = LoadOptions(
        device=device,
        dtype=dtype,
        compile=compile,
        pooling=pooling,
        by_name=tuple((name, (own[name], revision)) for name in own),
    )
    if dry_run:
        with ProgressBars() as bars:
            planned = plan(
                *(library, audio_names, text_names),
                options=options,
                phrases=phrases,
                retry_failed=retry_failed,
                check_content=check_content,
                jobs=jobs,
                batch_seconds=batch_seconds,
                on_progress=bars.update,
            )
        say_json(planned.to_dict()) if json else say(planned.lines())
        return
    on_cluster = partial(embed_audio_ray, address=address, actors=actors, gpus=gpus)
    with ProgressBars() as bars:
        done = embed_library(
            library,
            audio_names,
            text_names,
            phrases=phrases,
            options=options,
            retry_failed=retry_failed,
            run_audio=on_cluster if engine == "ray" else embed_audio,
            jobs=jobs,
            batch_seconds=batch_seconds,
            check_content=check_content,
            allow_missing=allow_missing,
            windows=windows,
            storage=storage or (),
            duplicates=duplicates,
            captions=captions,
            on_progress=partial(_show, bars, _LeavingOut(library)),
        )
        _get_searches_ready([name for name in text_names if name not in done.not_loaded])
    if json:
        say_json([report.to_dict() for report in done.reports])
    else:
        say(done.report_lines())
    note([*done.made_lines(), *done.regrouped.lines()])
    if not json:
        note(_better_with(Library(library)) if audio_names else [])
        note(next_lines(library))
    done.require_all()


class _LeavingOut:
    """Says once that captions which Antiphon made can be left out, where reading them takes long.

    Parameters
    ----------
    root : the library.
    """

    def __init__(self, root: Path) -> None:
        self._root, self._told = root, False

    def lines(self, what: str, progress: Progress) -> list[str]:
        """What is to be said now."""
        if self._told or not what.startswith("captions ") or not progress.done or progress.seconds < SETTLED_S:
            return []
        left = progress.seconds / progress.done * (progress.total - progress.done)
        if left < LONG_S:
            return []
        self._told = True
        kinds = Library(self._root).caption_column("kind")
        made = int((kinds != "human").sum())
        if 2 * made < len(kinds):
            return []
        return [
            f"Captions take about {left / 60:.0f} minutes more to read; Antiphon made {made:,} of {len(kinds):,}, by "
            f"which music that nobody described is searched and learned. To do without them: Ctrl-C, "
            f"{command('caption --remove', self._root)}, and the same again."
        ]


def _show(bars: ProgressBars, leaving_out: _LeavingOut, what: str, progress: Progress) -> None:
    bars.update(what, *progress.counted, _speed(progress))
    note(leaving_out.lines(what, progress))


def _get_searches_ready(text_names: list[str]) -> None:
    """Make the graphs by which searches read texts without torch now, in place of in the first search."""
    from antiphon.search.light.readers.find import light_text_encoder

    for name in text_names:
        light_text_encoder(name)


def _better_with(library: Library) -> list[str]:
    """What a person gains by fetching a small model, where it is missing."""
    names = not_fetched(library)
    step = command("embed", library.root)
    return [
        f"{name} is not on this machine: {find(name, 'audio').card.summary} antiphon encoders --get {name}, then {step}"
        for name in names
    ]


def _speed(progress: Progress) -> str:
    return f"{progress.audio_speed:.0f} × real time" if progress.audio_seconds else ""
