"""The plan of an embedding: what ``antiphon embed --dry-run`` shows. Nothing is written."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from antiphon import registry
from antiphon.audio.duration import stated_seconds
from antiphon.embed.plan.speed import FILES, Speed, measure_speed, timed
from antiphon.embed.plan.waiting import Waiting, waiting_for
from antiphon.embed.sources import heard_again, signatures, sound_of
from antiphon.errors import AntiphonError, EncoderError
from antiphon.library.commands import as_typed
from antiphon.library.phrases import peoples_phrases, phrases_folder, reads_phrases
from antiphon.library.tracks import Library
from antiphon.library.vectors.rows import signatures_in
from antiphon.library.vectors.texts import text_signature
from antiphon.printed import Printed, counted
from antiphon.registry import LoadOptions

SAMPLE = 500
"""Files whose headers are asked for their length; of more an even sample stands for all."""
ROW_BYTES = 120
"""Of the table beside the vectors, about, a row."""
WINDOW_S = 10.0


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What one encoder would do.

    Parameters
    ----------
    encoder, kind : name, and "audio", "text" or "phrases" (of people's captions).
    waiting : what it would take up.
    bytes : that it would store.
    hours : of sound that it would hear; 0 for text.
    seconds : that it would take; None where that could not be found out.
    speed : "timed" (in earlier runs on this library), "measured" (now, on a few files), or "" where it is not known.
    problem : why it could not run now; "" where nothing is in the way.
    """

    encoder: str
    kind: str
    waiting: Waiting
    bytes: int
    hours: float = 0.0
    seconds: float | None = None
    speed: str = ""
    problem: str = ""

    def line(self) -> str:
        """For a person."""
        noun = {"audio": "tracks", "text": "captions"}.get(self.kind, self.kind)
        w = self.waiting
        parts = ((w.new, "new"), (w.changed, "changed"), (w.again, "again"))
        counts = ", ".join(f"{count:,} {what}" for count, what in parts if count)
        if not w.positions:
            return f"{self.encoder}: nothing to do; {w.current:,} {noun} have their vectors."
        took = ""
        if self.kind == "audio":
            known = "unknown time" if self.seconds is None else f"about {duration(self.seconds)}"
            took = f", {known}{f' ({self.speed})' if self.speed else ''}"
        return f"{self.encoder}: {len(w.positions):,} {noun} ({counts}){took}, {self.bytes / 1e6:,.1f} MB."


