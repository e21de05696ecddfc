"""A stretch of a file out of its decoded chunks, exact to the sample: what is before and after it is cut away."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from antiphon.audio.container import Chunk
from antiphon.errors import AudioError
from antiphon.library.addresses import Span


def cut_span(chunks: Iterator[Chunk], span: Span, path: Path | str) -> Iterator[Chunk]:
    """The chunks from ``span.start`` to ``span.end``; decoding ends there.

    Parameters
    ----------
    chunks : of the whole file, from its beginning.
    span : seconds. An end after the file's end is the file's end.
    path : for messages.

    Raises
    ------
    AudioError : the file ends before the part begins.
    """
    end = math.inf if span.end is None else span.end
    position = 0.0
    found = False
    for chunk in chunks:
        first = max(0, round((span.start - position) * chunk.rate))
        after = len(chunk.mono) if math.isinf(end) else min(len(chunk.mono), round((end - position) * chunk.rate))
        if first < after:
            found = True
            share = (after - first) / len(chunk.mono)
            yield Chunk(chunk.mono[first:after], chunk.rate, chunk.energy * share)
        position += len(chunk.mono) / chunk.rate
        if position >= end:
            break
    if not found:
        raise AudioError(f"{path} begins after the end of the file, which is {position:.1f} s long.")
