"""Files that numpy reads: whatever it raises on damaged ones is one error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def reading_arrays(path: Path) -> Iterator[None]:
    """Around calls of numpy that read ``path``.

    Raises
    ------
    OSError : the file is not there, or cannot be opened.
    ValueError : it is damaged, or not what the caller asks of it.
    """
    try:
        yield
    except (OSError, ValueError):
        raise
    except MemoryError as error:  # a shape in a damaged header
        raise ValueError(f"{path} asks for more memory than there is") from error
    except Exception as error:  # numpy, zipfile, zlib and tokenize raise all kinds of errors on damaged files
        raise ValueError(f"{path} is cut off or damaged ({type(error).__name__}: {error})") from error
