"""Which column of a user's table means what: by its name, or because the user says so.

Columns that look useful and are not used are named, with the option that uses them.
"""

from antiphon.library.manifest.columns.match import (
    ALIASES,
    NO_CHOICE,
    Choice,
    ColumnRoles,
    is_known,
    match_columns,
    plain_name,
)

__all__ = ["ALIASES", "NO_CHOICE", "Choice", "ColumnRoles", "is_known", "match_columns", "plain_name"]
