"""The reference page of every public name, and the list that the tests of their examples go through."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import antiphon

WIDTH = 100
FUNCTIONS = ("open", "ingest", "load")
OBJECTS = ("Library", "Model")
RESULTS = (
    "Embedded", "TrainResult", "FuseResult", "Evaluation", "Direction", "Comparison", "Diagnosis", "Hits", "Hit",
    "Playlist",
)  # fmt: skip
SETTINGS = ("TrainConfig",)
ERRORS = ("AntiphonError", "AntiphonWarning")
SECTION = re.compile(r"^(\w+)\n-{3,}\n", re.MULTILINE)
ROLE = re.compile(r":\w+:`~?([^`]+)`")


def page() -> str:
    """``docs/reference/python.md``."""
    parts = [
        "# Python\n",
        "What `import antiphon` gives. A guide with outputs: [Antiphon from Python](../guides/python.md).\n",
        "`PathLike` is text or a `pathlib.Path`. `CheckpointLike` is the name of a training, a checkpoint's file, a "
        "`Model`, or what a training or a fusion returned.\n",
        "## Functions\n",
        *(_function(f"antiphon.{name}", getattr(antiphon, name)) for name in FUNCTIONS),
        *(part for name in OBJECTS for part in _object(name)),
        "## Results\n",
        "`print(result)` shows what the command line shows; `to_dict()` gives plain values.\n",
        *(part for name in RESULTS for part in _result(name)),
        "## Settings and errors\n",
        "Every setting stands in [config.md](config.md): `antiphon.TrainConfig(epochs=10)`.\n",
        *(f"`antiphon.{name}` – {_first(getattr(antiphon, name))}\n" for name in (*SETTINGS, *ERRORS)),
    ]
    return "\n".join(parts)


def functions_and_methods() -> dict[str, Any]:
    """Name → object of every public function, and of every public method of a library and a model."""
    found = {f"antiphon.{name}": getattr(antiphon, name) for name in FUNCTIONS}
    for name in OBJECTS:
        members = _members(getattr(antiphon, name))
        found |= {f"{name}.{member}": value for member, value in members if inspect.isfunction(value)}
    return found


def classes() -> dict[str, type]:
    """Name → every public class."""
    return {name: getattr(antiphon, name) for name in (*OBJECTS, *RESULTS, *SETTINGS, *ERRORS)}


def _members(cls: type) -> Iterator[tuple[str, Any]]:
    """Public methods and properties that Antiphon defines, in reading order."""
    seen: dict[str, Any] = {}
    for owner in sorted(cls.__mro__, key=lambda owner: len(owner.__mro__)):
        if owner.__module__.startswith("antiphon."):
            seen |= {name: value for name, value in vars(owner).items() if not name.startswith("_")}
    for name, value in seen.items():
        if callable(value) or isinstance(value, property | classmethod):
            yield name, value
        elif hasattr(value, "func"):  # a cached property
            yield name, property(value.func)


def _object(name: str) -> Iterator[str]:
    cls = getattr(antiphon, name)
    yield f"## {name}\n"
    yield _docstring(cls)
    members = [(member, value) for member, value in _members(cls) if not isinstance(value, classmethod)]
    shown = [f"| `{member}` | {_first(value)} |" for member, value in members if isinstance(value, property)]
    yield "\n".join(["| attribute | what it is |", "| --- | --- |", *shown, ""])
    for member, value in members:
        if not isinstance(value, property):
            yield _function(f"{name.lower()}.{member}", value)


def _result(name: str) -> Iterator[str]:
    cls = getattr(antiphon, name)
    yield f"### {name}\n"
    yield _docstring(cls).replace("**Parameters**", "**Fields**", 1)
    rows = [
        f"| `{member}{'' if isinstance(value, property) else '()'}` | {_first(value)} |"
        for member, value in _members(cls)
        if not isinstance(value, classmethod) and member != "lines"
    ]
    if rows:
        yield "\n".join(["| beside them | |", "| --- | --- |", *rows, ""])


def _function(title: str, function: Any) -> str:
    return f"### {title}\n\n```python\n{_signature(title, function)}\n```\n\n{_docstring(function)}"


def _signature(title: str, function: Any) -> str:
    """The call with types, on one line or an argument a line."""
    signature = inspect.signature(function)
    arguments: list[str] = []
    for parameter in signature.parameters.values():
        if parameter.name == "self":
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in arguments:
            arguments.append("*")
        arguments.append(_argument(parameter))
    returns = f" -> {signature.return_annotation}"
    line = f"{title}({', '.join(arguments)}){returns}"
    return (
        line if len(line) <= WIDTH else "\n".join([f"{title}(", *(f"    {each}," for each in arguments), f"){returns}"])
    )


def _argument(parameter: inspect.Parameter) -> str:
    stars = {parameter.VAR_KEYWORD: "**", parameter.VAR_POSITIONAL: "*"}.get(parameter.kind, "")
    default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}"
    return f"{stars}{parameter.name}: {parameter.annotation}{default}"


def _docstring(thing: Any) -> str:
    """A docstring in numpy's form as Markdown."""
    text = inspect.getdoc(thing) or ""
    head, *sections = SECTION.split(text)
    parts = [_inline(head.strip()), ""]
    for title, body in zip(sections[::2], sections[1::2], strict=True):
        parts += _examples(body) if title == "Examples" else [f"**{title}**\n", *_entries(body), ""]
    return "\n".join(parts)


def _examples(body: str) -> list[str]:
    return ["```pycon", body.strip(), "```", ""]


def _entries(body: str) -> list[str]:
    """``name : what it is`` lines as a list; text without such a name as it stands."""
    items: list[str] = []
    for line in body.strip().splitlines():
        name, colon, rest = line.partition(" : ")
        if line.startswith(" ") and items:
            items[-1] += f" {line.strip()}"
        elif colon:
            items.append(f"- `{name}` – {rest}")
        else:
            items.append(line)
    return [_inline(item) for item in items]


def _first(thing: Any) -> str:
    return _inline(" ".join((inspect.getdoc(thing) or "").partition("\n\n")[0].split()))


def _inline(text: str) -> str:
    """Roles and double backticks as Markdown's code."""
    return ROLE.sub(lambda found: f"`{found[1]}`", text).replace("``", "`")
