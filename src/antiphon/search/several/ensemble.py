"""Several trainings of a library as one checkpoint, made for a search and kept beside the index.

``index/ensemble-TOKEN/NAME,NAME_….pt``, TOKEN being of the contents of all checkpoints that it was made from. It is the
fusion that ``antiphon fuse`` makes, of what search takes of each training; but no training among others, which a search
without a name may choose. It is searched, explained and judged as any checkpoint is.
"""

from __future__ import annotations

import hashlib
import shutil
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from antiphon.align.checkpoint.paths import SERVING, is_of_library
from antiphon.errors import AntiphonError, ConfigError, reason
from antiphon.library.files import file_hash

BEST = "best_r1"
FOLDER = "ensemble-"
TOKEN_LENGTH = 12


class EnsembleOrNot(NamedTuple):
    """The checkpoint of several, or why there is none.

    Parameters
    ----------
    checkpoint : the file; None where they cannot be fused.
    why_not : what keeps them apart, the middle of a sentence; "" for nothing.
    told : what is to be said of one that was made just now.
    """

    checkpoint: Path | None
    why_not: str = ""
    told: tuple[str, ...] = ()


def require_different(checkpoints: Sequence[Path]) -> None:
    """ConfigError where one of several checkpoints is named twice, however its path is spelt."""
    files = [path.resolve() for path in checkpoints]
    twice = [path for path, file in zip(checkpoints, files, strict=True) if files.count(file) > 1]
    if twice:
        raise ConfigError(f"{twice[0].name} is named twice.", fix="Name each checkpoint once.")


def ensemble_of(root: Path, checkpoints: Sequence[Path]) -> EnsembleOrNot:
    """The ensemble of several checkpoints, made where it is not there yet; torch is loaded only to make it.

    Parameters
    ----------
    checkpoints : files of what search takes of trainings (``NAME_best_r1.pt`` or ``NAME_serving.pt``), each once.

    Raises
    ------
    ConfigError : they are more than an ensemble takes, or one is named twice.
    """
    require_different(checkpoints)
    names = [_training_of(root, path) for path in checkpoints]
    if "" in names:
        stranger = checkpoints[names.index("")]
        return EnsembleOrNot(None, f"{stranger.name} is not what search takes of a training of this library")
    best = [root / "checkpoints" / f"{name}_{BEST}.pt" for name in names]
    token = hashlib.sha256(" ".join(map(file_hash, [*checkpoints, *best])).encode()).hexdigest()[:TOKEN_LENGTH]
    folder = root / "index" / f"{FOLDER}{token}"
    there = [path for path in sorted(folder.glob("*.pt")) if _is_whole(path)]
    if there:
        return EnsembleOrNot(there[0])
    try:
        return _made(root, names, folder)
    except ConfigError:
        raise
    except (OSError, AntiphonError) as error:
        return EnsembleOrNot(None, reason(error).rstrip("."))


def _training_of(root: Path, checkpoint: Path) -> str:
    """The name of the training whose checkpoint for search a file is; "" where it is none of this library's."""
    name, _, kind = checkpoint.stem.rpartition("_")
    if checkpoint.stem.endswith(f"_{BEST}"):
        name, kind = checkpoint.stem.removesuffix(f"_{BEST}"), BEST
    whole = (root / "checkpoints" / f"{name}_{BEST}.pt").is_file()
    return name if is_of_library(root, checkpoint) and whole and kind in (BEST, SERVING) else ""


def _is_whole(path: Path) -> bool:
    """Whether a checkpoint that was made here is still what was written; what a disk has damaged is made anew."""
    try:
        with zipfile.ZipFile(path) as parts:
            return parts.testzip() is None
    except (OSError, zipfile.BadZipFile, NotImplementedError, zlib.error, EOFError, RuntimeError):
        return False


def _made(root: Path, names: Sequence[str], folder: Path) -> EnsembleOrNot:
    from antiphon.align.ensemble.late_fusion import fused_for_search

    bundle, result = fused_for_search(root, names)
    path = folder / f"{bundle.name}.pt"
    bundle.save(path)
    for old in folder.parent.glob(f"{FOLDER}*/*.pt"):
        # Of other trainings it stays: another search may be about to open it.
        if old.parent != folder and (old.name == path.name or not _members_are_there(root, old)):
            shutil.rmtree(old.parent, ignore_errors=True)
    chosen = "equal: there is no val split to choose them by" if result.val_mrr is None else "chosen on val"
    return EnsembleOrNot(path, told=(f"Made an ensemble of them: {result.parts} (weights {chosen}).",))


def _members_are_there(root: Path, ensemble: Path) -> bool:
    names = ensemble.stem.removesuffix(f"_{SERVING}").removesuffix(f"_{BEST}").split(",")
    return all((root / "checkpoints" / f"{name}_{BEST}.pt").is_file() for name in names)
