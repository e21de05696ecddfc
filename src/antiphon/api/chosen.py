"""Which encoders a command takes where none is named."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from antiphon.encoders._shared.native import TEXT_SIDE
from antiphon.encoders._shared.weights import weights_here
from antiphon.library.next_step import SIGNAL_ENCODERS, SMALL_MODELS, TEXT_ENCODER
from antiphon.library.tracks import Library
from antiphon.library.vectors.joined import source_names
from antiphon.library.vectors.provenance import read_provenance
from antiphon.registry import find, names


def chosen_encoders(
    root: Path, encoders: Sequence[str] | None, text: Sequence[str] | None
) -> tuple[list[str], list[str]]:
    """Audio and text encoders to embed with; None for the defaults.

    Without a name those are :func:`default_encoders`, where there is audio and ``text`` is not given alone, and
    :func:`default_texts`. Text encoders joined by + are each one of them.
    """
    if encoders is None:
        library = Library(root)
        encoders = default_encoders(library) if any(library.column("path")) and text is None else ()
    return list(encoders), default_texts(Library(root)) if text is None else _apart(text)


def _apart(texts: Sequence[str]) -> list[str]:
    """Each text encoder once; a path or an id is one whatever is in it."""
    apart = ([name] if "/" in name or Path(name).expanduser().exists() else source_names(name) for name in texts)
    return list(dict.fromkeys(name for each in apart for name in each))


def default_texts(library: Library) -> list[str]:
    """The text encoders that captions are read with where none is named: the default one, and those that have read
    captions here before. Native towers read for their own space, when they are asked to; imported vectors have no
    encoder."""
    before = (name for name in library.embedded("text") if name not in TEXT_SIDE.values())
    return list(dict.fromkeys((TEXT_ENCODER, *(name for name in before if _has_encoder(library, name)))))


def _has_encoder(library: Library, name: str) -> bool:
    made = read_provenance(library.embedding_folder("text", name) / "provenance.json")
    return made.origin == "computed" and (name in names("text") or bool(made.source))


def default_encoders(library: Library) -> tuple[str, ...]:
    """The audio encoders that a library is embedded with where none is named: those without weights, and small models
    whose weights are on this machine; none under whose name vectors were imported, which would be refused."""
    here = (*SIGNAL_ENCODERS, *(name for name in SMALL_MODELS if weights_here(find(name, "audio"))))
    return tuple(name for name in here if not _imported(library, name))


def not_fetched(library: Library) -> list[str]:
    """Small models that would be part of :func:`default_encoders` if their weights were on this machine."""
    absent = (name for name in SMALL_MODELS if not weights_here(find(name, "audio")))
    return [name for name in absent if name not in library.embedded("audio")]


def _imported(library: Library, name: str) -> bool:
    path = library.embedding_folder("audio", name) / "provenance.json"
    return path.exists() and read_provenance(path).origin == "imported"


def trained_together(root: Path) -> list[str]:
    """What a library is trained on where no encoder is named: the default encoders joined, then others each alone.

    Joined they retrieve better than any of them does (``docs/experiments/musicnn.md``).

    Raises
    ------
    LibraryError : there is no library.
    """
    there = Library(root).embedded("audio")
    joined = [name for name in (*SIGNAL_ENCODERS, *SMALL_MODELS) if name in there]
    others = [name for name in there if name not in joined]
    return [*(["+".join(joined)] if joined else []), *others] or ["all"]
