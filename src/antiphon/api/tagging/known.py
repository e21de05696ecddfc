"""Files that are about to be tagged are known by their sound afterwards: nothing is heard twice for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from antiphon.embed.sources import same_content, signatures, with_sound
from antiphon.embed.workers.packets import packets_hash
from antiphon.errors import EmbeddingError
from antiphon.library.lock import only_writer
from antiphon.library.tracks import Library
from antiphon.library.vectors.provenance import read_provenance
from antiphon.library.vectors.rows import read_rows
from antiphon.library.vectors.store import VectorWriter


def know_by_sound(library: Library, files: Mapping[str, Path]) -> None:
    """Note the sound of files in the signatures of their vectors, where they do not have it.

    Vectors of today have it from the day they were made; those of before 26 November 2026 have not.

    Parameters
    ----------
    files : track id → file, as it is before it is tagged.

    Raises
    ------
    EmbeddingError : vectors are damaged, or another process is writing some.
    """
    now = dict(zip(files, signatures([str(path) for path in files.values()]), strict=True))
    sounds: dict[str, str] = {}
    for name in library.embedded("audio"):
        folder = library.embedding_folder("audio", name)
        lacking = {
            row.id: row.signature
            for row in read_rows(folder)
            if row.id in now and row.signature.count("-") < 3 and same_content(row.signature, now[row.id])
        }
        if not lacking:
            continue
        sounds |= {item: packets_hash(str(files[item])) for item in lacking if item not in sounds}
        with (
            only_writer(folder, "writing vectors into", error=EmbeddingError),
            VectorWriter(folder, read_provenance(folder / "provenance.json")) as writer,
        ):
            writer.sign({item: with_sound(signature, sounds[item]) for item, signature in lacking.items()})
