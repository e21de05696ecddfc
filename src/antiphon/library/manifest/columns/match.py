"""Which column of a user's table means what.

Names match whatever their case, and a space or hyphen counts as an underscore. Where two columns mean the same, the
one that stands earlier in :data:`ALIASES` is used and the other is reported as ignored. Further captions stand in
numbered columns (``caption_1`` … ``caption_5``, ``text_2``), in ``alt_caption…``, and in those of :data:`WRITTEN`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from antiphon.errors import ManifestError
from antiphon.library.captions import MADE_COLUMN
from antiphon.library.metadata.names import plain_name as plain_name

ALIASES: dict[str, tuple[str, ...]] = {
    "id": ("id", "track_id", "ytid", "youtube_id", "key"),
    "audio": (
        *("audio", "path", "file", "file_name", "audio_path", "location", "filepath", "filename", "audio_file"),
        *("file_path", "audio_filepath", "wav", "sound", "track_path", "mp3_path"),
    ),
    "caption": ("caption", "text", "description", "main_caption"),
    "captions": ("captions", "texts", "sentences", "descriptions"),
    "title": ("title", "track_title", "track_name", "song"),
    "artist": ("artist", "artist_name"),
    "album": ("album", "album_title", "album_name", "release"),
    "group": ("group", "split_group", "parent", "artist_id"),
    "split": ("split", "data_split", "dataset_split", "set_split", "partition"),
    "start": (
        "start",
        "start_s",
        "start_time",
        "start_sec",
        "start_seconds",
        "offset",
        "offset_s",
        "onset",
        "start_ms",
    ),
    "end": ("end", "end_s", "end_time", "end_sec", "end_seconds", "offset_end", "stop", "end_ms"),
    "duration": ("duration", "duration_s", "dur", "duration_ms"),
    "kind": ("caption_kind", "kind"),
}
ALTERNATIVE = "alt_caption"
WRITTEN = ("caption_ground_truth", "caption_writing", "caption_summary", "caption_paraphrase")
PREDICTED = "caption_attribute_prediction"
"""LP-MusicCaps' fourth caption: its authors advise against training on it, which the audit says."""
MACHINE = frozenset({*WRITTEN, PREDICTED}) - {"caption_ground_truth"}
"""Columns whose captions a language model wrote, not a person."""
OFFICIAL = ("is_audioset_eval", "is_audioset_eval_mcaps")
"""Columns of published data sets that say which rows are their test set (MusicCaps, MusicBench)."""
TAGS = frozenset(
    {
        *("tags", "tag", "tag_top50", "tag_top188", "aspect_list", "pseudo_attribute", "genres", "genre", "genre_top"),
        *("moods", "mood", "mood/theme", "instrument", "instruments", "labels", "track_genre_top", "track_tags"),
    }
)
"""Columns whose list is one caption, not several."""
PART_ROLES = ("start", "end", "duration")
NEAR_MISS = 0.8
UNLIKE = ("_id", "_number", "_total", "_count", "_no")
"""Endings of names that are no misspelt others: caption_id is no caption, track_number no track_name."""
_NUMBERED = re.compile(r"(?:captions?|texts?|descriptions?|sentences?)[_.]?\d+")
"""``caption.1`` is what pandas calls the second of two columns that were called ``caption``."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The columns that a user names for a role, over what their names suggest; "" or () where nothing is said.

    Parameters
    ----------
    captions : exactly these columns hold captions.
    """

    id: str = ""
    audio: str = ""
    captions: tuple[str, ...] = ()
    split: str = ""
    group: str = ""

    def column(self, role: str) -> str:
        """The column named for a role."""
        return {"id": self.id, "audio": self.audio, "split": self.split, "group": self.group}.get(role, "")

    @property
    def names(self) -> tuple[str, ...]:
        """All columns that are named."""
        return tuple(name for name in (self.id, self.audio, *self.captions, self.split, self.group) if name)

    def within(self, plain: Collection[str]) -> Choice:
        """What is said about the columns of one table, by their names as they are compared."""

        def kept(name: str) -> str:
            return name if plain_name(name) in plain else ""

        return Choice(
            id=kept(self.id),
            audio=kept(self.audio),
            captions=tuple(name for name in self.captions if kept(name)),
            split=kept(self.split),
            group=kept(self.group),
        )


