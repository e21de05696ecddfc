"""A worker process: decodes files, runs signal encoders on them, and sends the windows that models want.

It is started as a plain Python process with a pipe (see :mod:`antiphon.embed.workers.pool`), so that nothing of the
main process is inherited or run again, and its numeric libraries can be held to one thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from multiprocessing.connection import Connection

import numpy as np
from numpy.typing import NDArray

from antiphon import registry
from antiphon.audio.container import Damage
from antiphon.audio.decode import stream_rates
from antiphon.audio.track_pool import TrackPool, WindowMeans
from antiphon.audio.windows import WindowCutter
from antiphon.embed.workers.child import MEMORY, limit_memory, serve
from antiphon.embed.workers.messages import Alive, Chunk, Cut, Ready, Result, Setup, Task
from antiphon.embed.workers.packets import packets_hash
from antiphon.errors import AntiphonError, AudioError
from antiphon.library.vectors.windows import Windows
from antiphon.registry import AudioEncoder

Float32 = NDArray[np.float32]

BATCH_S = 30.0
"""Sound that is described, or sent, at once: enough to hide what a call costs, little enough to hold."""
NEWS_S = 5.0
"""How often a worker says that it is still at a long file."""


def main(descriptor: int) -> None:
    """Serve the main process at the other end of the pipe until it closes it or dies."""
    serve(descriptor, _serve)


def _serve(pipe: Connection) -> None:
    setup: Setup = pipe.recv()
    encoders: dict[str, AudioEncoder] = {}
    try:
        for name in setup.signal:
            encoder = registry.load(name, setup.options, kind="audio")
            if not isinstance(encoder, AudioEncoder):
                raise TypeError(f"encoder '{name}' has no frames(windows)")
            encoders[name] = encoder
    except AntiphonError as error:
        return pipe.send(Ready(error.problem, error.fix))
    except Exception as error:  # a third party's plugin may fail in any way
        return pipe.send(Ready(f"An audio encoder could not be loaded: {_reason(error)}"))
    limit_memory()
    pipe.send(Ready())
    while True:
        task: Task = pipe.recv()
        pipe.send(describe(task, encoders, setup.models, pipe.send, windows=setup.windows))


def describe(
    task: Task,
    encoders: Mapping[str, AudioEncoder],
    models: Mapping[str, Cut],
    send: Callable[[Chunk | Alive], None],
    *,
    windows: Collection[str] = (),
) -> Result:
    """Decode one file, describe it with the signal encoders, and send windows to the models.

    Parameters
    ----------
    task : file and names of encoders.
    encoders : the signal encoders by name.
    models : cuts of the encoders elsewhere, by name.
    send : takes a chunk of windows for the models, and now and then a sign of life.
    windows : the signal encoders whose window vectors are asked for.
    """
    started = time.thread_time()
    here = {name: _Signal(encoders[name], windows=name in windows) for name in task.names if name in encoders}
    sinks: dict[Cut, list[_Signal]] = {}
    remote: dict[Cut, tuple[str, ...]] = {}
    for signal_encoder in here.values():
        sinks.setdefault(signal_encoder.cut, []).append(signal_encoder)
    for name in task.names:
        if name in models:
            cut = models[name]
            remote[cut] = (*remote.get(cut, ()), name)
    feeds = [
        _Feed(task.number, cut, sinks.get(cut, []), remote.get(cut, ()), send)
        for cut in dict.fromkeys([*sinks, *remote])
    ]
    damage, said = Damage(), time.monotonic()
    try:
        for blocks in stream_rates(task.path, sorted({feed.cut.rate for feed in feeds}), damage):
            for feed in feeds:
                feed.add(blocks[feed.cut.rate])
            if time.monotonic() - said > NEWS_S:
                said = time.monotonic()
                send(Alive(task.number))
        for feed in feeds:
            feed.finish()
    except AudioError as error:
        return Result(task.number, error.problem)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        raise
    except MemoryError:
        return Result(task.number, f"{task.path} asks for more than {MEMORY >> 30} GiB of memory; it may be damaged.")
    except Exception as error:  # whatever a file does to a decoder, the other files go on
        return Result(task.number, f"decoding failed: {_reason(error)}")
    vectors = {name: s.vector for name, s in here.items() if s.vector is not None}
    found = {name: s.windows for name, s in here.items() if s.windows is not None}
    failures = {name: s.failure for name, s in here.items() if s.failure}
    seconds = max((feed.samples / feed.cut.rate for feed in feeds), default=0.0)
    spent = {name: s.spent for name, s in here.items()}
    sound = packets_hash(task.path)
    decoding = time.thread_time() - started - sum(spent.values())
    return Result(task.number, "", vectors, found, failures, seconds, spent, decoding, damage.note(), sound)


class _Feed:
    """Cuts one stream and hands the windows, a batch of equal length at a time, to all who want that cut."""

    def __init__(
        self, number: int, cut: Cut, sinks: list[_Signal], names: tuple[str, ...], send: Callable[[Chunk | Alive], None]
    ) -> None:
        self.cut = cut
        self.samples = 0
        self._number, self._sinks, self._names, self._send = number, sinks, names, send
        self._cutter = WindowCutter.of(cut.rate, cut.window_s, cut.hop_s, cut.tail)
        self._windows: list[Float32] = []
        self._most = max(1, int(BATCH_S / cut.window_s))

    def add(self, block: Float32) -> None:
        self.samples += len(block)
        self._take(self._cutter.add(block))

    def finish(self) -> None:
        self._take(self._cutter.finish())
        self._pass_on()
        for sink in self._sinks:
            sink.finish(self.samples / self.cut.rate)

    def _take(self, windows: list[Float32]) -> None:
        for window in windows:
            if self._windows and (len(self._windows) >= self._most or len(window) != len(self._windows[0])):
                self._pass_on()
            self._windows.append(window)

    def _pass_on(self) -> None:
        if not self._windows:
            return
        if self._sinks:
            batch = np.stack(self._windows)
            for sink in self._sinks:
                sink.add(batch)
        if self._names:
            self._send(Chunk(self._number, self._names, self._windows))
        self._windows = []


class _Signal:
    """One signal encoder on one track."""

    def __init__(self, encoder: AudioEncoder, *, windows: bool) -> None:
        self.cut = Cut.of(encoder.card)
        self.vector: Float32 | None = None
        self.windows: Windows | None = None
        self.failure = ""
        self.spent = 0.0
        self._encoder = encoder
        collected = WindowMeans(self.cut.window_s, self.cut.hop_s) if windows else None
        self._pool = TrackPool(encoder.card.layout, encoder.card.pooling, collected)

    def add(self, windows: Float32) -> None:
        if self.failure:
            return
        started = time.thread_time()
        try:
            for frames in self._encoder.frames(windows):
                self._pool.add(frames, windows.shape[1] / self.cut.rate)
        except Exception as error:  # one encoder's trouble with one file stops neither the others nor the run
            self.failure = f"{self._encoder.card.name} failed: {_reason(error)}"
        self.spent += time.thread_time() - started

    def finish(self, seconds: float) -> None:
        if not self.failure:
            self.vector, self.windows = self._pool.described(seconds)


def _reason(error: Exception) -> str:
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0]}" if text else type(error).__name__
