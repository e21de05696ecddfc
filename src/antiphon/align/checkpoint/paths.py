"""Where a training leaves its files, and what a training may be called.

``checkpoints/NAME_best_r1.pt``, ``…_best_loss.pt``, ``…_last.pt``, ``…_serving.pt`` (``best_r1`` fitted again for
search, where that is done), ``runs/NAME/``, ``logs/tensorboard/NAME/``. A training is called like its encoder
(:mod:`antiphon.align.checkpoint.naming`) unless it is given a name of its own: so several of one encoder stand side by
side. The name of a fusion is those of its members, joined by commas.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from pathlib import Path

from antiphon.align.checkpoint.sealed import sealed_manifest
from antiphon.errors import CheckpointError, ConfigError
from antiphon.library.commands import RESERVED, as_typed
from antiphon.library.lock import only_writer
from antiphon.library.next_step import towards_training
from antiphon.library.tracks import Library

KINDS = ("best_r1", "best_loss", "last")
SERVING = "serving"
MOST_CHARACTERS = 100

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")


def require_name(name: str) -> None:
    """Refuse what cannot be the name of a training.

    Raises
    ------
    ConfigError : a character that file names or command lines would trip over, a reserved word, or too long.
    """
    if not _NAME.fullmatch(name) or len(name) > MOST_CHARACTERS:
        raise ConfigError(
            f"'{name}' cannot be the name of a training.",
            fix=f"Use up to {MOST_CHARACTERS} letters, digits and ._+- and begin with a letter or a digit: "
            "--name muq-small",
        )
    if name in RESERVED or name.endswith(tuple(f"_{kind}" for kind in (*KINDS, SERVING))):
        raise ConfigError(
            f"'{name}' has a meaning of its own here, so no training can be called that.", fix="--name muq-small"
        )


def checkpoint_paths(root: Path, name: str) -> dict[str, Path]:
    """``best_r1``, ``best_loss`` and ``last`` → file.

    Parameters
    ----------
    root : library folder.
    name : of a training (``muq``, ``muq+mert``), or of a fusion (``muq,mert``), which has ``best_r1`` only.
    """
    return {kind: Path(root) / "checkpoints" / f"{name}_{kind}.pt" for kind in KINDS}


def serving_path(root: Path, name: str) -> Path:
    """Where ``best_r1`` stands once it was fitted again for search (:mod:`antiphon.align.ensemble.serving`)."""
    return Path(root) / "checkpoints" / f"{name}_{SERVING}.pt"


def is_of_library(root: Path, checkpoint: Path) -> bool:
    """Whether a file is one of the library's own checkpoints, and none that came from elsewhere."""
    return checkpoint.parent.resolve() == (root / "checkpoints").resolve()


def run_folder(root: Path, name: str) -> Path:
    """Where history, settings and figures of a training stand."""
    return Path(root) / "runs" / name


def only_trainer(root: Path, name: str, doing: str = "training in") -> AbstractContextManager[None]:
    """Hold the name of a training, a sweep or a fusion while its files are written.

    Raises
    ------
    LibraryError : on entering; another process holds it, and the message has its id.
    """
    return only_writer(run_folder(root, name), doing)


def curves_folder(root: Path, name: str) -> Path:
    """Where TensorBoard finds a training's curves."""
    return Path(root) / "logs" / "tensorboard" / name


def best_checkpoints(root: Path) -> list[Path]:
    """``NAME_best_r1.pt`` of every training and fusion of a library, by name.

    Raises
    ------
    CheckpointError : there is none.
    """
    found = sorted((Path(root) / "checkpoints").glob("*_best_r1.pt"))
    if not found:
        raise no_checkpoint(root)
    return found


def no_checkpoint(root: Path) -> CheckpointError:
    """What a library without a training is told, to be raised."""
    return CheckpointError(f"{as_typed(root)} has no trained checkpoint.", fix=towards_training(Library(root)))


def for_search(path: Path) -> Path:
    """The checkpoint that search takes in place of a ``NAME_best_r1.pt``: the one fitted again, where there is one."""
    served = path.with_name(f"{path.stem.removesuffix('_best_r1')}_{SERVING}.pt")
    return served if path.stem.endswith("_best_r1") and served.is_file() else path


def find_checkpoint(root: Path, name: Path | str, *, search: bool = False) -> Path:
    """A checkpoint by path, by path inside the library, or by the name of a training (its ``_best_r1``).

    A sealed bundle is found by its folder; what is given is its manifest.

    Parameters
    ----------
    search : whether a training's name means its ``_serving``, where it has one.

    Raises
    ------
    CheckpointError : none of these exists; the message lists what the library has.
    LibraryError : nor does the library.
    """
    root, folder = Path(root), Path(root) / "checkpoints"
    for path in (Path(name), root / name, folder / name, folder / f"{name}.pt"):
        sealed = sealed_manifest(path)
        if sealed is not None or path.is_file():
            return sealed or path
    best = folder / f"{name}_best_r1.pt"
    if best.is_file():
        return for_search(best) if search else best
    have = sorted(path.name for path in folder.glob("*.pt"))
    raise CheckpointError(
        f"No checkpoint '{name}'. {folder} has: {', '.join(have) or 'none'}.",
        fix="Name one of these." if have else towards_training(Library(root)),
    )
