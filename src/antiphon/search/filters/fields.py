"""The fields of a library that a filter may ask for, by the names that people write.

Those of ``tracks.parquet`` (an empty text there is a missing value) and those of ``metadata.parquet``. A name is found
whatever its case, and with _ or - for a space.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from antiphon.arrow import arrow_rows, arrow_text, flags_in, integers_in
from antiphon.errors import LibraryError
from antiphon.library.metadata.names import plain_name
from antiphon.library.metadata.several import values_in
from antiphon.library.metadata.types import FieldType
from antiphon.library.tracks import Library
from antiphon.search.filters.complaint import complaint, nearest
from antiphon.search.filters.readings import normalised
from antiphon.search.filters.tokens import Token

OF_TRACKS = ("title", "artist", "album", "track_id", "path", "group", "split")
Mask = NDArray[np.bool_]
SAMPLED = 5000
"""Different values among which the one most like a misspelt one is looked for: the most frequent ones."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """The values of one field.

    Parameters
    ----------
    kind : what they are.
    n : tracks.
    values : (m,) those that are there: int64 or float64 for numbers, else texts.
    owners : (m,) the track of each, 0 … n−1; a track may have several.
    """

    name: str
    kind: FieldType
    n: int
    values: pa.Array
    owners: NDArray[np.int64]

    @cached_property
    def different(self) -> pa.Array:
        """The values without repetition."""
        return self._encoded.dictionary

    @cached_property
    def texts(self) -> pa.Array:
        """``different``, as texts are compared."""
        return normalised(self.different)

    @cached_property
    def _encoded(self) -> pa.DictionaryArray:
        return self.values.dictionary_encode()

    @cached_property
    def _codes(self) -> NDArray[np.int64]:
        return integers_in(self._encoded.indices)

    @property
    def known(self) -> Mask:
        """(n,) which tracks have a value."""
        found = np.zeros(self.n, bool)
        found[self.owners] = True
        return found

    def tracks_where(self, holds: pa.Array) -> Mask:
        """(n,) which tracks have a value of which something holds.

        Parameters
        ----------
        holds : of each of ``different`` (texts, dates) or of ``values`` (numbers); null for no.
        """
        true = flags_in(holds)
        found = np.zeros(self.n, bool)
        found[self.owners[true if self.kind == "number" else true[self._codes]]] = True
        return found

    def most_like(self, text: str) -> str | None:
        """The value most like one that is none."""
        counts = np.bincount(self._codes, minlength=len(self.different))
        common = np.argsort(-counts, kind="stable")[:SAMPLED]
        return nearest(text, self.different.take(arrow_rows(common)).to_pylist())


class Fields:
    """The fields of one library, each read when it is first asked for, and kept."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._read: dict[str, Field] = {}

    @property
    def n(self) -> int:
        """Tracks."""
        return int(self._library.track_table.num_rows)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Of all fields; where metadata have a field of the name of a track's own, that is the track's own."""
        return (*OF_TRACKS, *(name for name in self._library.metadata.names if name not in OF_TRACKS))

    def find(self, token: Token, expression: str) -> Field:
        """The field that a name in an expression means.

        Raises
        ------
        ConfigError : there is none, or two are called so.
        LibraryError : the metadata are damaged, or not of these tracks.
        """
        return self._field(self._meant(token, expression))

    def _field(self, name: str) -> Field:
        if name not in self._read:
            self._read[name] = self._opened(name)
        return self._read[name]

    def _meant(self, token: Token, expression: str) -> str:
        if token.text in self.names:
            return token.text
        found = [name for name in self.names if plain_name(name) == plain_name(token.text)]
        if len(found) == 1:
            return found[0]
        where = (expression, token.start, token.end)
        if found:
            raise complaint(*where, f"'{token.text}' may mean {_listed(found)}.", fix="Write it exactly, in quotes.")
        like = nearest(token.text, self.names)
        guess = f"Did you mean {_shown(like)}? " if like else ""
        raise complaint(
            *where, f"'{token.text}' is no field of this library.", fix=f"{guess}It has: {_listed(self._filled())}."
        )

    def _filled(self) -> list[str]:
        """Names of the fields that any track has a value of."""
        return [name for name in self.names if len(self._field(name).values)]

    def _opened(self, name: str) -> Field:
        if name in OF_TRACKS:
            column = self._library.track_table.column(name)
            nothing = pa.nulls(1, column.type)[0]
            return _field(name, "text", pc.if_else(pc.equal(column, arrow_text("")), nothing, column))
        metadata = self._library.metadata
        if not metadata.arrow("track_id").equals(self._library.track_table.column("track_id")):
            raise LibraryError(
                f"{self._library.root / 'metadata.parquet'} is not of the tracks in tracks.parquet.",
                fix="Run antiphon ingest again: it mends it; splits and vectors are kept.",
            )
        return _with_several(_field(name, metadata.type_of(name), metadata.arrow(name)))


def _field(name: str, kind: FieldType, column: pa.ChunkedArray) -> Field:
    n = len(column)
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    owners = np.flatnonzero(flags_in(pc.is_valid(whole)))
    values = whole.drop_null()
    if kind == "list":
        owners = owners[integers_in(pc.list_parent_indices(values))]
        values = pc.list_flatten(values)
        there = flags_in(pc.is_valid(values))
        owners, values = owners[there], values.drop_null()
    if kind != "number":
        values = pc.cast(values, pa.string())
    return Field(name=name, kind=kind, n=n, values=values, owners=owners)


def _with_several(field: Field) -> Field:
    """A field of metadata with each of the values that stand in one text, beside that text as it stands."""
    if field.kind not in ("text", "list"):
        return field
    values, places = values_in(field.values)
    both = pa.concat_arrays([field.values, values])
    return replace(field, values=both, owners=np.concatenate([field.owners, field.owners[places]]))


def _shown(name: str) -> str:
    return f'"{name}"' if any(mark in name for mark in ' ()=<>!,"') else name


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(_shown, names[:30])) + (" …" if len(names) > 30 else "")
