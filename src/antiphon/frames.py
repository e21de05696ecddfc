"""Rows as a pandas frame, where pandas is installed: Antiphon itself does without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from antiphon.errors import AntiphonError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


def frame(columns: Mapping[str, Sequence[Any] | NDArray[Any]], *, index: Sequence[str] = ()) -> pd.DataFrame:
    """A frame of columns of equal length.

    Parameters
    ----------
    columns : name → values, one a row.
    index : names of the columns that become the index, in this order; none for row numbers.

    Raises
    ------
    AntiphonError : pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise AntiphonError("A frame needs pandas.", fix="pip install pandas, or use to_dict().") from error
    made = pd.DataFrame(dict(columns))
    return made.set_index(list(index)) if index else made


def frame_of_rows(rows: Sequence[Mapping[str, Any]], *, index: Sequence[str] = ()) -> pd.DataFrame:
    """A frame of rows that have the same keys; the parameters and errors of :func:`frame`."""
    names = rows[0] if rows else {}
    return frame({name: [row[name] for row in rows] for name in names}, index=index)