@dataclass(frozen=True, kw_only=True)
class EmbedPlan(Printed):
    """What an embedding would do.

    Parameters
    ----------
    encoders : one an encoder, text before audio, as they would run.
    files : sound files that would be heard.
    hours : of sound in them, each file counted once.
    estimated_from : files whose headers said how long they are, where those are not all; else 0.
    seconds : all encoders together; None where one is not known.
    bytes, free_bytes : that would be stored, and room on the disk.
    skipped : reason → how many tracks are left out.
    """

    library: str
    encoders: tuple[Planned, ...]
    files: int
    hours: float
    estimated_from: int
    seconds: float | None
    bytes: int
    free_bytes: int
    skipped: Mapping[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        encoders = [
            {**asdict(each), "waiting": {**asdict(each.waiting), "positions": len(each.waiting.positions)}}
            for each in self.encoders
        ]
        return {**asdict(self), "encoders": encoders}

    def lines(self) -> list[str]:
        """For a person; nothing was written."""
        sampled = f", estimated from {self.estimated_from:,} of them" if self.estimated_from else ""
        said = (
            [f"{counted(self.files, 'file')} to hear, {self.hours:,.1f} hours of sound{sampled}."] if self.files else []
        )
        said += [f"  {each.line()}" for each in self.encoders]
        said += [f"    ! {each.problem}" for each in self.encoders if each.problem]
        together = "an unknown time" if self.seconds is None else f"about {duration(self.seconds)}"
        said.append(f"Together {together} and {self.bytes / 1e6:,.1f} MB; {self.free_bytes / 1e9:,.1f} GB are free.")
        if self.bytes > self.free_bytes:
            said.append("Warning: that does not fit on the disk.")
        said += [f"Left out: {counted(count, 'track')}: {reason}" for reason, count in self.skipped.items()]
        return [*said, "Nothing was written."]


def duration(seconds: float) -> str:
    """ "40 s", "12 min", "3.5 h", "2.1 days"."""
    for length, unit in ((86400, "days"), (3600, "h")):
        if seconds >= 2 * length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"


def plan(
    root: Path,
    encoders: Sequence[str],
    text: Sequence[str],
    *,
    options: LoadOptions,
    phrases: bool | None = None,
    retry_failed: bool = False,
    check_content: bool = False,
    jobs: int | None = None,
    batch_seconds: float = 120.0,
    measure: bool = True,
    on_progress: Callable[[str, int, int], None] | None = None,
) -> EmbedPlan:
    """Find out what an embedding would do, without writing anything.

    Parameters
    ----------
    encoders, text : by name, as for :func:`antiphon.api.embedded.embed_library`.
    phrases, retry_failed, check_content, jobs, batch_seconds : as there.
    measure : hear a few files where no earlier run on this library says how fast an encoder is.
    on_progress : told of what is looked at, done and total.

    Raises
    ------
    LibraryError, EmbeddingError : there is no library, or a table of it is damaged.
    EncoderError : there is no such encoder.
    """
    library = Library(root)
    sounds = sound_of(library)
    ids = [str(track_id) for track_id in library.column("track_id")]
    signed = signatures(sounds, content=check_content, storage=library.storage)
    stored = [signatures_in(library.embedding_folder("audio", name)) for name in encoders]
    signed = heard_again(sounds, signed, stored, ids)
    found = {
        name: waiting_for(library.embedding_folder("audio", name), ids, signed, retry_failed=retry_failed)
        for name in encoders
    }
    files = list(dict.fromkeys(sounds[at] for each in found.values() for at in each.positions if sounds[at]))
    length, asked = _mean_seconds(files, on_progress)
    at_work = [name for name, each in found.items() if each.positions]
    hear = partial(measure_speed, options=options, jobs=jobs, batch_seconds=batch_seconds) if measure else None
    speeds, problems = _speeds(library, at_work, files, hear)
    audio = [
        _audio(name, each, sounds, length, speeds.get(name), problems.get(name, "")) for name, each in found.items()
    ]
    texts = [each for name in text for each in _texts(library, name, phrases, retry_failed=retry_failed)]
    planned = (*texts, *audio)
    times = [each.seconds for each in audio if each.waiting.positions]
    known = [seconds for seconds in times if seconds is not None]
    skipped = {reason: count for each in found.values() for reason, count in each.skipped.items()}
    return EmbedPlan(
        library=as_typed(root),
        encoders=planned,
        files=len(files),
        hours=len(files) * length / 3600,
        estimated_from=asked if asked < len(files) else 0,
        seconds=sum(known) if len(known) == len(times) else None,
        bytes=sum(each.bytes for each in planned),
        free_bytes=shutil.disk_usage(root).free,
        skipped=skipped,
    )


def _mean_seconds(files: Sequence[str], on_progress: Callable[[str, int, int], None] | None) -> tuple[float, int]:
    """Mean length of the files, by the headers of a sample, and how many said theirs."""
    places = _spread(len(files), SAMPLE)
    lengths = []
    for done, at in enumerate(places, 1):
        lengths.append(stated_seconds(files[at]))
        if on_progress is not None:
            on_progress("lengths", done, len(places))
    known = [length for length in lengths if length is not None]
    return (float(np.mean(known)) if known else 0.0), len(known)


def _speeds(
    library: Library, names: Sequence[str], files: Sequence[str], hear: Callable[..., dict[str, Speed]] | None
) -> tuple[dict[str, Speed], dict[str, str]]:
    """How fast each encoder is, as far as that is known; and why one could not be heard with."""
    speeds = {name: timed(library.embedding_folder("audio", name)) for name in names}
    found = {name: speed for name, speed in speeds.items() if speed is not None}
    problems: dict[str, str] = {}
    some = [files[at] for at in _spread(len(files), FILES)]
    if hear is None or not some:
        return found, problems
    for name in (name for name in names if name not in found):
        try:
            found |= hear([name], some)
        except EncoderError as error:
            problems[name] = error.problem
    return found, problems


def _spread(n: int, most: int) -> list[int]:
    """At most so many places of n, evenly spaced."""
    return sorted(set(np.linspace(0, n - 1, min(most, n)).astype(int).tolist())) if n else []


def _audio(
    name: str, waiting: Waiting, sounds: Sequence[str], length: float, speed: Speed | None, problem: str
) -> Planned:
    layout = registry.find(name, "audio").card.layout
    heard = length * len({sounds[at] for at in waiting.positions})
    windows = heard / WINDOW_S * layout.layers * layout.dims if waiting.windows else 0.0
    return Planned(
        encoder=name,
        kind="audio",
        waiting=waiting,
        bytes=len(waiting.positions) * (2 * layout.size + ROW_BYTES) + int(2 * windows),
        hours=heard / 3600,
        seconds=None if speed is None else speed.seconds * heard,
        speed="" if speed is None else speed.source,
        problem=problem,
    )


def _texts(library: Library, name: str, phrases: bool | None, *, retry_failed: bool) -> Iterator[Planned]:
    """Of captions, and of their phrases where these are read, too."""
    try:
        size = registry.find(name, "text").card.layout.size
    except AntiphonError:  # a model by its id or folder: how wide its vectors are shows when it is loaded
        size = 0
    ids = [str(caption_id) for caption_id in library.caption_column("caption_id")]
    captions = [str(text) for text in library.caption_column("text")]
    asked = [("text", library.embedding_folder("text", name), ids, captions)]
    if reads_phrases(library, name, phrases):
        found = list(peoples_phrases(library))
        asked.append(("phrases", phrases_folder(library, name), found, found))
    for kind, folder, items, texts in asked:
        waiting = waiting_for(folder, items, [text_signature(text) for text in texts], retry_failed=retry_failed)
        stored = len(waiting.positions) * (2 * size + ROW_BYTES)
        yield Planned(encoder=name, kind=kind, waiting=waiting, bytes=stored)
