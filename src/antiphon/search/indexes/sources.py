"""What an index was made from, and whether that is still what is there.

Content decides. A file whose size and time of modification are those that were noted is taken for unchanged without
being read, as git does it: a checkpoint of 100 MB is not hashed before every answer.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from antiphon.errors import LibraryError
from antiphon.library.files import file_hash
from antiphon.library.tracks import MENDED_BY_INGEST, Library
from antiphon.library.vectors.joined import stored_names


def source_of(library: Library, checkpoint: Path, encoder: str) -> dict[str, Any]:
    """What an index depends on: the content of the checkpoint and of the tables, and where sound lies now.

    Raises
    ------
    LibraryError : ``tracks.parquet`` is not there, which no index is a reason to read.
    """
    if not (tracks := library.root / "tracks.parquet").is_file():
        raise LibraryError(f"{tracks} is not there.", fix=MENDED_BY_INGEST)
    return {
        "checkpoint": checkpoint.name,
        "checkpoint_path": str(checkpoint.absolute()),
        "checkpoint_sha256": file_hash(checkpoint),
        "encoder": encoder,
        "vectors_sha256": "+".join(file_hash(rows) for rows in _tables(library, encoder) if rows.exists()),
        "tracks_sha256": file_hash(tracks),
        "sound_from": [library.sound_at("."), str(library.root.resolve())],
    }


def stamps_of(library: Library, checkpoint: Path, encoder: str) -> dict[str, list[int]]:
    """Size and time of modification, ns, of the files that :func:`source_of` reads, as far as they are there."""
    files = [checkpoint.absolute(), library.root / "tracks.parquet", *_tables(library, encoder)]
    found = {}
    for path in files:
        try:
            state = path.stat()
        except FileNotFoundError:
            continue
        found[str(path.absolute())] = [state.st_size, state.st_mtime_ns]
    return found


def is_current(about: dict[str, Any], library: Library, checkpoint: Path, encoder: str) -> bool:
    """Whether an index, by what its ``index.json`` says, is of this checkpoint and of the library as it is now."""
    made_from = about["made_from"]
    same = (made_from["checkpoint_path"], made_from["encoder"]) == (str(checkpoint.absolute()), encoder)
    sound = made_from["sound_from"] == [library.sound_at("."), str(library.root.resolve())]
    if same and sound and about.get("stamps") == stamps_of(library, checkpoint, encoder):
        return True
    return bool(made_from == source_of(library, checkpoint, encoder))


def _tables(library: Library, encoder: str) -> list[Path]:
    folder = library.embedding_folder("audio", encoder).parent
    names = stored_names(folder, encoder)
    return [folder / name / rows for name in names for rows in ("rows.parquet", "rows.jsonl")]
