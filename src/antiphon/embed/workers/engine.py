"""Files in, vectors out: decoding in worker processes, models in this one, on windows of many tracks at once.

The main process drives one engine over the whole library; where there are several devices, or a cluster, the process
of each device and every actor drives one of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType

from antiphon.embed.workers.messages import NOTHING, Chunk, Cut, Outcome, Result, Setup, Step, Task
from antiphon.embed.workers.models import Batcher
from antiphon.embed.workers.pool import Workers
from antiphon.registry import AudioEncoder, LoadOptions


class Engine:
    """Describes files with some encoders. A context manager: leaving it ends the workers.

    Parameters
    ----------
    signal : encoders that the workers load and run.
    models : loaded encoders that run here, by name.
    options : how the workers load theirs.
    jobs : worker processes.
    batch_seconds : sound that a model hears at once, seconds.
    windows : those of the encoders whose window vectors are asked for.
    around : context to call a model in.
    """

    def __init__(
        self,
        *,
        signal: Sequence[str],
        models: Mapping[str, AudioEncoder],
        options: LoadOptions,
        jobs: int,
        batch_seconds: float,
        windows: Collection[str] = (),
        around: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        cuts = {name: Cut.of(model.card) for name, model in models.items()}
        self._batchers = {
            name: Batcher(model, batch_seconds=batch_seconds, windows=name in windows, around=around)
            for name, model in models.items()
        }
        setup = Setup(signal=tuple(signal), models=cuts, options=options, windows=frozenset(windows))
        self._workers = Workers(setup, jobs=jobs, room=32 + int(batch_seconds / 15))
        self._notes: dict[int, str] = {}
        self._sounds: dict[int, str] = {}

    def __enter__(self) -> Engine:
        self._workers.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._workers.__exit__(kind, error, trace)

    def run(self, tasks: Sequence[Task], more: Callable[[], Sequence[Task]] = tuple) -> Iterator[Step]:
        """Describe files.

        Parameters
        ----------
        tasks : the first files.
        more : gives further files, asked for when there are few left to begin with; none when there are no more.

        Yields
        ------
        Steps as they are done, NOTHING now and then; together one outcome for each name of each task.

        Raises
        ------
        EncoderError : the workers cannot start, or a model fails on everything.
        """
        names = {task.number: task.names for task in tasks}
        self._workers.add(tasks)
        going_on = True
        for event in self._workers.events():
            if going_on and self._workers.wants_tasks:
                further = more()
                going_on = bool(further)
                names |= {task.number: task.names for task in further}
                self._workers.add(further)
            if isinstance(event, Chunk):
                for name in event.names:
                    self._batchers[name].add(event.number, event.windows)
            elif isinstance(event, Result):
                yield self._heard(event, names.pop(event.number))
            yield from self._run_models()
            yield NOTHING
        yield from self._run_models(flush=True)

    def _heard(self, result: Result, names: Sequence[str]) -> Step:
        outcomes = []
        if result.note:
            self._notes[result.number] = result.note
        self._sounds[result.number] = result.sound
        for name in names:
            batcher = self._batchers.get(name)
            if batcher is None:
                failure = result.error or result.failures.get(name)
                value, windows = failure or result.vectors[name], result.windows.get(name)
                outcomes.append(Outcome(result.number, name, value, result.note, windows, result.sound))
            elif result.error:
                batcher.drop(result.number)
                outcomes.append(Outcome(result.number, name, result.error))
            else:
                batcher.complete(result.number, result.seconds)
        return Step(tuple(outcomes), result.seconds, result.spent, result.decoding)

    def _run_models(self, *, flush: bool = False) -> Iterator[Step]:
        for name, batcher in self._batchers.items():
            for number, outcome in batcher.run(flush=flush):
                note, windows = self._notes.get(number, ""), batcher.take_windows(number)
                noted = Outcome(number, name, outcome, note, windows, self._sounds.get(number, ""))
                yield Step((noted,), spent={name: batcher.take_seconds()})
            spent = batcher.take_seconds()
            if spent:
                yield Step(spent={name: spent})
