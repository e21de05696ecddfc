"""What a caller handed over, checked: one sentence about a wrong type, in place of an error deep inside."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeAlias

from antiphon.errors import ArgumentError

PathLike: TypeAlias = str | os.PathLike[str]


def value_and_type(value: object) -> str:
    """A value and its type, cut short."""
    text = repr(value)
    return f"{text if len(text) <= 60 else f'{text[:57]}...'} ({type(value).__name__})"


def as_path(value: object, what: str) -> Path:
    """A path from text or a path; ``~`` is the home folder.

    Raises
    ------
    ArgumentError : it is neither, or empty.
    """
    if not isinstance(value, str | os.PathLike) or not isinstance(os.fspath(value), str):
        raise ArgumentError(f"{what} has to be a path, as text or pathlib.Path, not {value_and_type(value)}.")
    if not os.fspath(value):
        raise ArgumentError(f"{what} is empty.", fix="The current folder is '.'.")
    return Path(value).expanduser()


def as_paths(value: object, what: str) -> list[Path]:
    """Paths from one of them, or from several.

    Raises
    ------
    ArgumentError : something in it is no path, or empty.
    """
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [as_path(path, what) for path in value]
    return [as_path(value, what)]


def as_text(value: object, what: str) -> str:
    """Text that is not blank.

    Raises
    ------
    ArgumentError : it is no text, or blank.
    """
    if not isinstance(value, str):
        raise ArgumentError(f"{what} has to be text, not {value_and_type(value)}.")
    if not value.strip():
        raise ArgumentError(f"{what} is empty.")
    return str(value)


def as_names(value: object, what: str) -> list[str]:
    """Names from one of them, or from several.

    Raises
    ------
    ArgumentError : something in it is no text.
    """
    if isinstance(value, str):
        return [as_text(value, what)]
    if not isinstance(value, Iterable) or isinstance(value, bytes):
        raise ArgumentError(f"{what} has to be a name or a list of names, not {value_and_type(value)}.")
    return [as_text(name, what) for name in value]


def as_count(value: object, what: str) -> int:
    """A whole number of at least 1; numpy's are welcome.

    Raises
    ------
    ArgumentError : it is none.
    """
    return _whole(value, what, least=1)


def as_seed(value: object) -> int:
    """A seed: a whole number of at least 0.

    Raises
    ------
    ArgumentError : it is none.
    """
    return _whole(value, "seed", least=0)


def _whole(value: object, what: str, *, least: int) -> int:
    number: Any = value
    try:
        whole = int(number.__index__())
    except (AttributeError, TypeError):
        whole = least - 1
    if isinstance(value, bool) or whole < least:
        raise ArgumentError(f"{what} has to be a whole number of at least {least}, not {value_and_type(value)}.")
    return whole


def as_counts(value: object, what: str) -> list[int]:
    """Whole numbers of at least 1, from one of them or from several.

    Raises
    ------
    ArgumentError : something in it is none, or it is empty.
    """
    several = isinstance(value, Iterable) and not isinstance(value, str | bytes)
    found = [as_count(each, what) for each in (value if several else [value])]  # type: ignore[attr-defined]
    if not found:
        raise ArgumentError(f"{what} has to be a whole number or a list of them, not {value_and_type(value)}.")
    return found


def as_numbers(value: object, what: str) -> list[float]:
    """Real numbers from a list, tuple or array of them.

    Raises
    ------
    ArgumentError : something in it is no number.
    """
    try:
        items = [] if isinstance(value, str) else list(value)  # type: ignore[call-overload]
        numbers = [float(item) for item in items if not isinstance(item, str)]
    except (TypeError, ValueError):
        items, numbers = [], []
    if not items or len(numbers) < len(items):
        raise ArgumentError(f"{what} has to be a list of numbers, not {value_and_type(value)}.")
    return numbers
