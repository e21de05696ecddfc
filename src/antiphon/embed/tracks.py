"""Audio encoders over the tracks of a library.

Each file is decoded once for all encoders named in a call. Signal encoders run in the worker processes that decode;
models run here, on batches of windows from many tracks.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from antiphon import registry
from antiphon.embed.interrupt import Interruptible, interruptible
from antiphon.embed.messages import Chunk, Cut, Result, Setup, Task
from antiphon.embed.models import Batcher
from antiphon.embed.pool import Workers
from antiphon.embed.report import EmbedReport, Progress
from antiphon.embed.target import Target, open_target, provenance_of
from antiphon.errors import LibraryError
from antiphon.library.tracks import Library
from antiphon.registry import AudioEncoder, EncoderCard, LoadOptions

NO_PATH = "the manifest names no audio file for this track"
OnProgress = Callable[[Progress], None]


def embed_audio(
    root: Path,
    names: Sequence[str],
    *,
    options: LoadOptions | None = None,
    jobs: int | None = None,
    batch_seconds: float = 120.0,
    retry_failed: bool = False,
    on_progress: OnProgress | None = None,
) -> list[EmbedReport]:
    """Embed the tracks of a library that have no current vector yet.

    Parameters
    ----------
    root : folder of the library.
    names : audio encoders; each file is decoded once for all of them.
    options : how to load them.
    jobs : worker processes; None for one a core.
    batch_seconds : sound that a model hears at once, seconds.
    retry_failed : also try files again that failed before and have not changed.
    on_progress : called after every file.

    Returns
    -------
    One report an encoder, in the order of ``names``. A file that cannot be read is recorded there with its reason.

    Raises
    ------
    LibraryError : there is no library, or no audio in it.
    EncoderError : an encoder is unknown, or cannot be loaded.
    EmbeddingError : another process embeds with it, or its vectors here were made another way.
    KeyboardInterrupt : Ctrl-C; all that was finished is stored, and the message says how to carry on.
    """
    started = time.monotonic()
    library = Library(root)
    paths = [str(path) for path in library.column("path")]
    if not any(paths):
        raise LibraryError(
            f"The library {root} has no audio files.",
            fix="Bring vectors you have: antiphon import-embeddings NAME FILE, or name audio files in the manifest.",
        )
    files = [library.audio_path(path) if path else None for path in paths]
    ids = [str(track_id) for track_id in library.column("track_id")]
    signatures = [_signature(file) for file in files]
    chosen = [_choose(name, options or LoadOptions()) for name in dict.fromkeys(names)]
    with ExitStack() as stack:
        interrupt = stack.enter_context(interruptible())  # the first to enter: writing at the end is guarded too
        targets: dict[str, Target] = {}
        for choice in chosen:
            folder = library.embedding_folder("audio", choice.card.name)
            provenance = provenance_of(choice.card, choice.model, options or LoadOptions())
            targets[choice.card.name] = stack.enter_context(
                open_target(folder, provenance, ids, signatures, retry_failed=retry_failed)
            )
        run = _Run(chosen, targets, files, started, on_progress, interrupt, batch_seconds)
        run.work(jobs or default_jobs(), options or LoadOptions())
    seconds = time.monotonic() - started
    return [target.report(seconds=seconds, audio_seconds=run.audio_seconds) for target in targets.values()]


@dataclass(frozen=True)
class _Choice:
    """An encoder of this run; ``model`` is None for a signal encoder, which only the workers load."""

    card: EncoderCard
    model: AudioEncoder | None


def _choose(name: str, options: LoadOptions) -> _Choice:
    plugin = registry.find(name, "audio")
    if plugin.card.parameters == 0:
        return _Choice(plugin.card, None)
    model = registry.load(name, options, kind="audio")
    if not isinstance(model, AudioEncoder):
        raise TypeError(f"encoder '{name}' has no frames(windows)")
    return _Choice(model.card, model)


def default_jobs() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _signature(file: Path | None) -> str:
    """Size and time of change: equal as long as the file is the same."""
    if file is None:
        return "no path"
    try:
        status = file.stat()
    except (OSError, ValueError):
        return "missing"
    return f"{status.st_size}-{status.st_mtime_ns}"


class _Run:
    """One call of :func:`embed_audio` at work."""

    def __init__(
        self,
        chosen: Sequence[_Choice],
        targets: dict[str, Target],
        files: Sequence[Path | None],
        started: float,
        on_progress: OnProgress | None,
        interrupt: Interruptible,
        batch_seconds: float,
    ) -> None:
        self.audio_seconds = 0.0
        self._targets = targets
        self._started = started
        self._on_progress = on_progress
        self._interrupt = interrupt
        self._batch_seconds = batch_seconds
        self._batchers = {
            c.card.name: Batcher(c.model, batch_seconds=batch_seconds, around=interrupt.at_once)
            for c in chosen
            if c.model is not None
        }
        self._signal = tuple(c.card.name for c in chosen if c.model is None)
        self._cuts = {c.card.name: Cut.of(c.card) for c in chosen if c.model is not None}
        self._total = sum(len(target.pending) for target in targets.values())
        self._positions: list[dict[str, list[int]]] = []
        self._tasks = self._plan(files)

    def _plan(self, files: Sequence[Path | None]) -> list[Task]:
        """One task a file, however many tracks and encoders want it."""
        wanted: dict[Path, dict[str, list[int]]] = {}
        for name, target in self._targets.items():
            for position in target.pending:
                file = files[position]
                if file is None:
                    target.accept([position], NO_PATH)
                else:
                    wanted.setdefault(file, {}).setdefault(name, []).append(position)
        self._positions = list(wanted.values())
        return [Task(n, str(file), tuple(names)) for n, (file, names) in enumerate(wanted.items())]

    def work(self, jobs: int, options: LoadOptions) -> None:
        """Do all tasks."""
        if not self._tasks:
            return
        try:
            self._work(jobs, options)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(
                f"Stopped: {self._done()} of {self._total} are done and stored. The same command carries on."
            ) from None

    def _work(self, jobs: int, options: LoadOptions) -> None:
        setup = Setup(signal=self._signal, models=self._cuts, options=options)
        room = 32 + int(self._batch_seconds / 15)
        with Workers(setup, self._tasks, jobs=jobs, room=room) as workers:
            for event in workers.events():
                if isinstance(event, Chunk):
                    for name in event.names:
                        self._batchers[name].add(event.number, event.windows)
                elif isinstance(event, Result):
                    self._take(event)
                self._run_models()
                self._settle()
            self._run_models(flush=True)

    def _take(self, result: Result) -> None:
        self.audio_seconds += result.seconds
        for name in self._tasks[result.number].names:
            batcher = self._batchers.get(name)
            if batcher is None:
                failure = result.error or (result.failures or {}).get(name)
                self._accept(name, result.number, failure or (result.vectors or {})[name])
            elif result.error:
                batcher.drop(result.number)
                self._accept(name, result.number, result.error)
            else:
                batcher.complete(result.number)
        self._tell()

    def _run_models(self, *, flush: bool = False) -> None:
        for name, batcher in self._batchers.items():
            for number, outcome in batcher.run(flush=flush):
                self._accept(name, number, outcome)
                self._settle()
                self._tell()

    def _accept(self, name: str, number: int, outcome: object) -> None:
        positions = self._positions[number].pop(name, None)
        if positions is not None:
            self._targets[name].accept(positions, outcome)  # type: ignore[arg-type]

    def _settle(self) -> None:
        """A point where nothing is half done: write what is due, and stop if asked to."""
        for target in self._targets.values():
            target.flush()
        self._interrupt.check()

    def _done(self) -> int:
        return sum(target.done for target in self._targets.values())

    def _tell(self) -> None:
        if self._on_progress is None:
            return
        self._on_progress(
            Progress(
                done=self._done(),
                total=self._total,
                failed=sum(target.new_failures for target in self._targets.values()),
                audio_seconds=self.audio_seconds,
                seconds=time.monotonic() - self._started,
            )
        )
