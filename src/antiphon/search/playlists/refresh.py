"""Kept questions, asked again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from antiphon.errors import AntiphonError
from antiphon.library.commands import require_folder_of
from antiphon.search.playlists.answer import Playlist
from antiphon.search.playlists.kept import KeptQuestion, kept_names, read_kept
from antiphon.search.playlists.making import PlaylistMaker
from antiphon.search.playlists.sources.opening import open_source


@dataclass(frozen=True, kw_only=True)
class Refreshed:
    """What came of one kept question.

    Parameters
    ----------
    file : that was written; None where it could not be answered.
    playlist : what stands in it; None likewise.
    remarks : what of it no file can name.
    error : why it could not be answered.
    """

    name: str
    file: Path | None = None
    playlist: Playlist | None = None
    remarks: tuple[str, ...] = ()
    error: AntiphonError | OSError | None = None


Makers = Callable[[str | None, str | None], PlaylistMaker]
"""Makes playlists with a checkpoint by its name, or with the library's best; from a Milvus collection by its address,
or from the library's own index."""


def refresh(root: Path, names: Sequence[str] = (), makers: Makers | None = None) -> Iterator[Refreshed]:
    """Answer kept questions again and write their playlists; one that cannot be answered keeps no other from it.

    Parameters
    ----------
    names : which; none for all.
    makers : that are open already.

    Raises
    ------
    LibraryError, ConfigError : one of ``names`` is not kept.
    """
    makers = makers or of_library(root)
    for name in names:
        read_kept(root, name)
    for name in names or kept_names(root):
        try:
            kept = read_kept(root, name)
            yield write(root, kept, makers(kept.question.checkpoint, kept.question.index).make(kept.question))
        except (AntiphonError, OSError) as error:
            yield Refreshed(name=name, error=error)


def write(root: Path, kept: KeptQuestion, playlist: Playlist) -> Refreshed:
    """Write the playlist that answers a question where and how it is kept.

    Raises
    ------
    ConfigError : the folder that it is kept in is not there, as on a disk that is away.
    """
    file = kept.form.path(root)
    require_folder_of(file)
    left_out = playlist.write(file, relative=kept.form.relative, path_map=kept.form.path_map)
    return Refreshed(name=kept.name, file=file, playlist=playlist, remarks=tuple(left_out))


def of_library(root: Path) -> Makers:
    """Opens what a library's playlists are made with, once each."""
    open_already: dict[tuple[str | None, str | None], PlaylistMaker] = {}

    def maker(checkpoint: str | None, index: str | None) -> PlaylistMaker:
        if (checkpoint, index) not in open_already:
            source = open_source(root, _file(root, checkpoint), index)
            open_already[checkpoint, index] = PlaylistMaker(root, source)
        return open_already[checkpoint, index]

    return maker


def _file(root: Path, checkpoint: str | None) -> Path | None:
    if checkpoint is None:
        return None
    from antiphon.align.checkpoint.paths import find_checkpoint

    return find_checkpoint(root, Path(checkpoint), search=True)
