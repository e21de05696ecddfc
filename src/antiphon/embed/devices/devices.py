"""Several devices of one machine: a process for each, which holds the encoders and runs an engine of its own.

The main process gives out files and takes what comes of them, so that writing, stopping and carrying on are those of
one device. A process asks for files when it has few left to begin with, so that a quick device gets more of them. One
that dies is replaced. The files it was at are done again at the end, each alone; what kills its process even then is
recorded as failed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from multiprocessing import connection
from types import TracebackType
from typing import Any

from antiphon.embed.devices.actor import Orders, Refused
from antiphon.embed.loading import cores
from antiphon.embed.target import Maker
from antiphon.embed.workers.child import POLL_S, THREAD_LIMITS, Child
from antiphon.embed.workers.messages import NOTHING, Outcome, Step, Task
from antiphon.errors import EncoderError
from antiphon.registry import LoadOptions

AT_ONCE = 8
"""Files given at once, at most; fewer towards the end, so that the devices end together."""
HOPELESS = 3
"""Processes that die before anything was done on any device: then it is not the files."""


def devices_of(options: LoadOptions) -> list[str]:
    """The devices that ``options.device`` means.

    Raises
    ------
    ConfigError : one of several is not here.
    """
    names = [name.strip() for name in options.device.split(",")]
    if names in (["auto"], ["cuda"]):
        import torch

        count = torch.cuda.device_count()
        return [f"cuda:{number}" for number in range(count)] if count > 1 else names
    if len(names) > 1:
        from antiphon.encoders._shared.torch_model import place

        for name in names:
            place(replace(options, device=name))
    return names


class _Device(Child):
    """A process, and the files it was given, each with the encoders that are not done with it."""

    def __init__(self, orders: Orders, threads: int) -> None:
        device = orders.options.device
        limits = dict.fromkeys(THREAD_LIMITS, str(threads)) if device == "cpu" else {}
        super().__init__("antiphon.embed.devices.device_worker", orders, limits)
        self.name, self.orders = device, orders
        self.tasks: dict[int, set[str]] = {}
        self.ready, self.alone = False, False

    def give(self, tasks: Sequence[Task]) -> None:
        self.tasks |= {task.number: set(task.names) for task in tasks}
        with suppress(OSError):  # it just died: reading from the pipe will tell, and the files are on our list
            self.pipe.send(list(tasks))

    def mark_done(self, step: Step) -> None:
        for outcome in step.outcomes:
            left = self.tasks.get(outcome.number, set())
            left.discard(outcome.name)
            if not left:
                self.tasks.pop(outcome.number, None)


class Devices:
    """Describes files on several devices. A context manager: leaving it ends the processes.

    Parameters
    ----------
    names, options : the encoders, and how to load them.
    devices : one name a process; the same name several times is several processes there.
    jobs : decoding processes of all together.
    batch_seconds : sound that a model hears at once, seconds.
    windows : those of the encoders whose window vectors are asked for.
    """

    def __init__(
        self,
        names: Sequence[str],
        options: LoadOptions,
        devices: Sequence[str],
        *,
        jobs: int,
        batch_seconds: float,
        windows: Collection[str] = (),
    ) -> None:
        orders = Orders(
            names=tuple(names),
            options=options,
            jobs=max(1, jobs // len(devices)),
            batch_seconds=batch_seconds,
            windows=frozenset(windows),
        )
        self._orders = [replace(orders, options=replace(options, device=name)) for name in devices]
        self._threads = max(1, cores() // len(devices))
        self._running: list[_Device] = []
        self._idle: list[_Device] = []
        self._todo: deque[Task] = deque()
        self._suspects: deque[Task] = deque()
        self._known: dict[int, Task] = {}
        self._made_by: list[Maker] = []
        self._worked, self._deaths = False, 0

    def __enter__(self) -> Devices:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for device in self._running:
            device.close()

    def made_by(self) -> list[Maker]:
        """What makes the vectors; starts the first device's process and waits until it has loaded the encoders.

        Raises
        ------
        EncoderError : it cannot.
        """
        first = self._start(self._orders[0])
        while not first.ready:
            for _ in self._receive(first):
                pass
        return self._made_by

    def run(self, tasks: Sequence[Task]) -> Iterator[Step]:
        """Describe files.

        Yields
        ------
        Steps as they come, NOTHING now and then; together one outcome for each name of each task.

        Raises
        ------
        EncoderError : a process cannot load the encoders, or a model fails on everything.
        """
        self._todo.extend(tasks)
        self._known = {task.number: task for task in tasks}
        for orders in self._orders[len(self._running) : len(tasks)]:
            self._start(orders)
        self._wake()
        while self._todo or self._suspects or any(device.tasks for device in self._running):
            devices: dict[Any, _Device] = {device.pipe: device for device in self._running}
            for pipe in connection.wait(list(devices), timeout=POLL_S):
                yield from self._receive(devices[pipe])
            yield NOTHING

    def _start(self, orders: Orders) -> _Device:
        device = _Device(orders, self._threads)
        self._running.append(device)
        return device

    def _receive(self, device: _Device) -> Iterator[Step]:
        """One message: what it makes, a request for files, a step, or the end of it."""
        try:
            message = device.pipe.recv()
        except (EOFError, OSError):
            yield from self._replace_dead(device)
            return
        if isinstance(message, Refused):
            raise EncoderError(f"{device.name}: {message.problem}", fix=message.fix)
        if isinstance(message, Step):
            device.mark_done(message)
            self._worked = self._worked or bool(message.outcomes)
            yield message
        elif isinstance(message, list):
            device.ready = True
            self._require_one_kind(device, message)
        elif message == "idle":
            self._idle.append(device)
            self._wake()
        else:
            device.give(self._share())

    def _require_one_kind(self, device: _Device, made_by: list[Maker]) -> None:
        self._made_by = self._made_by or made_by
        if [m.provenance.fingerprint for m in made_by] != [m.provenance.fingerprint for m in self._made_by]:
            raise EncoderError(
                f"{device.name} has loaded other weights than {self._orders[0].options.device}.",
                fix="Do not change the weights while they are used; run the command again.",
            )

    def _share(self) -> list[Task]:
        """The next files for a device."""
        size = max(1, min(AT_ONCE, len(self._todo) // (2 * len(self._orders))))
        return [self._todo.popleft() for _ in range(min(size, len(self._todo)))]

    def _wake(self) -> None:
        """Give something to those that wait: files, or, when there are no more, a suspect."""
        while self._idle and (self._todo or self._suspects):
            device = self._idle.pop()
            device.alone = not self._todo
            device.give(self._share() or [self._suspects.popleft()])

    def _replace_dead(self, device: _Device) -> Iterator[Step]:
        """A dead process is replaced; its files wait for the end, or have failed if they were alone with it."""
        cause = device.cause_of_death()
        self._deaths += 1
        if not device.ready or (not self._worked and self._deaths >= HOPELESS):
            raise EncoderError(
                f"The process on {device.name} died ({cause}) before anything was done: {device.last_words()}.",
                fix="Leave that device out of --device, or give less at once: --batch-seconds 30.",
            )
        left = [replace(self._known[number], names=tuple(sorted(names))) for number, names in device.tasks.items()]
        self._running.remove(device)
        if device in self._idle:
            self._idle.remove(device)
        device.close()
        if device.alone:
            reason = f"the process on {device.name} died at it twice ({cause})"
            yield Step(tuple(Outcome(task.number, name, reason) for task in left for name in task.names))
        else:
            self._suspects.extend(left)
        self._start(device.orders)
        self._wake()
