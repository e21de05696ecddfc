"""Reading the tags of many files: a few small ones right here, more by processes that a bad file cannot take along."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from antiphon.library.tags.child import as_line
from antiphon.library.tags.reader import FileTags, read_file

CHUNK = 256
HERE_FILES = 64
HERE_BYTES = 1 << 16
"""Up to so many files that are no longer than this are read without another process: no damage makes them slow."""
MOST_JOBS = 16
ENDED = "reading its tags ended the process that did it"
CHANGED = "what was noted of its tags is damaged"
OnProgress = Callable[[int, int], None]


def read_tags(
    paths: Sequence[str],
    sizes: Sequence[int],
    *,
    tags: bool = True,
    jobs: int | None = None,
    on_progress: OnProgress | None = None,
) -> Iterator[list[str]]:
    """Read files, chunk by chunk in their order.

    Parameters
    ----------
    paths, sizes : (n,) files, and their lengths in bytes.
    tags : whether to read tags, beside what identifies the content.
    jobs : processes; None: as many as there are cores.
    on_progress : told how many of how many files are done.

    Yields
    ------
    One line of JSON a file, the fields of :class:`~antiphon.library.tags.reader.FileTags` that say something.
    """
    if len(paths) <= HERE_FILES and max(sizes, default=0) <= HERE_BYTES:
        yield [as_line(read_file(path, tags=tags)) for path in paths]
        return
    chunks = [paths[start : start + CHUNK] for start in range(0, len(paths), CHUNK)]
    done = 0
    for lines in _in_order(chunks, tags, min(jobs or _cores(), MOST_JOBS, len(chunks))):
        done += len(lines)
        if on_progress is not None:
            on_progress(done, len(paths))
        yield lines


def parse_line(line: str) -> FileTags:
    """What a line of :func:`read_tags` says; one that was changed since by somebody else says nothing."""
    try:
        found = FileTags(**json.loads(line))
        lists = found.tags.values()
        sound = all(isinstance(values, list) and all(isinstance(one, str) for one in values) for values in lists)
    except (ValueError, TypeError, AttributeError, RecursionError):
        sound = False
    return found if sound else FileTags(error=CHANGED)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _in_order(chunks: Sequence[Sequence[str]], tags: bool, jobs: int) -> Iterator[list[str]]:
    """Chunks as they are done, in their order; no more than a few ahead of who takes them."""
    work: queue.SimpleQueue[tuple[int, Sequence[str]] | None] = queue.SimpleQueue()
    results: queue.SimpleQueue[tuple[int, list[str] | BaseException]] = queue.SimpleQueue()
    readers = [_Reader(work, results, tags) for _ in range(jobs)]
    waiting: dict[int, list[str]] = {}
    given = 0
    try:
        for number in range(len(chunks)):
            while given < min(len(chunks), number + 2 * jobs):
                work.put((given, chunks[given]))
                given += 1
            while number not in waiting:
                found, lines = results.get()
                if isinstance(lines, BaseException):
                    raise lines
                waiting[found] = lines
            yield waiting.pop(number)
    finally:
        for reader in readers:
            reader.stop()


class _Reader(threading.Thread):
    """A thread with a process of its own; a process that ends at a file is replaced by another one."""

    def __init__(
        self,
        work: queue.SimpleQueue[tuple[int, Sequence[str]] | None],
        results: queue.SimpleQueue[tuple[int, list[str] | BaseException]],
        tags: bool,
    ) -> None:
        super().__init__(daemon=True)
        self._work, self._results, self._tags = work, results, tags
        self._child: subprocess.Popen[str] | None = None
        self._stopped = False
        self.start()

    def stop(self) -> None:
        """End the process, and the thread with it."""
        self._stopped = True
        self._work.put(None)
        if self._child is not None:
            self._child.kill()

    def run(self) -> None:
        """Read chunks until told to stop."""
        try:
            while (task := self._work.get()) is not None and not self._stopped:
                number, paths = task
                self._results.put((number, self._read(paths)))
        except BaseException as error:
            self._results.put((-1, error))
        finally:
            self._end()

    def _read(self, paths: Sequence[str]) -> list[str]:
        lines: list[str] = []
        while len(lines) < len(paths) and not self._stopped:
            lines += self._ask(paths[len(lines) :])
            if len(lines) < len(paths) and not self._stopped:
                self._end()
                lines.append(as_line(FileTags(error=ENDED)))
        return lines

    def _ask(self, paths: Sequence[str]) -> list[str]:
        """The lines that the process wrote about these files; fewer where it ended."""
        child = self._child = self._child or _start()
        assert child.stdin is not None
        assert child.stdout is not None
        task = {"tags": self._tags, "paths": [os.fsencode(path).decode("latin-1") for path in paths]}
        try:
            child.stdin.write(json.dumps(task) + "\n")
            child.stdin.flush()
        except (BrokenPipeError, ValueError):
            return []
        lines: list[str] = []
        while len(lines) < len(paths) and (line := child.stdout.readline()).endswith("\n"):
            lines.append(line[:-1])
        return lines

    def _end(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None


def _start() -> subprocess.Popen[str]:
    source = str(Path(__file__).resolve().parents[3])
    search = os.pathsep.join(path for path in (source, os.environ.get("PYTHONPATH", "")) if path)
    return subprocess.Popen(
        [sys.executable, "-m", "antiphon.library.tags.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="ascii",
        env={**os.environ, "PYTHONPATH": search},
    )