NO_CHOICE = Choice()


@dataclass(frozen=True, kw_only=True)
class ColumnRoles:
    """The meaning of a table's columns.

    Parameters
    ----------
    roles : role ("id", "audio", "caption", …) → the column's own name.
    texts : columns that hold captions: caption, captions, then further ones in the table's order.
    ignored : columns that have no role: metadata.
    hints : ignored column → the known name that it resembles.
    official : a column that says which rows are the test set, "" where there is none or a split column.
    made : the column that says what captions were when Antiphon made them, "" where there is none.
    """

    roles: dict[str, str]
    texts: tuple[str, ...]
    ignored: tuple[str, ...]
    hints: dict[str, str]
    official: str = ""
    made: str = ""


def without_role(columns: ColumnRoles, *, parts: bool) -> list[str]:
    """The columns that are kept as metadata, those of times too where the files are taken whole.

    Parameters
    ----------
    parts : whether rows are parts of files, which their times say.
    """
    unused = [] if parts else [columns.roles[role] for role in PART_ROLES if role in columns.roles]
    return [*columns.ignored, *unused]


def is_known(name: str) -> bool:
    """Whether a heading has a meaning here."""
    return bool(match_columns([name]).roles or match_columns([name]).texts)


def match_columns(names: Sequence[str], choice: Choice = NO_CHOICE, unmeant: Collection[str] = ()) -> ColumnRoles:
    """Find the role of each column.

    Parameters
    ----------
    names : as they stand in the table.
    choice : what the user says.
    unmeant : columns that do not mean what their names say.

    Raises
    ------
    ManifestError : the user names a column that is not there.
    """
    by_name: dict[str, str] = {}
    for name in names:
        if name not in unmeant:
            by_name.setdefault(plain_name(name), name)
    taken = {plain_name(name) for name in choice.names}
    roles: dict[str, str] = {}
    for role, aliases in ALIASES.items():
        said = choice.column(role)
        if said:
            roles[role] = _named(by_name, said)
        elif role not in ("caption", "captions") or not choice.captions:
            found = next((by_name[alias] for alias in aliases if alias in by_name and alias not in taken), None)
            if found is not None:
                roles[role] = found
    texts = _texts(by_name, roles, choice)
    official = "" if "split" in roles else next((by_name[name] for name in OFFICIAL if name in by_name), "")
    used = {*roles.values(), *texts, official}
    ignored = tuple(name for name in names if name not in used)
    made = by_name.get(MADE_COLUMN, "")
    return ColumnRoles(roles=roles, texts=texts, ignored=ignored, hints=_hints(ignored), official=official, made=made)


def _named(by_name: dict[str, str], name: str) -> str:
    if plain_name(name) not in by_name:
        has = ", ".join(f"'{known}'" for known in by_name.values())
        raise ManifestError(f"There is no column '{name}'.", fix=f"The table has: {has}.")
    return by_name[plain_name(name)]


def _texts(by_name: dict[str, str], roles: dict[str, str], choice: Choice) -> tuple[str, ...]:
    if choice.captions:
        return tuple(dict.fromkeys(_named(by_name, name) for name in choice.captions))
    main = [roles[role] for role in ("caption", "captions") if role in roles]
    further = [name for plain, name in by_name.items() if name not in roles.values() and _is_further(plain)]
    return tuple(dict.fromkeys([*main, *further]))


def _is_further(plain: str) -> bool:
    return plain.startswith(ALTERNATIVE) or plain in (*WRITTEN, PREDICTED) or bool(_NUMBERED.fullmatch(plain))


def _hints(ignored: Sequence[str]) -> dict[str, str]:
    known = [alias for role, aliases in ALIASES.items() if role != "kind" for alias in aliases]
    hints = {}
    for name in ignored:
        plain = plain_name(name)
        if plain.endswith(UNLIKE):
            continue
        close = difflib.get_close_matches(plain, known, n=1, cutoff=NEAR_MISS)
        if close and close[0] != plain:
            hints[name] = close[0]
    return hints
