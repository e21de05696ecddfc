"""Checkpoints that travel: a folder whose manifest has the sha256 of every other file, and no pickle.

``bundle.json``         format, versions, what a checkpoint says of itself, the hashes. It is *the* file of the bundle:
                        whoever asks for a checkpoint's file is given it, and its own hash stands for all
``heads.safetensors``   every tensor
``text``                a folder, where there is one: the text side as graphs (:mod:`antiphon.search.light.text_side`)
``README.md``           a card (:mod:`antiphon.search.bundle.card`)
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from antiphon._version import __version__
from antiphon.errors import CheckpointError
from antiphon.library.files import file_hash, read_json, write_atomically, write_json

if TYPE_CHECKING:
    from torch import Tensor

MANIFEST, HEADS, TEXT = "bundle.json", "heads.safetensors", "text"
FORMAT = 1
TENSOR = "tensor"
"""Key of the object that stands in the manifest where a tensor was; its value is the tensor's name."""
SEAL_AGAIN = "Get it again, or make it again: antiphon bundle NAME -o FOLDER"
State = dict[str, Any]


def sealed_manifest(path: Path) -> Path | None:
    """The manifest of a sealed bundle, given it or its folder; None for anything else."""
    if path.name == MANIFEST and path.is_file():
        return path
    return path / MANIFEST if (path / MANIFEST).is_file() else None


def shown_name(path: Path) -> str:
    """What a checkpoint's file is called before people; a sealed bundle has the name of its folder."""
    return path.parent.name if path.name == MANIFEST else path.name


def write_heads(state: State, folder: Path) -> State:
    """Write a checkpoint's tensors; its other content, plain values in which objects name the tensors."""
    from safetensors.torch import save

    tensors: dict[str, Tensor] = {}
    plain: State = _plain(state, "", tensors)
    content = save(tensors)
    write_atomically(folder / HEADS, lambda stream: stream.write(content))
    return plain


def seal(folder: Path, manifest: State) -> None:
    """Write the manifest, with the hashes of all files that are in the folder."""
    files = {
        path.relative_to(folder).as_posix(): {"bytes": path.stat().st_size, "sha256": file_hash(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }
    write_json(folder / MANIFEST, {"format": FORMAT, "antiphon": __version__, **manifest, "files": files})


def read_bundle_manifest(path: Path) -> State:
    """What a sealed bundle's manifest says.

    Raises
    ------
    CheckpointError : it is damaged, of a newer format, or no manifest.
    """
    try:
        manifest = read_json(path)
        number, files = manifest["format"], manifest["files"]
        known = isinstance(number, int) and isinstance(files, dict) and isinstance(manifest["state"], dict)
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise CheckpointError(f"{path} is no manifest of a bundle, or damaged: {error}", fix=SEAL_AGAIN) from error
    if not known or number < 1:
        raise CheckpointError(f"{path} is no manifest of a bundle, or damaged.", fix=SEAL_AGAIN)
    if number > FORMAT:
        raise CheckpointError(
            f"{path} has format {number} (Antiphon {manifest.get('antiphon')}); this one reads up to {FORMAT}.",
            fix="Use the version that wrote it, or a later one: pip install --upgrade antiphon",
        )
    return dict(manifest)


def require_whole(path: Path, manifest: State, below: str = "") -> None:
    """Refuse a bundle of whose files one is missing or changed.

    Parameters
    ----------
    path : the manifest.
    below : look at files alone whose names begin so.

    Raises
    ------
    CheckpointError : one is; the message names it.
    """
    for name, about in manifest["files"].items():
        if not name.startswith(below):
            continue
        file = path.parent / name
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise CheckpointError(f"{path} names a file outside its folder: {name}", fix=SEAL_AGAIN)
        if not file.is_file():
            raise CheckpointError(f"The bundle {path.parent} lacks {name}.", fix=SEAL_AGAIN)
        if file.stat().st_size != about["bytes"] or file_hash(file) != about["sha256"]:
            raise CheckpointError(f"{file} is not the file that was sealed: its sha256 differs.", fix=SEAL_AGAIN)


def read_sealed(path: Path) -> State:
    """What a checkpoint's file would hold, from a sealed bundle's manifest.

    Raises
    ------
    CheckpointError : its heads are missing or changed, or it is damaged, or of a newer format.
    """
    from safetensors.torch import load_file

    manifest = read_bundle_manifest(path)
    if HEADS not in manifest["files"]:
        raise CheckpointError(f"{path} names no {HEADS}.", fix=SEAL_AGAIN)
    require_whole(path, manifest, HEADS)
    try:
        state: State = _whole(manifest["state"], load_file(path.parent / HEADS))
    except KeyError as error:
        raise CheckpointError(f"{path.parent / HEADS} lacks the tensor {error}.", fix=SEAL_AGAIN) from error
    return state


def _plain(value: Any, name: str, tensors: dict[str, Tensor]) -> Any:
    from torch import Tensor  # who looks for a checkpoint's file does without

    if isinstance(value, Tensor):
        tensors[name] = value.detach().cpu().clone().contiguous()
        return {TENSOR: name}
    if isinstance(value, dict):
        return {key: _plain(item, f"{name}/{key}" if name else str(key), tensors) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, f"{name}/{place}", tensors) for place, item in enumerate(value)]
    return value


def _whole(value: Any, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, dict):
        if value.keys() == {TENSOR}:
            return tensors[value[TENSOR]]
        return {key: _whole(item, tensors) for key, item in value.items()}
    return [_whole(item, tensors) for item in value] if isinstance(value, list) else value
