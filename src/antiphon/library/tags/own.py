"""Tags that Antiphon itself wrote into files: they are no news to it, and nothing that a person said."""

from __future__ import annotations

from collections.abc import Mapping

PREFIX = "antiphon_"
WROTE = "antiphon_wrote"
"""The field that names the others, beside those of the prefix, that hold Antiphon's words."""


def without_own(tags: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Tags as people and other programs wrote them.

    Otherwise words that were heard would come back as metadata, and become captions that nobody wrote.
    """
    wrote = {name for value in tags.get(WROTE, ()) for name in value.replace(";", ",").replace(" ", "").split(",")}
    return {name: values for name, values in tags.items() if not name.startswith(PREFIX) and name not in wrote}
