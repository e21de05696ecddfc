"""What an embedding run says: while it goes on, and when it is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from antiphon.encoders._shared.language.unread import share_unread
from antiphon.library.commands import command
from antiphon.library.files import read_json, write_json
from antiphon.printed import Printed
from antiphon.registry import EncoderCard, TextEncoder

SHOWN = 5
TIMING = "timing.json"


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where a run stands.

    Parameters
    ----------
    done, total : items (a track or caption with one encoder), failed ones included, of those that this run has to do.
    failed : how many of ``done`` failed.
    audio_seconds : sound described so far, each track counted once.
    seconds : time since the run began.
    files_done, files_total : sound files that every encoder is done with, of those that this run has to hear; 0 and 0
        where no sound is heard.
    """

    done: int
    total: int
    failed: int
    audio_seconds: float
    seconds: float
    files_done: int = 0
    files_total: int = 0

    @property
    def counted(self) -> tuple[int, int]:
        """What a person counts, done and in all: files where sound is heard, for all encoders, else captions."""
        return (self.files_done, self.files_total) if self.files_total else (self.done, self.total)

    @property
    def audio_speed(self) -> float:
        """Seconds of sound described in a second."""
        return self.audio_seconds / self.seconds if self.seconds > 0 else 0.0


@dataclass(frozen=True, kw_only=True)
class EmbedReport(Printed):
    """What came of embedding a library with one encoder: ``total = already + embedded + len(failed)``.

    Parameters
    ----------
    encoder, kind : name, and ``"audio"``, ``"text"`` or ``"phrases"`` (of captions).
    total : tracks, captions or different phrases of the library's captions.
    already : had a good, current vector before.
    embedded : got theirs in this run.
    failed : id → reason, failures of earlier runs that were not tried again included.
    notes : id → what is wanting in a vector that is there (a caption was cut, sound was missing, the file is away).
    seconds, audio_seconds : time taken, and sound described in it.
    reading : how a text encoder reads, in words: what it puts before a text, and that texts are in a language which it
        was not trained to read; else empty.
    """

    encoder: str
    kind: str
    total: int
    already: int
    embedded: int
    failed: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    audio_seconds: float = 0.0
    reading: str = ""

    def followed_by(self, later: EmbedReport) -> EmbedReport:
        """This run and one of the same encoder after it, as one."""
        there = later.already + later.embedded
        already = min(self.already, there)  # what was there before may have been taken away in between
        return replace(
            later,
            already=already,
            embedded=there - already,
            seconds=self.seconds + later.seconds,
            notes={**self.notes, **later.notes},
        )

    def lines(self) -> list[str]:
        """For a person: one line, and where something failed the reasons and the command that tries again."""
        return lines_of([self])

    def lines_after(self, before: Sequence[EmbedReport], root: Path | str = "") -> list[str]:
        """The lines below those of other reports: failures that one of them listed are not listed again.

        ``root`` is the library that commands name; the current folder without it.
        """
        noun = {"audio": "tracks", "text": "captions", "phrases": "phrases"}[self.kind]
        speed = f", {self.audio_seconds / self.seconds:.0f} × real time" if self.audio_seconds and self.seconds else ""
        lines = [
            f"{self.encoder}: {self.already + self.embedded} of {self.total} {noun} have vectors "
            f"({self.embedded} new in {self.seconds:.1f} s{speed})."
        ]
        lines += [f"  {self.reading}"] if self.reading else []
        told = next((other for other in before if other.kind == self.kind and other.failed == self.failed), None)
        if self.failed and told is not None:
            lines.append(f"  {len(self.failed)} failed, as with {told.encoder}.")
        elif self.failed:
            lines.append(f"  {len(self.failed)} failed:")
            lines += [f"    {item}: {reason}" for item, reason in list(self.failed.items())[:SHOWN]]
            if len(self.failed) > SHOWN:
                lines.append(f"    … and {len(self.failed) - SHOWN} more, all in rows.parquet")
        return lines + self._note_lines(noun, root)

    def _note_lines(self, noun: str, root: Path | str) -> list[str]:
        """One line for each note that several share; those that only one has are shown together."""
        lines = []
        sharing: dict[str, list[str]] = {}
        for item, note in self.notes.items():
            sharing.setdefault(note, []).append(item)
        single = {note: ids[0] for note, ids in sharing.items() if len(ids) == 1}
        for note, ids in sharing.items():
            if len(ids) > 1:
                more = f" and {len(ids) - SHOWN:,} more" if len(ids) > SHOWN else ""
                lines.append(f"  {len(ids):,} of {self.total:,} {noun}: {note} ({', '.join(ids[:SHOWN])}{more})")
        if self.kind == "text" and any("not read" in note for note in sharing):
            lines.append(f"  To have all of them read: {command(f'embed --text {self.encoder} --phrases', root)}")
        if single:
            lines.append(f"  {len(single):,} of {self.total:,} {noun} lack something:")
            lines += [f"    {item}: {note}" for note, item in list(single.items())[:SHOWN]]
            if len(single) > SHOWN:
                lines.append(f"    … and {len(single) - SHOWN:,} more, all in rows.parquet")
        return lines

    def reasons(self) -> Counter[str]:
        """How often each reason occurs."""
        return Counter(self.failed.values())

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**vars(self), "failed": dict(self.failed), "notes": dict(self.notes)}


