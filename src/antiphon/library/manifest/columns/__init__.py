"""Which column of a user's table means what: by its name, or because the user says so."""

from antiphon.library.manifest.columns.match import (
    ALIASES,
    NO_CHOICE,
    Choice,
    Columns,
    is_known,
    match_columns,
    plain_name,
)

__all__ = ["ALIASES", "NO_CHOICE", "Choice", "Columns", "is_known", "match_columns", "plain_name"]
