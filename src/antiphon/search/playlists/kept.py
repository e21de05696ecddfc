"""Questions that are kept: asked again after new tracks came, they write their playlists anew.

``playlists/NAME.question.json`` in the library: the question, and where and how its playlist is written. Beside it lies
the playlist itself, unless it was to be written elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from antiphon.errors import ConfigError, LibraryError
from antiphon.library.files import read_json, write_json
from antiphon.library.manifest.paths.walk import PLAYLISTS
from antiphon.library.tracks import Library
from antiphon.search.playlists.question import Question

FORMAT = 2
ENDING = ".question.json"
NOT_IN_NAMES = '/\\\0\n\r:*?"<>|'


@dataclass(frozen=True, kw_only=True)
class Form:
    """Where a playlist is written, and how it names files.

    Parameters
    ----------
    out : the file, ``.m3u8``, ``.m3u`` or ``.json``; a relative one is below the library.
    relative : name files relative to the playlist.
    path_map : a folder as the player sees it → where it is on this machine.
    push : a Subsonic server that gets the playlist, too, as it is typed (without a password); "" for none.

    Raises
    ------
    ConfigError : both are asked for.
    """

    out: str
    relative: bool = False
    path_map: dict[str, str] = field(default_factory=dict)
    push: str = ""

    def __post_init__(self) -> None:
        if self.relative and self.path_map:
            raise ConfigError("Paths are relative or mapped, not both.", fix="Leave --relative or --path-map out.")

    def path(self, root: Path) -> Path:
        """The file."""
        return root / self.out


@dataclass(frozen=True, kw_only=True)
class KeptQuestion:
    """One question under its name."""

    name: str
    question: Question
    form: Form

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of its file."""
        return {"format": FORMAT, "name": self.name, "question": self.question.to_dict(), "form": vars(self.form)}


def keep(root: Path, kept: KeptQuestion) -> Path:
    """Write a question down, in place of an older one of its name; its file.

    Raises
    ------
    ConfigError : it names a list of tracks that cannot be read again later, or no file can be called so.
    """
    Library(root)
    for listed in kept.question.exclude:
        if not Path(listed).is_file():  # a pipe, such as a shell gives for <(…)
            raise ConfigError(
                f"{listed} is no file that stays: '{kept.name}' could not be asked again.",
                fix="Write what is to be left out into a file, and name that: --exclude FILE.",
            )
    path = _file(root, kept.name)
    write_json(path, kept.to_dict())
    return path


def kept_names(root: Path) -> list[str]:
    """Names of all that are kept, in order."""
    Library(root)
    return sorted(path.name.removesuffix(ENDING) for path in (root / PLAYLISTS).glob(f"*{ENDING}"))


def read_kept(root: Path, name: str) -> KeptQuestion:
    """The question of a name.

    Raises
    ------
    LibraryError : there is none.
    ConfigError : its file is damaged, or of another format.
    """
    path = _file(root, name)
    if not path.is_file():
        names = kept_names(root)
        raise LibraryError(
            f"No playlist is kept as '{name}'.",
            fix=f"Kept are: {', '.join(names)}" if names else 'Keep one: antiphon playlist "calm piano" --save NAME',
        )
    try:
        return _of(read_json(path))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, ConfigError) as error:
        why = error.problem if isinstance(error, ConfigError) else error
        raise ConfigError(
            f"{path} is no question that was kept: {why}", fix=f"Save it again, or delete {path}"
        ) from error


def remove_kept(root: Path, name: str) -> KeptQuestion:
    """Forget a question; its playlist stays where it is. Errors as :func:`read_kept`."""
    kept = read_kept(root, name)
    _file(root, name).unlink()
    return kept


def _of(data: Mapping[str, Any]) -> KeptQuestion:
    if data["format"] not in (1, FORMAT):
        raise ValueError(f"it has format {data['format']}, this Antiphon reads {FORMAT}")
    form = data["form"]
    out, server = form["out"], form.get("push", "")
    maps = _turned(form["maps"]) if data["format"] == 1 else form["path_map"]
    texts = [out, server, *maps.values()] if isinstance(maps, dict) else [None]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("its form is damaged")
    return KeptQuestion(
        name=str(data["name"]),
        question=Question.from_dict(data["question"]),
        form=Form(out=out, relative=bool(form["relative"]), path_map=maps, push=server),
    )


def _turned(maps: Mapping[str, str]) -> dict[str, str]:
    """Folders of format 1, here → as the player sees it, the other way round.

    Raises
    ------
    ValueError : the player sees two of them as one.
    """
    found = {there: here for here, there in maps.items()}
    if len(found) < len(maps):
        raise ValueError("two folders of this machine are one folder of the player, which no --path-map says")
    return found


def named_file(root: Path, name: str, ending: str) -> Path:
    """The file of a name in a library's folder of playlists.

    Raises
    ------
    ConfigError : no file can be called so.
    """
    if (
        not name.strip()
        or name.startswith(".")
        or len(name.encode("utf-8", "replace")) > 200
        or set(name) & set(NOT_IN_NAMES)
    ):
        raise ConfigError(
            f"'{name}' cannot be a file's name.", fix="Take letters, digits and spaces, such as: rainy evening"
        )
    return root / PLAYLISTS / f"{name}{ending}"


def _file(root: Path, name: str) -> Path:
    return named_file(root, name, ENDING)
