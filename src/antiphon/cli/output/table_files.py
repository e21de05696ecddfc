"""How commands with tables give them: on the screen, in a form that was asked for, or to a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from antiphon.cli.output.console import note, say_json
from antiphon.cli.output.text import visible
from antiphon.errors import ConfigError
from antiphon.evaluate.tables.written import Format, Tabular, form_of, write_result, written

FormatOption = Annotated[Format | None, Parameter(name="--format")]


def form_asked(form: Format | None, out: Path | None, *, json: bool) -> Format | None:
    """The form that was asked for, before anything is computed; None for a table on the screen.

    Raises
    ------
    ConfigError : two forms were asked for, or the file's name says none.
    """
    if json and form not in (None, "json"):
        raise ConfigError(f"--json and --format {form} are two forms.", fix="Give one of them.")
    return form_of(out, "json" if json else form)


def give(result: Tabular, form: Format | None, out: Path | None, show: Callable[[], None]) -> None:
    """Give a result in the form that :func:`form_asked` found.

    Parameters
    ----------
    out : file; None for stdout.
    show : prints it for people.
    """
    if out is not None and form is not None:
        write_result(out, written(result, form))
        note(f"Written: {out}")
    elif form == "json":
        say_json(result.to_dict())
    elif form is None:
        show()
    else:
        for line in written(result, form).splitlines():
            print(visible(line))
