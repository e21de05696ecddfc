"""What a protocol is, and the table of those that have names.

Who uses which: Song Describer's authors and MIREX 2024 the valid subset; mteb all of it, with a caption's own track
alone as correct; papers on retrieval the 2,858 clips of MusicCaps that are marked as AudioSet's evaluation set, mteb
the 4,281 that it could download. Counts: the sets' own tables, and mteb's descriptive statistics.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Literal

from antiphon.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """Who asks, and what is right.

    Parameters
    ----------
    said : what it is, and how it differs from ``each-caption``; a sentence or two.
    queries : ``"each"`` caption of a track is a query of its own; ``"first"``: only the first of each track's, and only
        these are items of a2t; ``"best"``: all are asked, and the best rank of a track's captions is the track's.
    own_only : whether a caption's own track alone is correct, where otherwise every track with an identical caption is.
    column : of the metadata, "True" for the rows that take part; "" for all.
    n_tracks, n_captions : of the public set; 0 for any number.
    """

    said: str
    queries: Literal["each", "first", "best"] = "each"
    own_only: bool = False
    column: str = ""
    n_tracks: int = 0
    n_captions: int = 0


DEFAULT = "each-caption"
PROTOCOLS: dict[str, Protocol] = {
    DEFAULT: Protocol(said="Every caption is a query; every track with a caption of identical text is correct."),
    "one-caption": Protocol(
        said="The first caption of each track is its only one, as in sets with one caption a track. Harder for a2t, "
        "where there are fewer right answers.",
        queries="first",
    ),
    "best-of-captions": Protocol(
        said="A track is found if any of its captions finds it: the best rank of its captions counts, one query a "
        "track. The more captions a track has, the easier: never compare it with figures of each caption.",
        queries="best",
    ),
    "own-track": Protocol(
        said="As mteb and most papers score: every caption is a query and its own track alone is correct, also where "
        "another track has the very same caption. Identical captions keep a perfect model from 100 %.",
        own_only=True,
    ),
    "song-describer-valid": Protocol(
        said="Song Describer's valid subset, as its authors and MIREX 2024 have it: 746 captions of 547 tracks.",
        column="is_valid_subset",
        own_only=True,
        n_tracks=547,
        n_captions=746,
    ),
    "song-describer-all": Protocol(
        said="All of Song Describer, as mteb has it: 1,106 captions of 706 tracks. Not comparable with the valid "
        "subset: more candidates, and captions that its authors set aside.",
        own_only=True,
        n_tracks=706,
        n_captions=1106,
    ),
    "musiccaps-eval": Protocol(
        said="MusicCaps' clips of AudioSet's evaluation set, the usual test set of papers: 2,858, one caption each.",
        column="is_audioset_eval",
        own_only=True,
        n_tracks=2858,
        n_captions=2858,
    ),
    "musiccaps-mteb": Protocol(
        said="The 4,281 clips of MusicCaps that mteb could download. Easier than all 5,521, harder than the 2,858 of "
        "papers: figures of the three are not comparable.",
        own_only=True,
        n_tracks=4281,
        n_captions=4281,
    ),
    "musiccaps-all": Protocol(
        said="All 5,521 clips of MusicCaps, of which many can no longer be downloaded.",
        own_only=True,
        n_tracks=5521,
        n_captions=5521,
    ),
}


def find_protocol(name: str) -> Protocol:
    """The protocol of a name.

    Raises
    ------
    ConfigError : there is none; the message lists them.
    """
    if name in PROTOCOLS:
        return PROTOCOLS[name]
    meant = difflib.get_close_matches(name, PROTOCOLS, n=1)
    raise ConfigError(
        f"There is no protocol '{name}'. There are: {', '.join(PROTOCOLS)}.",
        fix=f"Did you mean '{meant[0]}'?" if meant else "What each is: docs/concepts/protocols.md.",
    )
