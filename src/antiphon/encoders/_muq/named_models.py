"""The two models that a MuQ-MuLan's ``config.json`` names: where their files are, and when the hub is asked for them.

The weights file holds the weights of both; of these only small files are needed: the ``config.json`` of the audio
model, the ``config.json`` and the tokenizer of the text model. They are looked for in ``FOLDER/NAME``, NAME being the
name in ``config.json`` with its slash, then in the hub's cache. The hub itself is asked only where encoders may fetch
(:class:`~antiphon.registry.LoadOptions`), and only for the models that the published MuQ-MuLan names: a file that
somebody else wrote cannot make this machine ask for anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from antiphon.errors import EncoderError

AUDIO_FILES = ("config.json",)
TEXT_FILES = ("config.json", "tokenizer.json")
PUBLISHED = ("OpenMuQ/MuQ-large-msd-iter", "xlm-roberta-base", "FacebookAI/xlm-roberta-base")
"""What MuQ-MuLan-large names; its text model has moved, and the hub knows it by either name."""


def named_model(folder: Path, name: str, files: Sequence[str], *, fetch: bool) -> Path:
    """The folder with a named model's small files: ``folder/name``, the hub's cache, or the hub.

    Parameters
    ----------
    folder : of the MuQ-MuLan checkpoint.
    name : as its ``config.json`` gives it, a hub id.
    files : names of the files that are needed.
    fetch : whether the hub may be asked for a published model.

    Raises
    ------
    EncoderError : they are not here and cannot, or must not, be fetched; the message says where they belong and how
        to get them.
    """
    beside = folder / name
    if beside.is_dir():
        absent = [file for file in files if not (beside / file).is_file()]
        if not absent:
            return beside
        raise _missing(name, files, f"{beside} lacks {', '.join(absent)}", beside)
    found, reason = _in_hub(name, files, cached=True)
    if found is None and not (fetch and name in PUBLISHED):
        raise EncoderError(
            f"{folder / 'config.json'} names the model {name}, whose {', '.join(files)} (small files, no weights) "
            "are not on this machine. Nothing is fetched because somebody else's file names it.",
            fix=f"If you trust that model: {_command(name, files)} --local-dir {beside}, then the same command again.",
        )
    if found is None:
        found, reason = _in_hub(name, files, cached=False)
    if found is None:
        raise _missing(name, files, reason, beside)
    return found


def named_model_here(folder: Path, name: str, files: Sequence[str]) -> bool:
    """Whether :func:`named_model` finds the files without the network."""
    return all((folder / name / file).is_file() for file in files) or _in_hub(name, files, cached=True)[0] is not None


def _in_hub(name: str, files: Sequence[str], *, cached: bool) -> tuple[Path | None, str]:
    """The folder of a complete copy, or None and why there is none."""
    from huggingface_hub import snapshot_download

    try:
        found = Path(snapshot_download(name, allow_patterns=list(files), local_files_only=cached))  # nosec B615 # as named
    except Exception as error:  # the client raises a dozen unrelated classes for "no network" and "no such model"
        return None, str(error).strip().partition("\n")[0] or type(error).__name__
    complete = all((found / file).is_file() for file in files)
    return (found, "") if complete else (None, f"{found} is incomplete")


def _missing(name: str, files: Sequence[str], reason: str, beside: Path) -> EncoderError:
    return EncoderError(
        f"MuQ-MuLan needs {', '.join(files)} of {name} (small files, no weights): {reason}.",
        fix=f"Where there is a network: {_command(name, files)} --local-dir {beside}",
    )


def _command(name: str, files: Sequence[str]) -> str:
    return f"hf download {name} {' '.join(files)}"
