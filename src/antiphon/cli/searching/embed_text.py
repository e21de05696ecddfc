"""The command embed-text: a file of texts into the shared space of a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from antiphon.cli.output.console import LibraryOption, note, say
from antiphon.cli.output.results import RESULT_OPTION
from antiphon.printed import counted
from antiphon.search.light.texts import embed_texts, read_texts, require_format, write_vectors


def embed_text(
    file: Path,
    /,
    *,
    out: Annotated[Path, Parameter(name=["--out", "-o"]), RESULT_OPTION],
    checkpoint: Path | None = None,
    library: LibraryOption = Path(),
) -> None:
    """Put texts into the shared space: one vector a line of a file.

    Parameters
    ----------
    file
        UTF-8 text, one query a line; - for standard input. A blank line has a vector of zeros.
    out
        VECTORS.npy: (lines, dimensions) float32, each of unit length, in the file's order. VECTORS.parquet: columns
        text and vector.
    checkpoint
        A checkpoint file, a bundle's folder, or the name of a training. Default: the one that search takes.
    library
        The library's folder; a bundle needs none.
    """
    require_format(out)
    texts = read_texts(file)
    made = embed_texts(texts, library, checkpoint)
    write_vectors(out, texts, made.vectors)
    say(f"{counted(len(texts), 'text')} in {made.vectors.shape[1]} dimensions, by {made.name}: {out}")
    note(made.notes)
