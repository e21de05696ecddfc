"""Vectors of several encoders side by side, as if one encoder had made them.

Names are joined by ``+``: ``muq+mert`` is MuQ's numbers followed by MERT's, for the tracks that have both, and
``minilm+mpnet`` the same of captions. Nothing is copied on disk; rows are put together as they are read. A ``,`` in
place of ``+`` names the same vectors: it tells apart what was trained on them (one space from all sources, or one a
source, see :mod:`antiphon.align.ensemble.late_fusion`); there are no such names of text encoders.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from antiphon.errors import LibraryError
from antiphon.library.vectors.provenance import Provenance
from antiphon.library.vectors.rows import UNSIGNED
from antiphon.library.vectors.store import Vectors

Float16 = NDArray[np.float16]


def source_names(name: str) -> list[str]:
    """``"muq+mert"`` → ``["muq", "mert"]``; one name for one encoder.

    Two members of a fusion may have an encoder in common: ``"muq,muq+mert"`` → ``["muq", "muq", "mert"]``.

    Raises
    ------
    LibraryError : a source is empty, or joined to itself by +.
    """
    sources = re.split(r"[+,]", name)
    members = [member.split("+") for member in name.split(",")]
    if not all(sources) or any(len(set(member)) < len(member) for member in members):
        raise LibraryError(
            f"'{name}' does not name encoders that can be joined: each once, none empty.",
            fix="Join names by +, such as muq+mert. See: antiphon encoders",
        )
    return sources


class SideBySide:
    """Rows of several matrices, joined when they are read.

    It answers what readers of stored vectors ask of a memory map: ``shape``, ``dtype``, ``len`` and rows by number.

    Parameters
    ----------
    matrices : each (·, d_i) float16.
    rows : (n, sources) int64: the row of each matrix that a joined row is made of.
    """

    dtype = np.dtype(np.float16)
    ndim = 2

    def __init__(self, matrices: Sequence[Float16], rows: NDArray[np.int64]) -> None:
        self._matrices = tuple(matrices)
        self._rows = rows
        self.shape = (len(rows), sum(int(matrix.shape[1]) for matrix in matrices))

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> Float16:
        """The rows that an integer, slice, list or array of integers names, copied; (d,) for an integer."""
        wanted = self._rows[index]
        values = [matrix[wanted[..., i]] for i, matrix in enumerate(self._matrices)]
        joined: Float16 = np.concatenate(values, axis=-1)
        return joined

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Everything in memory, for numpy."""
        if copy is False:
            raise ValueError("joined vectors cannot be had without a copy")
        return self[:].astype(dtype or self.dtype, copy=False)


def stored_names(folder: Path, name: str) -> list[str]:
    """The encoders whose folders in ``folder`` hold the vectors of a name: itself, or the sources that it joins.

    Raises
    ------
    LibraryError : as :func:`source_names`.
    """
    return [name] if (folder / name).is_dir() else source_names(name)


def join_vectors(sources: Sequence[Vectors], names: Sequence[str]) -> Vectors:
    """One set of vectors from those of several encoders, for the items that all of them have.

    ``failed`` of the answer names every other item that at least one of them knows, and what it lacks. The signature of
    a caption is the one that its sources share; where they were made of different texts it is no text's.
    """
    ids = [item for item in sources[0].ids.tolist() if all(item in source.row_of for source in sources)]
    rows = np.array([[source.row_of[item] for source in sources] for item in ids], dtype=np.int64).reshape(
        -1, len(sources)
    )
    known = dict.fromkeys(item for source in sources for item in (*source.ids.tolist(), *source.failed))
    together = set(ids)
    matrix = SideBySide([source.matrix for source in sources], rows)
    return Vectors(
        ids=np.array(ids, dtype=object),
        matrix=cast(Float16, matrix),
        rows=np.arange(len(ids), dtype=np.int64),
        provenance=Provenance.joined([source.provenance for source in sources]),
        failed={item: _lacks(item, sources, names) for item in known if item not in together},
        signatures=_signatures(sources, rows),
        sources=tuple(sources),
    )


def _signatures(sources: Sequence[Vectors], rows: NDArray[np.int64]) -> NDArray[np.object_] | None:
    """(n,) what each caption was made of, for :func:`antiphon.library.vectors.texts.is_of_text`; none of tracks."""
    if sources[0].provenance.kind != "text":
        return None
    signed = [_by_row(source) for source in sources]
    found = [_shared({of.get(row, "") for of, row in zip(signed, item, strict=True)}) for item in rows.tolist()]
    return np.array(found, dtype=object)


def _by_row(source: Vectors) -> dict[int, str]:
    return {} if source.signatures is None else dict(zip(source.rows.tolist(), source.signatures, strict=True))


def _shared(signatures: set[str]) -> str:
    """One signature for several; those that say nothing count only where no other does."""
    telling = sorted(signatures - {"", UNSIGNED})
    return " and ".join(telling) or UNSIGNED


def _lacks(item: str, sources: Sequence[Vectors], names: Sequence[str]) -> str:
    """What an item lacks, each reason once: a file that is damaged is so for every encoder."""
    by_reason: dict[str, list[str]] = {}
    for source, name in zip(sources, names, strict=True):
        if item in source.failed:
            by_reason.setdefault(source.failed[item], []).append(name)
        elif item not in source.row_of:
            by_reason.setdefault("no vector yet", []).append(name)
    return "; ".join(f"{', '.join(dict.fromkeys(lacking))}: {why}" for why, lacking in by_reason.items())
