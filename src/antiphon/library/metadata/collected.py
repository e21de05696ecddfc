"""Fields while a library is made: values come in by table and by column, and become one typed column a field.

Values are kept in Arrow's memory as text, with the number of the track that each belongs to: no object a track.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from antiphon.library.metadata import types
from antiphon.library.metadata.merging import Values, as_column, merged
from antiphon.library.metadata.names import plain_name, unique_names

MOST_FIELDS = 1000
"""Fields that get a column of their own, those with the most values first."""
SPARE = "other_fields"
"""The field that holds all further ones, as texts "NAME: VALUE"."""


@dataclass(kw_only=True)
class _Field:
    """The values of one field. ``tables`` are those that have it; ``sources`` go before one another in their order."""

    tables: set[str] = field(default_factory=set)
    sources: dict[int, list[Values]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return sum(len(values.owners) for chunks in self.sources.values() for values in chunks)


class MetadataCollector:
    """Takes the columns of tables, and file tags, in.

    A field goes by the name under which it was seen first; another table's name for it may differ in case, and in a
    space or hyphen for an underscore.
    """

    def __init__(self) -> None:
        self._fields: dict[str, _Field] = {}
        self._by_plain: dict[str, str] = {}
        self._of: dict[tuple[str, str], str] = {}

    def __len__(self) -> int:
        return len(self._fields)

    def add(self, name: str, owners: NDArray[np.int64], values: pa.Array, *, table: str = "", source: int = 0) -> None:
        """Take one column of one table.

        Parameters
        ----------
        name : of the column.
        owners : (n,) number of the track of each row, −1 for rows that are no track's.
        values : (n,) texts or lists of texts, null where there is nothing.
        table : whose column it is: two columns of one table are never one field.
        source : 0 for the manifest, 1 for file tags; where a track has a value from an earlier source it keeps that.
        """
        kept = (owners >= 0) & np.asarray(pc.is_valid(values))
        found = self._field(name, table)
        found.tables.add(table)
        if kept.any():
            values = values.filter(pa.array(kept))
            found.sources.setdefault(source, []).append(Values(owners=owners[kept].astype(np.int64), texts=values))

    def _field(self, name: str, table: str) -> _Field:
        called = self._of.get((table, name))
        if called is None:
            other = self._by_plain.get(plain_name(name), name)
            called = other if name not in self._fields and table not in self._tables_of(other) else name
            self._of[table, name] = called
            self._by_plain.setdefault(plain_name(name), called)
        return self._fields.setdefault(called, _Field())

    def _tables_of(self, name: str) -> set[str]:
        return self._fields[name].tables if name in self._fields else set()

    def counts(self) -> dict[str, int]:
        """How many values each field has, before they are merged."""
        return {name: found.count for name, found in self._fields.items() if found.count}

    def table(self, track_ids: list[str]) -> tuple[pa.Table, list[str]]:
        """The table of all fields that have a value, and what is said about them.

        Parameters
        ----------
        track_ids : (n,) in the order of the numbers that ``add`` was given.
        """
        n = len(track_ids)
        there = self.counts()
        own = {name for name in sorted(there, key=lambda name: -there[name])[:MOST_FIELDS] if name != SPARE}
        own = {*there} if len(there) <= MOST_FIELDS else own
        columns: dict[str, pa.Array] = {name: merged(self._chunks(name), n) for name in there if name in own}
        notes = []
        if rest := [name for name in there if name not in own]:
            columns[SPARE] = self._spare(rest, n)
            notes.append(f"{len(rest)} rare fields are kept together, as texts in the field '{SPARE}'.")
        names = unique_names(list(columns), taken=("track_id",))
        if changed := {old: new for old, new in names.items() if old != new}:
            told = ", ".join(f"{old[:60]!r} is '{new[:60]}'" for old, new in list(changed.items())[:5])
            notes.append(f"Names of fields that no column can have were changed: {told}.")
        return _table(track_ids, {names[name]: values for name, values in columns.items()}, notes), notes

    def _chunks(self, name: str) -> list[list[Values]]:
        sources = self._fields[name].sources
        return [sources[source] for source in sorted(sources)]

    def _spare(self, names: list[str], n: int) -> pa.Array:
        chunks = []
        for name in names:
            if name == SPARE:
                chunks += [values for source in self._chunks(name) for values in source]
                continue
            whole = as_column(merged(self._chunks(name), n))
            said = pc.binary_join_element_wise(pa.scalar(name), whole.texts, ": ")
            chunks.append(Values(owners=whole.owners, texts=said))
        return merged([chunks], n, always_list=True)


def _table(track_ids: list[str], columns: Mapping[str, pa.Array], notes: list[str]) -> pa.Table:
    ids = pa.array(track_ids, pa.string())
    arrays, schema = [ids], [pa.field("track_id", ids.type)]
    for name, texts in columns.items():
        values, kind = types.typed(texts)
        number, first = types.odd_values(texts) if kind == "text" else (0, "")
        if number:
            notes.append(f"Field '{name}' is kept as text: {number} of its values are no numbers ('{first[:40]}').")
        arrays.append(values)
        schema.append(types.field(name, values, kind))
    return pa.table(arrays, schema=pa.schema(schema))
