"""Embedding a library, the whole of it: captions, audio, then what the audio says of duplicates."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from antiphon.captions.making import renew_captions
from antiphon.captions.report import Made
from antiphon.embed import EmbedReport, Progress, embed_audio, embed_text, load_text_encoder
from antiphon.encoders._shared.weights import weights_here
from antiphon.errors import ConfigError
from antiphon.frames import frame_of_rows
from antiphon.layout import Layout
from antiphon.library.leakage.duplicates import find_copies_in
from antiphon.library.leakage.groups import read_audit
from antiphon.library.leakage.regrouping import Regrouping, joins_of_audit, regroup
from antiphon.library.next_step import SIGNAL_ENCODERS, SMALL_MODELS, TEXT_ENCODER
from antiphon.library.tracks import Kind, Library
from antiphon.library.vectors.import_report import ImportReport
from antiphon.library.vectors.imports import import_embeddings
from antiphon.library.vectors.provenance import read_provenance
from antiphon.printed import Printed
from antiphon.registry import LoadOptions, TextEncoder, find, scan

if TYPE_CHECKING:
    import pandas as pd

STAYS = 500_000_000
"""Parameters up to which a text encoder stays loaded between captions of people and those that are made."""
OnProgress: TypeAlias = Callable[[str, Progress], None]
"""Called with what is being embedded (``"audio with timbre"``) and where that stands."""


@dataclass(frozen=True, kw_only=True)
class Embedded(Printed):
    """What came of embedding a library.

    Parameters
    ----------
    reports : one an encoder, text before audio: how many have vectors now, and what failed for which reason.
    regrouped : groups that were merged because audio showed their tracks to be duplicates.
    made : captions that Antiphon made of what it heard and of metadata; None where they are the same as before.

    Examples
    --------
    >>> done = library.embed("timbre")
    >>> print(done)
    minilm: ... captions have vectors (0 new in ... s).
    timbre: 96 of 96 tracks have vectors (0 new in ... s).
    >>> int(done.to_frame()["total"].loc["timbre"].iloc[0])
    96
    """

    reports: tuple[EmbedReport, ...]
    regrouped: Regrouping
    made: Made | None = None

    @property
    def failed(self) -> dict[str, dict[str, str]]:
        """Encoder → track or caption id → reason, for encoders with failures."""
        return {report.encoder: dict(report.failed) for report in self.reports if report.failed}

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "reports": [report.to_dict() for report in self.reports],
            "regrouped": self.regrouped.to_dict(),
            "made": {} if self.made is None else self.made.counts(),
        }

    def to_frame(self) -> pd.DataFrame:
        """One row an encoder; needs pandas."""
        rows = [{**report.to_dict(), "failed": len(report.failed)} for report in self.reports]
        return frame_of_rows(rows, index=["encoder", "kind"])

    def lines(self) -> list[str]:
        """For people: what each encoder did, which captions were made, and which groups were merged."""
        return [*self.report_lines(), *self.made_lines(), *self.regrouped.lines()]

    def report_lines(self) -> list[str]:
        """What each encoder did, and what failed; a failure that several share is listed once."""
        return [line for n, report in enumerate(self.reports) for line in report.lines(self.reports[:n])]

    def made_lines(self) -> list[str]:
        """Which captions were made: a line a kind."""
        if self.made is None:
            return []
        made = (f"{kind} ({each['captions']:,})" for kind, each in self.made.counts().items() if each["captions"])
        listed = ", ".join(made) or "none"
        return [
            f"Captions that Antiphon made: {listed}. Training learns from them where they help; see antiphon caption."
        ]


def chosen_encoders(
    root: Path, encoders: Sequence[str] | None, text: Sequence[str] | None
) -> tuple[list[str], list[str]]:
    """Audio and text encoders to embed with; None for the defaults.

    Without a name those are :func:`default_encoders`, where there is audio and ``text`` is not given alone.
    """
    if encoders is None:
        library = Library(root)
        encoders = default_encoders(library) if any(library.column("path")) and text is None else ()
    return list(encoders), [TEXT_ENCODER] if text is None else list(text)


def default_encoders(library: Library) -> tuple[str, ...]:
    """The audio encoders that a library is embedded with where none is named: those without weights, and small models
    whose weights are on this machine; none under whose name vectors were imported, which would be refused."""
    here = (*SIGNAL_ENCODERS, *(name for name in SMALL_MODELS if weights_here(find(name, "audio"))))
    return tuple(name for name in here if not _imported(library, name))


def not_fetched(library: Library) -> list[str]:
    """Small models that would be part of :func:`default_encoders` if their weights were on this machine."""
    absent = (name for name in SMALL_MODELS if not weights_here(find(name, "audio")))
    return [name for name in absent if name not in library.embedded("audio")]


def _imported(library: Library, name: str) -> bool:
    path = library.embedding_folder("audio", name) / "provenance.json"
    return path.exists() and read_provenance(path).origin == "imported"


def trained_together(root: Path) -> list[str]:
    """What a library is trained on where no encoder is named: the default encoders joined, then others each alone.

    Joined they retrieve better than any of them does (``docs/experiments/musicnn.md``).

    Raises
    ------
    LibraryError : there is no library.
    """
    there = Library(root).embedded("audio")
    joined = [name for name in (*SIGNAL_ENCODERS, *SMALL_MODELS) if name in there]
    others = [name for name in there if name not in joined]
    return [*(["+".join(joined)] if joined else []), *others] or ["all"]


def embed_library(
    root: Path,
    encoders: Sequence[str],
    text: Sequence[str],
    *,
    phrases: bool = False,
    options: LoadOptions,
    retry_failed: bool = False,
    storage: Sequence[str] = (),
    duplicates: bool = True,
    captions: bool = True,
    on_progress: OnProgress | None = None,
    run_audio: Callable[..., list[EmbedReport]] = embed_audio,
    **audio: Any,
) -> Embedded:
    """Embed captions, then tracks; make captions of what was heard; put tracks that turn out to be duplicates into one
    group.

    Parameters
    ----------
    encoders, text : by name.
    phrases : embed the captions' phrases too.
    storage : kinds of addresses that may be opened from now on ("s3"); the library remembers them.
    duplicates : look for the same recording under two ids when done.
    captions : make captions of the kinds tags and machine from metadata and from what was heard, and embed them.
    options : how to load encoders; captions are read in float32, and not through ``torch.compile``.
    run_audio : :func:`antiphon.embed.embed_audio`, or what does the same on a cluster.
    audio : further options of it.
    """

    def told(what: str) -> Callable[[Progress], None] | None:
        return None if on_progress is None else lambda progress: on_progress(what, progress)

    if storage:
        Library(root).allow_storage(storage)
    load = held(load_text_encoder)

    def read(*, anew: bool) -> list[EmbedReport]:
        return [
            embed_text(
                root,
                name,
                phrases=kind,
                options=replace(options.of(name), dtype="auto", compile=False),
                retry_failed=anew,
                load=load,
                on_progress=told(f"{'phrases' if kind else 'captions'} with {name}"),
            )
            for name in text
            for kind in ((False, True) if phrases else (False,))
        ]

    reports, heard = read(anew=retry_failed), []
    if encoders:
        progress = told(f"audio with {', '.join(encoders)}")
        heard = run_audio(root, encoders, options=options, retry_failed=retry_failed, on_progress=progress, **audio)
    made = renew_captions(Library(root)) if captions else None
    if made is not None:
        reports = [first.followed_by(then) for first, then in zip(reports, read(anew=False), strict=True)]
    look = encoders and duplicates
    regrouped = join_duplicates(root, told("looking for duplicates")) if look else Regrouping(moved={})
    return Embedded(reports=(*reports, *heard), regrouped=regrouped, made=made)


def held(load: Callable[[str, LoadOptions], TextEncoder]) -> Callable[[str, LoadOptions], TextEncoder]:
    """What gives an encoder that it has loaded already, if that is small enough to stay while sound is heard."""
    loaded: dict[str, TextEncoder] = {}

    def found(name: str, options: LoadOptions) -> TextEncoder:
        encoder = loaded.pop(name, None) or load(name, options)
        if 0 < encoder.card.parameters <= STAYS:
            loaded[name] = encoder
        return encoder

    return found


def import_into_library(
    root: Path,
    name: str,
    file: Path,
    *,
    kind: Kind = "audio",
    ids: Path | None = None,
    layout: Layout | str | None = None,
    duplicates: bool = True,
    on_progress: OnProgress | None = None,
) -> tuple[ImportReport, Regrouping]:
    """Import vectors, with the layout that a known encoder has; then as after :func:`embed_library`.

    Raises
    ------
    ConfigError : ``layout`` is text that names none. Otherwise as
        :func:`antiphon.library.vectors.imports.import_embeddings`.
    """
    known = scan()[0].get(name)
    if layout is None:
        layout = known.card.layout if known and known.card.kind == kind else None
    chosen = parse_layout(layout) if isinstance(layout, str) else layout
    report = import_embeddings(root, name, file, kind=kind, ids=ids, layout=chosen)
    if kind == "text":
        return report, Regrouping(moved={})
    if not duplicates:
        return report, _withdraw(root, name, set(report.replaced))
    told = None if on_progress is None else partial(on_progress, "looking for duplicates")
    return report, join_duplicates(root, told)


def _withdraw(root: Path, name: str, replaced: set[str]) -> Regrouping:
    """Take back what vectors had shown that are replaced now, where nobody looks what the new ones show."""
    kept = [
        join
        for join in joins_of_audit(read_audit(root))
        if name not in join.source.split("+") or not {join.a, join.b} & replaced
    ]
    return regroup(Library(root), kept)


def join_duplicates(root: Path, on_progress: Callable[[Progress], None] | None = None) -> Regrouping:
    """Put tracks that the vectors show to be the same recording into one group.

    Parameters
    ----------
    on_progress : told where the search stands, in steps, where the library is large.
    """
    library = Library(root)
    started = time.monotonic()

    def step(done: int, total: int) -> None:
        if on_progress is not None:
            seconds = time.monotonic() - started
            on_progress(Progress(done=done, total=total, failed=0, audio_seconds=0.0, seconds=seconds))

    return regroup(library, find_copies_in(library, step))


def parse_layout(text: str) -> Layout:
    """``"25x1024x3"``: layers, dims, statistics.

    Raises
    ------
    ConfigError : it does not read so.
    """
    try:
        layers, dims, statistics = (int(part) for part in text.lower().replace("×", "x").split("x"))
        return Layout(layers, dims, statistics)
    except ValueError as error:
        raise ConfigError(f"'{text}' is no layout.", fix="Write LAYERSxDIMSxSTATISTICS: --layout 25x1024x3") from error
