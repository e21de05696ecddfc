"""A whole library, file by file: what is as it was written, what has no checksum, what is damaged and what mends it."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from antiphon.align.checkpoint.sealed import MANIFEST, read_sealed, sealed_manifest
from antiphon.api.checking.found import CheckedFile, Context, State
from antiphon.api.checking.searched import check_searched
from antiphon.api.checking.tables import check_tables
from antiphon.api.checking.trained import check_trained
from antiphon.api.checking.vectors import check_vectors
from antiphon.api.tagging.copies import FOLDER, NAME, left_over
from antiphon.errors import AntiphonError, CheckpointError, LibraryError
from antiphon.library.commands import as_typed, command
from antiphon.library.files import MARK, PENDING, read_json
from antiphon.library.ingest.recipe.recorded import KEY
from antiphon.library.lock import require_folder, writer_of
from antiphon.printed import Printed, counted

OnProgress = Callable[[int, int], None]
"""Told of megabytes that were read, and of those that there are."""
MB = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Check(Printed):
    """What was found of a library.

    Parameters
    ----------
    library : its folder, as it was named.
    files : everything that was looked at.
    left_over : temporary files of commands that were killed; the next one that writes there removes them.
    """

    library: str
    files: tuple[CheckedFile, ...]
    left_over: int = 0

    @property
    def wrong(self) -> list[CheckedFile]:
        """What has to be mended."""
        return [found for found in self.files if found.wrong]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "library": self.library,
            "whole": not self.wrong,
            "counts": dict(Counter(found.state for found in self.files)),
            "left_over": self.left_over,
            "files": [asdict(found) for found in self.files],
        }

    def lines(self) -> list[str]:
        """For a person: the counts, then what is wrong with what mends it, then what is worth knowing."""
        counts = Counter(found.state for found in self.files)
        said = [
            f"{self.library}: {counted(len(self.files), 'file')}. {counts['sound']:,} as written; "
            f"{counts['unsealed']:,} readable, with no checksum to compare with."
        ]
        for found in self.wrong:
            said += [f"✗ {found.path}: {found.said}", f"    → {found.fix}"]
        said += [f"! {found.path}: {found.said}" for found in self.files if found.said and not found.wrong]
        if self.left_over:
            said.append(
                f"{counted(self.left_over, 'temporary file')} of commands that were killed; the next run clears up."
            )
        return [*said, f"{len(self.wrong)} to be mended." if self.wrong else "✓ Nothing is damaged."]


def check(root: Path, on_progress: OnProgress | None = None, *, add_checksums: bool = False) -> Check:
    """Read every file of a library, and compare it with its checksum and the formats that this version knows.

    Nothing is written but what was asked for. Vectors go by in blocks: memory does not grow with the library.

    Parameters
    ----------
    root : the library's folder, or that of a sealed bundle.
    add_checksums : give vectors of before there were checksums one each, where they are otherwise whole: see
        :mod:`antiphon.api.checking.added` on what that proves.

    Raises
    ------
    LibraryError : there is neither.
    EmbeddingError, OSError : checksums are to be added, and cannot be.
    """
    root = Path(root)
    require_folder(root)
    sealed = sealed_manifest(root)
    if sealed is not None and not (root / "library.json").exists():
        return Check(library=as_typed(root), files=(_bundle(sealed),))
    if not any((root / name).exists() for name in ("library.json", "tracks.parquet")):
        raise LibraryError(f"{as_typed(root)} is no library, and no sealed bundle.", fix="Name one: --library DIR")
    total, done = _bytes_in(root), 0

    def tell(read: int) -> None:
        nonlocal done
        done += read
        if on_progress is not None:
            on_progress(min(done, total) // MB, -(-total // MB))

    context = Context(root=root, ingest=_ingest_again(root), tell=tell, add_checksums=add_checksums)
    checks = (check_tables, check_vectors, check_trained, check_searched)
    found = tuple(chain(_half_written(context), *(each(context) for each in checks)))
    return Check(library=as_typed(root), files=found, left_over=sum(1 for _ in root.rglob(f".*{MARK}")))


def _half_written(context: Context) -> Iterator[CheckedFile]:
    if (context.root / PENDING).exists():
        said = "tables were being written when the process was killed: the next command finishes that"
        yield context.unsealed(context.root / PENDING, said)
    copy = left_over(context.root)
    if copy is not None and writer_of(context.root / FOLDER) is None:
        said = f"antiphon tag was killed, and has left {copy} beside the music: the next antiphon tag removes it"
        yield context.unsealed(context.root / FOLDER / NAME, said)


def _bundle(manifest: Path) -> CheckedFile:
    try:
        read_sealed(manifest)
    except CheckpointError as error:
        state: State = "newer" if "has format" in error.problem else "damaged"
        return CheckedFile(path=MANIFEST, state=state, said=error.problem, fix=error.fix or "Get it again.")
    return CheckedFile(path=MANIFEST, state="sound")


def _bytes_in(root: Path) -> int:
    """Of files that are checked, about."""
    return sum(path.stat().st_size for path in root.rglob("*") if path.is_file() and not path.name.startswith("."))


def _ingest_again(root: Path) -> str:
    """The command that makes the tables anew, with its source where the library can still say it."""
    try:
        meta = read_json(root / "library.json")
        sources = meta.get(KEY, {}).get("sources") or [meta["manifest"]]
        words = " ".join(shlex.quote(str(source)) for source in sources)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, AntiphonError):
        words = "SOURCE"
    return f"{command(f'ingest {words}', root)}   (splits and vectors are kept)"
