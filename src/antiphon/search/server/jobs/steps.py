"""Which commands a job is made of: before each one the library is asked what comes next."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal, cast

from antiphon.align.checkpoint.paths import checkpoint_paths, is_of_library, run_folder
from antiphon.align.data.learned import read_learned
from antiphon.errors import LibraryError
from antiphon.library.ingest.recipe.recorded import library_recipe
from antiphon.library.next_step import next_step, text_for_training
from antiphon.library.tracks import Library
from antiphon.library.vectors.joined import source_names
from antiphon.library.vectors.provenance import read_provenance
from antiphon.library.vectors.rows import read_rows
from antiphon.search.answering import has_checkpoint
from antiphon.search.indexes.exact import indexed_checkpoint

Kind = Literal["prepare", "embed", "train", "index"]
Step = Literal["", "ingest", "watch", "embed", "read", "caption", "train", "index"]
"""What a command of a job does; "" before the first."""
Words = list[str]
HEARING = ("embed", "caption")
"""Commands by which a library is heard and read."""


def steps(kind: Kind, root: Path, source: str | None) -> Iterator[Words]:
    """The commands of a job, one after another; each is asked for when the one before it is done.

    Parameters
    ----------
    root : the library.
    source : what it is made of, a folder of music or what else ``ingest`` takes; None where that is not known.
    """
    if kind == "prepare":
        yield (
            [*_on(root, "watch"), "--once"]
            if source is None
            else ["ingest", *_read(root, source), "--library", str(root)]
        )
    elif kind == "embed":
        yield from _hearing(root)
    elif kind == "train":
        served = served_training(root)
        yield from _reading(root, served)
        yield [*_on(root, "train"), *(["--again", served] if served else [])]
        yield _on(root, "index")
    elif kind == "index":
        yield _on(root, "index")


def follows(kind: Kind, root: Path) -> Kind | None:
    """The job that comes by itself after one that is done; None where a person decides, or nothing is left."""
    step = _next(root)
    if kind == "prepare" and step[0] in HEARING:
        return "embed"
    if kind in ("prepare", "embed") and not has_checkpoint(root):
        return "train" if step[0] == "train" else None
    return "index" if kind in ("prepare", "embed") else None


def step_of(words: Sequence[str]) -> Step:
    """What a command does, for whoever follows the job."""
    reads = words[0] == "embed" and "--text" in words and "--encoder" not in words
    return "read" if reads else cast(Step, words[0])


def _read(root: Path, source: str) -> list[str]:
    """What is read: music, beside what else the library was made of, such as a table of captions that people wrote."""
    if not (root / "library.json").is_file():
        return [source]
    try:
        before = [str(each) for each in library_recipe(Library(root)).sources]
    except LibraryError:  # said by the command that reads
        return [source]
    return before if source in before else [source]


def _hearing(root: Path) -> Iterator[Words]:
    """All that is to be heard and read; where everything was, what is new since is looked for once."""
    done: list[Words] = []
    step = _next(root)
    if step[0] not in HEARING:
        yield _on(root, "embed")
        return
    while step[0] in HEARING and step not in done:
        yield step
        done.append(step)
        step = _next(root)


def served_training(root: Path) -> str:
    """The training, or the fusion, that answers and can be trained again here; "" for none.

    It is told by the index, so that no checkpoint is opened. One that came from elsewhere has no training here.
    """
    served = indexed_checkpoint(root)
    if served is None or not is_of_library(root, served):
        return ""
    name = served.stem.removesuffix("_serving").removesuffix("_best_r1")
    return name if all(checkpoint_paths(root, each)["last"].is_file() for each in name.split(",")) else ""


def _reading(root: Path, served: str) -> Iterator[Words]:
    """Captions that came since the last reading are read, by whatever the training that is to come reads them with."""
    library = Library(root)
    captions = set(library.caption_column("caption_id").tolist())
    learned = [read_learned(run_folder(root, each)) for each in served.split(",")] if served else []
    texts = dict.fromkeys(each.text for each in learned if each is not None) or [text_for_training(library)]
    names = dict.fromkeys(name for text in texts for name in source_names(text))
    folders = {name: library.embedding_folder("text", name) for name in names}
    made_here = (name for name, folder in folders.items() if _is_made_here(folder))
    behind = [name for name in made_here if not captions <= _tried(folders[name])]
    if behind:
        yield _on(root, f"embed --text {' '.join(behind)}")


def _is_made_here(folder: Path) -> bool:
    """Whether vectors can be made here; imported ones come from elsewhere."""
    made_by = folder / "provenance.json"
    return not made_by.exists() or read_provenance(made_by).origin == "computed"


def _tried(folder: Path) -> set[str]:
    return {row.id for row in read_rows(folder) if row.status != "stale"}


def _next(root: Path) -> Words:
    return shlex.split(next_step(Library(root)))[1:]


def _on(root: Path, command: str) -> Words:
    return [*command.split(), "--library", str(root)]


Steps = Callable[[Kind, Path, str | None], Iterator[Words]]
