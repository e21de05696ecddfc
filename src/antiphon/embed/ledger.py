"""What a run over the tracks has to do and what came of it, whoever does the work."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from antiphon.embed.interrupt import Interruptible, interruptible
from antiphon.embed.report import EmbedReport, Progress, Timing, add_timing
from antiphon.embed.sources import AWAY, NOT_ALLOWED, heard_again, require_present, signatures, sound_of
from antiphon.embed.target import Maker, Target, open_target
from antiphon.embed.workers.messages import Step, Task
from antiphon.errors import LibraryError
from antiphon.library.addresses import is_address, schemes_of, split_part
from antiphon.library.commands import as_typed
from antiphon.library.tracks import Library
from antiphon.library.vectors.rows import signatures_in
from antiphon.library.vectors.windows import has_windows

NO_PATH = "the manifest names no audio file for this track"
OnProgress = Callable[[Progress], None]


def require_audio(library: Library) -> None:
    """Refuse a library of captions and imported vectors only.

    Raises
    ------
    LibraryError : no track has a path.
    """
    if not any(library.column("path")):
        raise LibraryError(
            f"The library {as_typed(library.root)} has no audio files.",
            fix="Bring vectors you have: antiphon import-embeddings NAME FILE, or name audio files in the manifest.",
        )


def refusals(sounds: Sequence[str], signed: Sequence[str]) -> dict[int, str]:
    """Position → why a track's address is not opened."""
    found = {}
    for position, (sound, mark) in enumerate(zip(sounds, signed, strict=True)):
        if mark == NOT_ALLOWED:
            schemes = " ".join(schemes_of(sound))
            found[position] = f"{sound}: {AWAY[mark]} (antiphon embed --storage {schemes})"
    return found


def windows_of(library: Library, names: Sequence[str], *, asked: bool) -> frozenset[str]:
    """Those of some encoders whose window vectors are to be made: all if asked, else those that have some here."""
    return frozenset(name for name in names if asked or has_windows(library.embedding_folder("audio", name)))


@contextmanager
def open_ledger(
    library: Library,
    makers: Sequence[Maker],
    *,
    retry_failed: bool,
    check_content: bool,
    allow_missing: bool = False,
    windows: Collection[str] = (),
    on_progress: OnProgress | None,
) -> Iterator[Ledger]:
    """Lock and open the folders of some encoders; on leaving, whatever happened, what is there is written.

    ``windows`` names those of them that tracks without window vectors are heard again for.

    Raises
    ------
    LibraryError : most files are missing, and that is not allowed.
    EmbeddingError : another process writes into one of them, or it holds vectors made another way.
    KeyboardInterrupt : Ctrl-C; the message says how to carry on.
    """
    sounds = sound_of(library)
    ids = [str(track_id) for track_id in library.column("track_id")]
    signed = signatures(sounds, content=check_content, storage=library.storage)
    if not allow_missing:
        require_present(sounds, signed)
    folders = [library.embedding_folder("audio", maker.provenance.encoder) for maker in makers]
    signed = heard_again(sounds, signed, [signatures_in(folder) for folder in folders], ids)
    with ExitStack() as stack:
        interrupt = stack.enter_context(interruptible())  # the first to enter: writing at the end is guarded too
        targets: dict[str, Target] = {}
        for maker in makers:
            name = maker.provenance.encoder
            folder = library.embedding_folder("audio", name)
            opened = open_target(
                *(folder, maker, ids, signed),
                retry_failed=retry_failed,
                windows=name in windows,
                compare=check_content,
            )
            targets[name] = stack.enter_context(opened)
        open_to = [sound if mark != NOT_ALLOWED else "" for sound, mark in zip(sounds, signed, strict=True)]
        ledger = Ledger(targets, open_to, on_progress, interrupt, refused=refusals(sounds, signed))
        stack.callback(ledger.note_time)
        try:
            yield ledger
        except KeyboardInterrupt:
            raise KeyboardInterrupt(
                f"Stopped: {ledger.files_done} of {len(ledger.tasks)} files are done and stored. "
                "The same command carries on."
            ) from None


