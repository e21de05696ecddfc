"""Where a model's weights are, and the hash that says which weights they are.

Weights are looked for in this order: the folder that was asked for, the hub's local cache (no network), the hub.
A weights id is a sha256: of the one weights file, or, where a model has several, over their names and hashes.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from antiphon.errors import EncoderError
from antiphon.library.files import file_hash
from antiphon.registry import EncoderCard, LoadOptions, Plugin

WEIGHT_SUFFIXES = (".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".onnx")


@dataclass(frozen=True, kw_only=True)
class Weights:
    """A model's files on this machine.

    Parameters
    ----------
    folder : holds them.
    source : the path or hub id they were asked for by.
    revision : the hub's commit, None for a local folder.
    """

    folder: Path
    source: str
    revision: str | None = None


def locate(card: EncoderCard, options: LoadOptions, *, patterns: Sequence[str] | None = None) -> Weights:
    """Find an encoder's weights: a local folder, the hub's cache, or the hub.

    Parameters
    ----------
    card : gives the default hub id and revision.
    options : ``weights`` (a folder, a file in it, or a hub id, pinned as in ``id@revision``) and ``revision`` take
        precedence.
    patterns : file name patterns worth downloading, None for all.

    Raises
    ------
    EncoderError : they are not here and cannot be fetched (the message says how to bring them), or two revisions are
        named.
    """
    asked = options.weights or card.hub_id
    if asked is None:
        raise EncoderError(f"Encoder '{card.name}' has no default weights.", fix="Name them: --weights FOLDER")
    path = Path(asked).expanduser()
    if path.exists():
        return Weights(folder=path if path.is_dir() else path.parent, source=asked)
    if path.is_absolute() or asked.startswith((".", "~")) or asked.count("/") > 1:
        raise EncoderError(
            f"The weights of '{card.name}' are not at {path}.", fix="Check --weights: it takes a folder or a hub id."
        )
    hub_id, _, pinned = asked.partition("@")
    if pinned and options.revision not in (None, pinned):
        raise EncoderError(
            f"Two revisions of {hub_id} are named: {pinned} and {options.revision}.",
            fix="Leave one out: --weights ID@REVISION, or --weights ID --revision REVISION.",
        )
    revision = pinned or options.revision or (card.revision if hub_id == card.hub_id else None)
    return _from_hub(card, hub_id, revision, patterns, fetch=options.fetch)


def weights_here(plugin: Plugin) -> bool:
    """Whether an encoder can be loaded without the network: its weights are in the hub's local cache, or it has none.

    A plugin whose weights live elsewhere says so itself with a function ``weights_here(card)``.
    """
    own, card = getattr(plugin.module, "weights_here", None), plugin.card
    if own is not None:
        return bool(own(card))
    return not card.parameters or card.hub_id is None or cached(card.hub_id, card.revision, None) is not None


def fetch(plugin: Plugin) -> Path:
    """Bring an encoder's default weights to this machine, unless they are here; where they are.

    A plugin whose weights live elsewhere than on the hub fetches them itself with a function ``get(card)``.

    Raises
    ------
    EncoderError : it has no weights to fetch, or they cannot be fetched.
    """
    own, card = getattr(plugin.module, "get", None), plugin.card
    if own is not None:
        return Path(own(card))
    if not card.parameters or card.hub_id is None:
        raise EncoderError(f"'{card.name}' has no weights that could be fetched.", fix="It is ready as it is.")
    return locate(card, LoadOptions()).folder


def cached(hub_id: str, revision: str | None, patterns: Sequence[str] | None) -> Path | None:
    """The folder of a copy with weights in the hub's cache; asks no network."""
    from huggingface_hub import snapshot_download

    wanted = None if patterns is None else list(patterns)
    try:
        folder = Path(snapshot_download(hub_id, revision=revision, allow_patterns=wanted, local_files_only=True))
    except Exception:  # not in the cache, whatever the reason: a download would report it properly
        return None
    return folder if weight_files(folder) else None


def _from_hub(
    card: EncoderCard, hub_id: str, revision: str | None, patterns: Sequence[str] | None, *, fetch: bool
) -> Weights:
    from huggingface_hub import snapshot_download

    wanted = None if patterns is None else list(patterns)
    found = cached(hub_id, revision, wanted)
    if found is not None:
        return Weights(folder=found, source=hub_id, revision=found.name)
    if not fetch:
        raise EncoderError(
            f"The checkpoint or library that you opened names the model {hub_id}, which is not on this machine. "
            "Nothing is fetched because somebody else's file names it.",
            fix=f"If you trust that model: hf download {hub_id}{_option(revision)}, then the same command again.",
        )
    try:
        folder = Path(snapshot_download(hub_id, revision=revision, allow_patterns=wanted))
    except Exception as error:  # the hub client raises a dozen unrelated classes for "no network" and "no such model"
        raise EncoderError(
            f"The weights of '{card.name}' ({hub_id}) are not on this machine and could not be fetched: "
            f"{_first_line(error)}",
            fix=f"Where there is a network: hf download {hub_id}{_option(revision)} --local-dir DIR. "
            "Then here: --weights DIR",
        ) from error
    return Weights(folder=folder, source=hub_id, revision=folder.name)


def _option(revision: str | None) -> str:
    return f" --revision {revision}" if revision else ""


def _first_line(error: Exception) -> str:
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__


def weight_files(folder: Path) -> list[Path]:
    """The files that hold weights in ``folder``, sorted; of one model in several formats only the safest format."""
    files = sorted(p for p in folder.iterdir() if p.suffix in WEIGHT_SUFFIXES and p.is_file())
    for suffix in WEIGHT_SUFFIXES:
        chosen = [p for p in files if p.suffix == suffix]
        if chosen:
            return chosen
    return []


def weights_id(files: Sequence[Path] | Path) -> str:
    """sha256 of the weights: of the one file, or over the sorted names and hashes of several.

    Parameters
    ----------
    files : the files, or a folder whose weight files are meant.

    Raises
    ------
    EncoderError : there are none.
    """
    paths = weight_files(files) if isinstance(files, Path) and files.is_dir() else files
    found = [paths] if isinstance(paths, Path) else sorted(paths)
    if not found:
        raise EncoderError(f"{files} holds no weights ({', '.join(WEIGHT_SUFFIXES)}).", fix="Check --weights.")
    if len(found) == 1:
        return file_hash(found[0])
    lines = "".join(f"{path.name} {file_hash(path)}\n" for path in found)
    return hashlib.sha256(lines.encode()).hexdigest()


def offline() -> bool:
    """Whether the hub's own switch forbids the network."""
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}
