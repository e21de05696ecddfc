"""Columns that have no role, on their way from tables to metadata."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from antiphon.library.manifest.cells.bulk import bulk_of
from antiphon.library.manifest.columns.match import ColumnRoles, without_role
from antiphon.library.manifest.rows.entry import Entry
from antiphon.library.manifest.rows.values import values_of
from antiphon.library.manifest.table import Table
from antiphon.library.metadata.collected import MetadataCollector

_INSTEAD = {"vectors": " To search by them: antiphon import-embeddings NAME FILE"}


class FieldRows:
    """Takes the columns of tables in, and knows the number of the track that each row belongs to.

    Tracks are counted from 0 as they come. An entry knows its first row, so a number a row is all that is kept.
    """

    def __init__(self) -> None:
        self.fields = MetadataCollector()
        self._numbers: dict[int, NDArray[np.int32]] = {}

    def start(self, table: Table) -> None:
        """Rows of this table come next."""
        self._numbers[id(table)] = np.full(len(table.lines), -1, np.int32)

    def note(self, table: Table, row: int, entry: Entry, entries: int) -> None:
        """A row belongs to a track.

        Parameters
        ----------
        entries : how many tracks there are by now.
        """
        is_first = entry.table is table and entry.row == row
        self._numbers[id(table)][row] = entries - 1 if is_first else self._numbers[id(entry.table)][entry.row]

    def add(self, table: Table, columns: ColumnRoles, *, parts: bool) -> None:
        """Keep the columns of a table whose rows are noted.

        Parameters
        ----------
        parts : whether rows are parts of files, which their times say.
        """
        owners = self._numbers[id(table)]
        for name in without_role(columns, parts=parts):
            if bulk := bulk_of(table.columns[name]):
                table.notes.append(f"{table.file}: column '{name}' holds {bulk}, not kept.{_INSTEAD.get(bulk, '')}")
                continue
            values, lost = values_of(table.columns[name])
            self.fields.add(name, owners.astype(np.int64), values, table=table.file)
            if lost:
                cells = "cell holds" if lost == 1 else "cells hold"
                table.notes.append(f"{table.file}: column '{name}': {lost} {cells} bytes that are no text, not kept.")