def lines_of(reports: Sequence[EmbedReport], root: Path | str = "") -> list[str]:
    """What each of several encoders did, for a person; a failure that several share is listed once, and at the end
    stands the one command, on the library at ``root``, that tries all failures again."""
    said = [line for n, report in enumerate(reports) for line in report.lines_after(reports[:n], root)]
    audio, text = (
        list(dict.fromkeys(each.encoder for each in reports if each.failed and (each.kind == "audio") == is_audio))
        for is_audio in (True, False)
    )
    phrases = ["--phrases"] if any(each.failed and each.kind == "phrases" for each in reports) else []
    words = [*(["--encoder", *audio] if audio else []), *(["--text", *text] if text else []), *phrases]
    again = command(" ".join(["embed", *words, "--retry-failed"]), root)
    return [*said, f"To try what failed again: {again}"] if words else said


@dataclass(frozen=True, kw_only=True)
class Timing:
    """What an encoder's vectors have cost, over all runs that ended by themselves or by Ctrl-C.

    Parameters
    ----------
    tracks : that got their vectors.
    audio_seconds : sound that was decoded for them.
    seconds : time on the clock; where encoders ran together, each one's share of it.
    """

    tracks: int
    audio_seconds: float
    seconds: float

    @property
    def tracks_per_minute(self) -> float:
        """0.0 before anything was timed."""
        return 60 * self.tracks / self.seconds if self.seconds > 0 else 0.0


def read_timing(folder: Path) -> Timing | None:
    """The record in an encoder's folder (``embeddings/audio/NAME``); None where there is none that can be read."""
    try:
        data = read_json(folder / TIMING)
        return Timing(**{key: data[key] + 0 for key in Timing.__dataclass_fields__})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def add_timing(folder: Path, run: Timing) -> None:
    """Add a run to the record; nothing where the folder was taken away meanwhile."""
    if not folder.is_dir():
        return
    before = asdict(read_timing(folder) or Timing(tracks=0, audio_seconds=0.0, seconds=0.0))
    write_json(folder / TIMING, {key: before[key] + value for key, value in asdict(run).items()})


def reading_in_words(encoder: TextEncoder, texts: Sequence[str]) -> str:
    """What a person should know of how these captions are read; empty for nothing."""
    said = (_prompts_in_words(encoder.card), _unused_in_words(encoder), _unread(encoder.card, texts))
    return " ".join(filter(None, said))


def _unused_in_words(encoder: TextEncoder) -> str:
    """That a model's files have prompts, and none of them is known to be for captions or for queries."""
    names = ", ".join(getattr(encoder, "unused_prompts", ()))
    return f"It reads texts as they are: its prompts ({names}) are for other uses, by their names." if names else ""


def _unread(card: EncoderCard, texts: Sequence[str]) -> str:
    """That many captions are in a language which the encoder was not trained to read."""
    found = share_unread(texts, card.languages)
    if found is None:
        return ""
    name, share = found
    return f"{share:.0%} of the texts look {name}, a language that {card.name} was not trained to read."


def _prompts_in_words(card: EncoderCard) -> str:
    """What stands before a text; empty where nothing does."""
    query = card.prompt if card.query_prompt is None else card.query_prompt
    if card.prompt == query:
        return f"It reads captions and queries after {query!r}." if query else ""
    before = {"captions": card.prompt, "queries that are compared with them": query}
    ways = (f"{what} after {text!r}" if text else f"{what} as they are" for what, text in before.items())
    return f"It reads {', '.join(ways)}."