class Ledger:
    """Tasks, and the outcomes that end them.

    Parameters
    ----------
    targets : of the encoders, by name.
    sounds : path or address of every track, "" where there is none.
    on_progress : told of every step with an outcome.
    interrupt : asked at every point where nothing is half done.
    refused : position → why a track's sound is not opened, where that is not for want of a path.
    """

    def __init__(
        self,
        targets: Mapping[str, Target],
        sounds: Sequence[str],
        on_progress: OnProgress | None,
        interrupt: Interruptible,
        *,
        refused: Mapping[int, str] | None = None,
    ) -> None:
        self.interrupt = interrupt
        self.total = sum(len(target.pending) for target in targets.values())
        self.audio_seconds = 0.0
        self.files_done = 0
        self._targets = targets
        self._on_progress = on_progress
        self._started = time.monotonic()
        self._spent = dict.fromkeys(targets, 0.0)
        self._decoding = 0.0
        self._positions: list[dict[str, list[int]]] = []
        self._refused = refused or {}
        self.tasks = self._plan(sounds)

    def _plan(self, sounds: Sequence[str]) -> list[Task]:
        """One task a file, however many tracks and encoders want it."""
        wanted: dict[str, dict[str, list[int]]] = {}
        for name, target in self._targets.items():
            for position in target.pending:
                sound = sounds[position]
                if sound:
                    wanted.setdefault(sound, {}).setdefault(name, []).append(position)
                else:
                    target.accept([position], self._refused.get(position, NO_PATH))
        self._positions = list(wanted.values())
        return [Task(n, sound, tuple(names)) for n, (sound, names) in enumerate(wanted.items())]

    @property
    def done(self) -> int:
        """Tracks done in this run, counted once an encoder."""
        return sum(target.done for target in self._targets.values())

    def unsettled(self) -> list[Task]:
        """Tasks that lack an outcome, with the encoders that do."""
        left = [(task, tuple(self._positions[task.number])) for task in self.tasks]
        return [Task(task.number, task.path, names) for task, names in left if names]

    def take(self, step: Step) -> None:
        """Note what came of a step, write what is due, and stop if asked to."""
        for outcome in step.outcomes:
            positions = self._positions[outcome.number].pop(outcome.name, None)
            if positions is not None:
                gone = isinstance(outcome.value, str) and self._gone(outcome.number)
                self._targets[outcome.name].accept(
                    positions,
                    outcome.value,
                    note=outcome.note,
                    gone=gone,
                    windows=outcome.windows,
                    sound=outcome.sound,
                )
                self.files_done += not self._positions[outcome.number]
        self.audio_seconds += step.seconds
        self._decoding += step.decoding
        for name, seconds in step.spent.items():
            self._spent[name] += seconds
        for target in self._targets.values():
            target.flush()
        if step.outcomes or step.seconds:
            self._tell()
        self.interrupt.check()

    def _gone(self, number: int) -> bool:
        path, _ = split_part(self.tasks[number].path)
        return not is_address(path) and not os.path.exists(path)  # noqa: PTH110 - a path may hold bytes, no text

    def _tell(self) -> None:
        if self._on_progress is None:
            return
        self._on_progress(
            Progress(
                done=self.done,
                total=self.total,
                failed=sum(target.new_failures for target in self._targets.values()),
                audio_seconds=self.audio_seconds,
                seconds=self._seconds(),
                files_done=self.files_done,
                files_total=len(self.tasks),
            )
        )

    def _seconds(self) -> float:
        return time.monotonic() - self._started

    def note_time(self) -> None:
        """Add this run to each encoder's record: the time is divided by what each one took, decoding evenly."""
        common = self._decoding / max(1, len(self._targets))
        cost = {name: spent + common for name, spent in self._spent.items()}
        whole = sum(cost.values())
        for name, target in self._targets.items():
            if target.embedded and whole:
                seconds = self._seconds() * cost[name] / whole
                add_timing(
                    target.folder, Timing(tracks=target.embedded, audio_seconds=self.audio_seconds, seconds=seconds)
                )

    def reports(self) -> list[EmbedReport]:
        """One report an encoder."""
        seconds = self._seconds()
        return [target.report(seconds=seconds, audio_seconds=self.audio_seconds) for target in self._targets.values()]
