"""Which song of a player is which track of a library.

Rules are tried from the surest to the weakest. A rule gives each song a key, and what has the same key is the same song
only where exactly one song of either side, of those that no surer rule has matched, has that key. So nothing is
guessed: songs that several rules could confuse stay unmatched, and are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from antiphon.library.manifest.paths.mapping import is_absolute
from antiphon.library.players.songs import Song, letters, parts_of

Key = Callable[[Song], Hashable]
"""What a song has in common with its other side; None where it has nothing of the kind."""
SURE_PARTS = 3
"""Names at a path's end (artist, album, file) from which they say which file it is, whatever the title."""
LONGEST = 8


class Match(NamedTuple):
    """A track and its song in the player.

    Parameters
    ----------
    track_id : in the library.
    player_id : in the player.
    by : the rule that found it: "own id", "path", "end of path", "MusicBrainz id", "tags".
    """

    track_id: str
    player_id: str
    by: str


@dataclass(frozen=True)
class Rule:
    """One way in which two songs are the same.

    Parameters
    ----------
    by : its name.
    key : what both have in common.
    holds : (ours, theirs) → whether nothing speaks against it.
    """

    by: str
    key: Key
    holds: Callable[[Song, Song], bool] = lambda _ours, _theirs: True


def match(ours: Iterable[Song], theirs: Iterable[Song]) -> list[Match]:
    """Tracks with their songs, in the order of the rules that found them; neither side's song stands in two."""
    left_ours, left_theirs = list(ours), list(theirs)
    found: list[Match] = []
    for rule in RULES:
        pairs = _pairs(rule, left_ours, left_theirs)
        found += [Match(our.id, their.id, rule.by) for our, their in pairs]
        done_ours, done_theirs = {id(our) for our, _ in pairs}, {id(their) for _, their in pairs}
        left_ours = [song for song in left_ours if id(song) not in done_ours]
        left_theirs = [song for song in left_theirs if id(song) not in done_theirs]
    return found


def _pairs(rule: Rule, ours: list[Song], theirs: list[Song]) -> list[tuple[Song, Song]]:
    """What one rule matches."""
    at_ours, at_theirs = _unique(rule.key, ours), _unique(rule.key, theirs)
    both = ((our, at_theirs.get(key)) for key, our in at_ours.items() if our is not None)
    return [(our, their) for our, their in both if their is not None and rule.holds(our, their)]


def _unique(key: Key, songs: list[Song]) -> dict[Hashable, Song | None]:
    """Key → the only song that has it; None where several have."""
    found: dict[Hashable, Song | None] = {}
    for song in songs:
        its = key(song)
        if its is not None:
            found[its] = None if its in found else song
    return found


def _path(song: Song) -> Hashable:
    return parts_of(song.path) if is_absolute(song.path) else None


def _end_of_path(length: int, song: Song) -> Hashable:
    names = parts_of(song.path)
    return names[-length:] if len(names) >= length else None


def _recording(song: Song) -> Hashable:
    return (song.recording.casefold(), letters(song.album)) if song.recording else None


def _recording_alone(song: Song) -> Hashable:
    return song.recording.casefold() or None


def _tags(song: Song) -> Hashable:
    return (letters(song.title), letters(song.artist), letters(song.album)) if song.title and song.artist else None


def _title_and_artist(song: Song) -> Hashable:
    key = letters(song.title), letters(song.artist)
    return key if all(key) else None


def _same_title(ours: Song, theirs: Song) -> bool:
    return bool(letters(ours.title)) and letters(ours.title) == letters(theirs.title)


def _no_other_title(ours: Song, theirs: Song) -> bool:
    return not (ours.title and theirs.title) or letters(ours.title) == letters(theirs.title)


def _no_other_album(ours: Song, theirs: Song) -> bool:
    return not (ours.album and theirs.album) or letters(ours.album) == letters(theirs.album)


RULES = (
    Rule("own id", lambda song: song.known_as or None, _no_other_title),
    Rule("path", lambda song: song.path or None),
    Rule("path", _path),
    *(Rule("end of path", partial(_end_of_path, n), _no_other_title) for n in range(LONGEST, SURE_PARTS - 1, -1)),
    *(Rule("end of path", partial(_end_of_path, n), _same_title) for n in range(SURE_PARTS - 1, 0, -1)),
    Rule("MusicBrainz id", _recording),
    Rule("MusicBrainz id", _recording_alone, _no_other_album),
    Rule("tags", _tags),
    Rule("tags", _title_and_artist, _no_other_album),
)
"""From the surest to the weakest."""
