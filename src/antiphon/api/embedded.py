"""Embedding a library, the whole of it: captions, audio, then what the audio says of duplicates."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from antiphon.captions.making import renew_captions
from antiphon.captions.report import Made
from antiphon.embed import EmbedReport, Progress, embed_audio, embed_text, load_text_encoder
from antiphon.embed.report import lines_of
from antiphon.embed.text import require_text_encoders
from antiphon.errors import ConfigError, EncoderError
from antiphon.frames import frame_of_rows
from antiphon.layout import Layout
from antiphon.library.leakage.duplicates import find_duplicates_in
from antiphon.library.leakage.groups import read_audit
from antiphon.library.leakage.regrouping import Regrouping, joins_of_audit, regroup
from antiphon.library.phrases import has_phrases, reads_phrases
from antiphon.library.tracks import Kind, Library
from antiphon.library.vectors.files.import_report import ImportReport
from antiphon.library.vectors.imports import import_embeddings
from antiphon.printed import Printed
from antiphon.registry import LoadOptions, TextEncoder, scan

if TYPE_CHECKING:
    import pandas as pd

LOG = logging.getLogger(__name__)

STAYS = 500_000_000
"""Parameters up to which a text encoder stays loaded between captions of people and those that are made."""
LOOKING = "looking for duplicates"
UNASKED = (
    "Read unasked: captions share them, as lists of tags do. Training learns from them too (setting caption_phrases)."
)
OnProgress: TypeAlias = Callable[[str, Progress], None]
"""Called with what is being embedded (``"audio with timbre"``) and where that stands."""


@dataclass(frozen=True, kw_only=True)
class Embedded(Printed):
    """What came of embedding a library.

    Parameters
    ----------
    reports : one an encoder, text before audio: how many have vectors now, and what failed for which reason.
    not_loaded : text encoder → why it could not be loaded, where others were named beside it.
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

    root: Path
    reports: tuple[EmbedReport, ...]
    regrouped: Regrouping
    made: Made | None = None
    not_loaded: Mapping[str, EncoderError] = field(default_factory=dict)

    def require_all(self) -> None:
        """Refuse to call it done where an encoder that was asked for has read nothing.

        Raises
        ------
        EncoderError : one could not be loaded; the message names all of them.
        """
        for error in self.not_loaded.values():
            others = "; ".join(f"{name}: {why.problem}" for name, why in self.not_loaded.items())
            raise EncoderError(f"Not read by all that were named. {others}", fix=error.fix)

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
            "not_loaded": {name: str(error) for name, error in self.not_loaded.items()},
        }

    def to_frame(self) -> pd.DataFrame:
        """One row an encoder; needs pandas."""
        rows = [{**report.to_dict(), "failed": len(report.failed)} for report in self.reports]
        return frame_of_rows(rows, index=["encoder", "kind"])

    def lines(self) -> list[str]:
        """For people: what each encoder did, which captions were made, and which groups were merged."""
        return [*self.report_lines(), *self.made_lines(), *self.regrouped.lines()]

    def report_lines(self) -> list[str]:
        """What each encoder did, what failed, and the command that tries it again."""
        return lines_of(self.reports, self.root)

    def made_lines(self) -> list[str]:
        """Which captions were made: a line a kind."""
        if self.made is None:
            return []
        made = (f"{kind} ({each['captions']:,})" for kind, each in self.made.counts().items() if each["captions"])
        listed = ", ".join(made) or "none"
        return [
            f"Captions that Antiphon made: {listed}. Training learns from them where they help; see antiphon caption."
        ]


def embed_library(
    root: Path,
    encoders: Sequence[str],
    text: Sequence[str],
    *,
    phrases: bool | None = None,
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
    encoders, text : by name. Of several text encoders one that cannot be loaded is passed over, and said.
    phrases : embed the phrases of people's captions too; None as
        :func:`antiphon.library.phrases.reads_phrases` says.
    storage : kinds of addresses that may be opened from now on ("s3"); the library remembers them.
    duplicates : look for the same recording under two ids when done.
    captions : make captions of the kinds tags and machine from metadata and from what was heard, and embed them.
    options : how to load encoders; captions are read in float32, and not through ``torch.compile``.
    run_audio : :func:`antiphon.embed.embed_audio`, or what does the same on a cluster.
    audio : further options of it.
    """
    if storage:
        Library(root).allow_storage(storage)
    if len(text) > 1:
        require_text_encoders(Library(root), text)
    readers = _Readers(root=root, names=text, phrases=phrases, options=options, on_progress=on_progress)
    reports, heard = readers.read(anew=retry_failed), []
    if encoders:
        told = _told(on_progress, f"audio with {', '.join(encoders)}")
        heard = run_audio(root, encoders, options=options, retry_failed=retry_failed, on_progress=told, **audio)
    made = renew_captions(Library(root)) if captions else None
    if made is not None:
        reports = [first.followed_by(then) for first, then in zip(reports, readers.read(anew=False), strict=True)]
    look = encoders and duplicates
    regrouped = join_duplicates(root, _told(on_progress, LOOKING)) if look else Regrouping(moved={})
    return Embedded(
        root=root, reports=(*reports, *heard), regrouped=regrouped, made=made, not_loaded=readers.not_loaded
    )


def _told(on_progress: OnProgress | None, what: str) -> Callable[[Progress], None] | None:
    return None if on_progress is None else partial(on_progress, what)


@dataclass(kw_only=True)
class _Readers:
    """Text encoders that read a library's captions, once, and again after captions were made.

    Parameters
    ----------
    not_loaded : of several those that could not be loaded, which are passed over from then on.
    """

    root: Path
    names: Sequence[str]
    phrases: bool | None
    options: LoadOptions
    on_progress: OnProgress | None
    not_loaded: dict[str, EncoderError] = field(default_factory=dict)
    load: Callable[[str, LoadOptions], TextEncoder] = field(default_factory=lambda: held(load_text_encoder))

    def read(self, *, anew: bool) -> list[EmbedReport]:
        """Read what has no vectors yet; ``anew``, also what failed."""
        reports = []
        for name in self.names:
            try:
                reports += [] if name in self.not_loaded else self._read_with(name, anew=anew)
            except EncoderError as error:
                if len(self.names) == 1:
                    raise
                self.not_loaded[name] = error
                LOG.warning("Captions are not read by %s: %s", name, error.problem)
        return reports

    def _read_with(self, name: str, *, anew: bool) -> list[EmbedReport]:
        options = replace(self.options.of(name), dtype="auto", compile=False)
        read = partial(embed_text, self.root, name, options=options, retry_failed=anew, load=self.load)
        reports = [read(on_progress=_told(self.on_progress, f"captions with {name}"))]
        library, encoder = Library(self.root), reports[0].encoder
        before = has_phrases(library, encoder)
        if reads_phrases(library, encoder, self.phrases):
            found = read(phrases=True, on_progress=_told(self.on_progress, f"phrases with {name}"))
            said = UNASKED if self.phrases is None and not before else ""
            reports.append(replace(found, reading=" ".join(filter(None, (said, found.reading)))))
        return reports


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
    return report, join_duplicates(root, _told(on_progress, LOOKING))


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

    return regroup(library, find_duplicates_in(library, step))


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
