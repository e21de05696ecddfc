"""The library as Python sees it, and the two ways to get one."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from antiphon.api.answering.playlists import PlaylistVerbs
from antiphon.api.arguments import PathLike, as_path, as_seed
from antiphon.api.embedding import EmbeddingVerbs
from antiphon.api.learning import LearningVerbs
from antiphon.api.showing import ShowingVerbs
from antiphon.errors import AntiphonWarning

if TYPE_CHECKING:
    from antiphon.library.manifest.columns.options import ManifestOptions


class Library(EmbeddingVerbs, LearningVerbs, ShowingVerbs, PlaylistVerbs):
    """A library's folder, with methods called like the commands; ``antiphon.open`` and ``antiphon.ingest`` give one.

    Nothing is copied: what a method changes is in the folder, and what another process changes is seen at once.

    Parameters
    ----------
    root : the folder.

    Raises
    ------
    LibraryError : it holds no library, or one of another format version.

    Examples
    --------
    >>> library = antiphon.open("mylib")
    >>> len(library)
    96
    >>> library.encoders, library.text_encoders
    (('harmony', 'rhythm', 'timbre'), ('minilm',))
    """


def open(root: PathLike = ".") -> Library:
    """Open a library.

    Parameters
    ----------
    root : its folder.

    Raises
    ------
    LibraryError : there is none; the message says how to make one.

    Examples
    --------
    >>> antiphon.open("mylib").tracks.column_names
    ['track_id', 'path', 'title', 'artist', 'album', 'group', 'split']
    """
    return Library(root)


def ingest(
    manifest: PathLike,
    library: PathLike = ".",
    *,
    seed: int | None = None,
    strict: bool = False,
    keep_splits: bool = False,
    paraphrase_joins: bool = True,
    tags: bool = True,
    reading: ManifestOptions | None = None,
) -> Library:
    """Make a library from your table of music and captions, or bring one up to date; vectors and splits are kept.

    Parameters
    ----------
    manifest : CSV, TSV, JSONL, JSON, Parquet, a folder of music, a data set saved by Hugging Face ``datasets``, a
        player's database, a playlist, or the address of a Subsonic server (then ``reading`` has the ``account``).
    library : the library's folder, made if absent.
    seed : chooses which groups fall into train, val and test; None: as before, or 0.
    strict : stop at rows with problems, in place of warning and leaving them out.
    keep_splits : leave every track in the split that the manifest names; leaks across them are reported.
    paraphrase_joins : keep tracks together whose captions are alike.
    tags : read the tags of sound files, for what the manifest leaves open; see ``library.metadata``.
    reading : columns, rows and folders that are meant, in place of those known by their names.

    Raises
    ------
    ManifestError : the manifest cannot be read, or (``strict``) has problems; nothing is written then.

    Warns
    -----
    AntiphonWarning : rows could not be used as they stood, or a split is small; all of it is in ``library.audit``.

    Examples
    --------
    >>> library = antiphon.ingest("music/manifest.csv", "mylib")
    >>> library.audit["splits"]["test"]["tracks"]
    15
    """
    from antiphon.library.ingest import IngestOptions
    from antiphon.library.ingest import ingest as ingest_manifest
    from antiphon.library.manifest.columns.options import DEFAULTS
    from antiphon.library.subsonic.account import is_server

    root = as_path(library, "The library's folder")
    options = IngestOptions(
        seed=None if seed is None else as_seed(seed),
        strict=strict,
        keep_splits=keep_splits,
        paraphrase_joins=paraphrase_joins,
        tags=tags,
        manifest=reading or DEFAULTS,
    )
    audit = ingest_manifest(
        manifest if is_server(manifest) else as_path(manifest, "The manifest"), root, options=options
    )
    cautions = audit.cautions()
    if cautions:
        warnings.warn("\n".join(cautions), AntiphonWarning, stacklevel=2)
    return Library(root)
