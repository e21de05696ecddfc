"""The languages that a sentence model of the hub was trained to read, as the card beside its weights names them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

_CODE = re.compile(r"([a-z]{2})([-_].*)?")
_MANY = {"multilingual", "code"}
"""What cards put beside codes: it names no language."""


def languages_named(folder: Path) -> tuple[str, ...]:
    """ISO 639-1 codes of the languages in the header (``language``) of ``README.md``, sorted; a region is left out.

    None where the card is not there or cannot be read, names no language, or names one by anything but such a code
    (``eng``, ``English``): which others it would then lack is not known, and nothing is said of a query's language.

    Parameters
    ----------
    folder : the model's files.
    """
    from huggingface_hub.repocard import metadata_load
    from yaml import YAMLError

    try:
        header = metadata_load(folder / "README.md") or {}
    except (OSError, ValueError, YAMLError):
        return ()
    named = [_text(each) for each in _listed(header.get("language")) if _text(each) not in _MANY]
    codes = [match.group(1) for each in named if (match := _CODE.fullmatch(each))]
    return tuple(sorted(set(codes))) if len(codes) == len(named) else ()


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    """A code in lower case: YAML reads Norwegian's ``no`` as false."""
    return "no" if value is False else str(value).strip().lower()
