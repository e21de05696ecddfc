"""What came of making captions: counts, examples, and what is wanting for more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from antiphon.library.captions import CaptionKind
from antiphon.library.tracks import Library
from antiphon.printed import Printed, counted

EXAMPLES = 5
"""Tracks that are shown."""


class Missing(NamedTuple):
    """Something that more captions would need.

    Parameters
    ----------
    problem : a sentence.
    fix : the command or the thing to do, "" for none.
    damaged : whether it was there and cannot be read any more.
    """

    problem: str
    fix: str = ""
    damaged: bool = False


class Example(NamedTuple):
    """One caption to look at."""

    track: str
    kind: str
    caption: str


@dataclass(frozen=True, eq=False)
class Made(Printed):
    """Captions that Antiphon made.

    Parameters
    ----------
    library : whose they are.
    table : caption_id, track_id, text, kind; by kind, then in the order of the tracks.
    kinds : that were asked for.
    missing : what more would need.
    """

    library: Library
    table: pa.Table
    kinds: tuple[CaptionKind | str, ...]
    missing: Sequence[Missing]

    def counts(self) -> dict[str, dict[str, int]]:
        """Kind → captions, and tracks that have one."""
        found = {}
        for kind in self.kinds:
            tracks = self.table.filter(pc.equal(self.table.column("kind"), kind)).column("track_id")
            found[str(kind)] = {"captions": len(tracks), "tracks": int(pc.count_distinct(tracks).as_py())}
        return found

    def examples(self, most: int = EXAMPLES) -> list[Example]:
        """The captions of some tracks, spread evenly over those that have any."""
        ids = pc.unique(self.table.column("track_id")).to_pylist()
        chosen = ids[:: max(1, -(-len(ids) // most))][:most] if most > 0 else []
        rows = self.table.filter(pc.is_in(self.table.column("track_id"), pa.array(chosen, pa.string()))).to_pylist()
        return [
            Example(self._name(track_id), row["kind"], row["text"])
            for track_id in chosen
            for row in rows
            if row["track_id"] == track_id
        ]

    def _name(self, track_id: str) -> str:
        track = self.library.track(track_id)
        return " – ".join(filter(None, (track.artist, track.title))) or track_id

    def lines(self) -> list[str]:
        """Text for the console: a line a kind, then what is missing."""
        return [*self.counted_lines(), *self.remarks()]

    def counted_lines(self) -> list[str]:
        """A line a kind."""
        total = self.library.track_table.num_rows
        return [
            f"{kind}: {counted(count['captions'], 'caption')} of {count['tracks']:,} of {counted(total, 'track')}"
            for kind, count in self.counts().items()
        ]

    def remarks(self) -> list[str]:
        """What is missing for more, a line each."""
        return [f"{one.problem}{f' → {one.fix}' if one.fix else ''}" for one in self.missing]

    def to_dict(self) -> dict[str, Any]:
        """Counts, what is missing and examples, for JSON."""
        return {
            "kinds": self.counts(),
            "missing": [{"problem": one.problem, "fix": one.fix} for one in self.missing],
            "examples": [example._asdict() for example in self.examples()],
        }
