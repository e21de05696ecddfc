"""The captions of a row: their texts, and who wrote them."""

from __future__ import annotations

from antiphon.library.captions import KINDS, CaptionKind, is_as_made
from antiphon.library.manifest.cells import CellError, is_placeholder, text_of, texts_of
from antiphon.library.manifest.columns.match import MACHINE, TAGS, ColumnRoles, plain_name
from antiphon.library.manifest.rows.entry import Entry
from antiphon.library.manifest.table import Problem, Table
from antiphon.texts import normalised_text

MANY_CAPTIONS = 8
"""Captions of a track up to which a further one is compared with each of them."""


class CaptionCells:
    """Takes the captions of rows in.

    Parameters
    ----------
    kind : of captions whose row and column do not say theirs.
    """

    def __init__(self, kind: CaptionKind = "human") -> None:
        self._kind = kind
        self._seen: dict[str, set[str]] = {}

    def add(self, *, table: Table, columns: ColumnRoles, row: int, entry: Entry) -> list[Problem]:
        """Add a row's captions to its track, and say what is wrong with them."""
        return _Row(table, columns, row, entry).read(self)

    def kind_of(self, column: str) -> CaptionKind:
        """Of the captions of a column, where the row does not say it."""
        return "machine" if plain_name(column) in MACHINE else self._kind

    def has(self, entry: Entry, text: str) -> bool:
        """Whether a track has a caption already. Only tracks of many keep a set, which is larger than the captions."""
        key = normalised_text(text) if entry.captions else ""
        if len(entry.captions) <= MANY_CAPTIONS:
            return any(normalised_text(known) == key for known in entry.captions)
        seen = self._seen.get(entry.track_id)
        if seen is None:
            seen = self._seen[entry.track_id] = set(map(normalised_text, entry.captions))
        known = key in seen
        seen.add(key)
        return known


class _Row:
    """One row while its captions are read."""

    def __init__(self, table: Table, columns: ColumnRoles, row: int, entry: Entry) -> None:
        self.table, self.columns, self.row, self.entry = table, columns, row, entry
        self.problems: list[Problem] = []

    def read(self, cells: CaptionCells) -> list[Problem]:
        added = faults = 0
        said = self._said_kind() if "kind" in self.columns.roles else None
        mark = self._mark()
        for column in self.columns.texts:
            texts, fault = texts_of(self.table.columns[column][self.row], parse=True)
            if fault is not None:
                effect = "read as far as it goes" if fault.kind == "broken list" else "kept without this text"
                self._problem(column, fault.kind, fault.problem, fault.fix or "", effect)
                faults += 1
            for text in [_one_caption(texts)] if plain_name(column) in TAGS and texts else texts:
                edited = mark and not is_as_made(mark, text)
                self._take(cells, column, text, "human" if edited else said or cells.kind_of(column))
                added += 1
        if self.columns.texts and not added and not faults and not mark:
            self._no_caption()
        return self.problems

    def _take(self, cells: CaptionCells, column: str, text: str, kind: CaptionKind) -> None:
        entry = self.entry
        if is_placeholder(text):
            said = f"'{text}' describes no music"
            self._problem(column, "placeholder", said, "Leave the cell empty, or describe it.", "kept")
        if not cells.has(entry, text):
            if kind != "human":
                entry.kinds = {**(entry.kinds or {}), len(entry.captions): kind}
            entry.captions.append(text)
            return
        if kind == "human" and entry.kinds:  # what a person says too is a person's
            number = [normalised_text(known) for known in entry.captions].index(normalised_text(text))
            entry.kinds.pop(number, None)
        said = f"'{entry.track_id}' has this caption already: {text[:60]}"
        self._problem(column, "repeated caption", said, "Leave it out.", "kept once")

    def _said_kind(self) -> CaptionKind | None:
        """What the row says of who wrote its captions."""
        column = self.columns.roles["kind"]
        word = self._text(column).casefold()
        kind = next((kind for kind in KINDS if kind == word), None)
        if word and kind is None:
            self._problem(column, "unknown kind", f"'{word}' is no kind", f"Kinds: {', '.join(KINDS)}.", "as no word")
        return kind

    def _mark(self) -> str:
        """What a caption of this row was when it was made; "" where it was not."""
        return self._text(self.columns.made) if self.columns.made else ""

    def _text(self, column: str) -> str:
        try:
            return text_of(self.table.columns[column][self.row])
        except CellError:
            return ""

    def _no_caption(self) -> None:
        column = self.columns.texts[0]
        cell = self.table.columns[column][self.row]
        word = cell.strip() if isinstance(cell, str) else ""
        said = f"'{word}' stands for nothing" if word and word not in "[]" else "no text"
        effect = "kept without this caption" if self.entry.captions else "kept without a caption"
        self._problem(column, "empty caption", said, "Write a caption.", effect)

    def _problem(self, column: str, kind: str, problem: str, fix: str, effect: str) -> None:
        where = self.table.where(self.row)
        self.problems.append(Problem(where=where, column=column, kind=kind, problem=problem, fix=fix, effect=effect))


def _one_caption(texts: list[str]) -> str:
    """A list of tags as one caption; ``genre---rock`` is "rock"."""
    return ", ".join(dict.fromkeys(text.rpartition("---")[2].strip() for text in texts))
