"""Which commands a job is made of: before each one the library is asked what comes next."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal, cast

from antiphon.library.next_step import next_step
from antiphon.library.tracks import Library
from antiphon.search.answering import has_checkpoint

Kind = Literal["prepare", "embed", "train", "index"]
Step = Literal["", "ingest", "watch", "embed", "read", "caption", "train", "index"]
"""What a command of a job does; "" before the first."""
KINDS: tuple[Kind, ...] = ("prepare", "embed", "train", "index")
Words = list[str]
HEARING = ("embed", "caption")
"""Commands by which a library is heard and read."""


def steps(kind: Kind, root: Path, source: str | None) -> Iterator[Words]:
    """The commands of a job, one after another; each is asked for when the one before it is done.

    Parameters
    ----------
    root : the library.
    source : what it is made of, a folder of music or what else ``ingest`` takes; None where that is not known.
    """
    if kind == "prepare":
        yield ["ingest", source, "--library", str(root)] if source is not None else [*_on(root, "watch"), "--once"]
    elif kind == "embed":
        yield from _hearing(root)
    elif kind == "train":
        yield _on(root, "train")
        yield _on(root, "index")
    elif kind == "index":
        yield _on(root, "index")


def follows(kind: Kind, root: Path) -> Kind | None:
    """The job that comes by itself after one that is done; None where a person decides, or nothing is left."""
    step = _next(root)
    if kind == "prepare" and step[0] in HEARING:
        return "embed"
    if kind in ("prepare", "embed") and not has_checkpoint(root):
        return "train" if step[0] == "train" else None
    return "index" if kind in ("prepare", "embed") else None


def step_of(words: Sequence[str]) -> Step:
    """What a command does, for whoever follows the job."""
    reads = words[0] == "embed" and "--text" in words and "--encoder" not in words
    return "read" if reads else cast(Step, words[0])


def _hearing(root: Path) -> Iterator[Words]:
    """All that is to be heard and read; where everything was, what is new since is looked for once."""
    done: list[Words] = []
    step = _next(root)
    if step[0] not in HEARING:
        yield _on(root, "embed")
        return
    while step[0] in HEARING and step not in done:
        yield step
        done.append(step)
        step = _next(root)


def _next(root: Path) -> Words:
    return shlex.split(next_step(Library(root)))[1:]


def _on(root: Path, command: str) -> Words:
    return [command, "--library", str(root)]


Steps = Callable[[Kind, Path, str | None], Iterator[Words]]
