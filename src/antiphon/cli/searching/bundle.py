"""The command bundle: a checkpoint sealed for other libraries, and sent to a hub."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from antiphon.align.checkpoint.paths import find_checkpoint
from antiphon.cli.output.console import JsonOption, LibraryOption, note, say, say_json
from antiphon.cli.output.results import OutFile
from antiphon.errors import ConfigError
from antiphon.search.bundle.hub import push as push_bundle
from antiphon.search.bundle.sealing import Sealed, seal_checkpoint
from antiphon.search.bundle.standing import STANDINGS
from antiphon.search.checkpoints import checkpoint_for_search

MB = 1e6


def bundle(
    checkpoint: Path | None = None,
    *,
    out: OutFile = None,
    without_examples: Annotated[bool, Parameter(negative="")] = False,
    push: str | None = None,
    private: Annotated[bool, Parameter(negative="")] = False,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """Seal a checkpoint in a folder that opens anywhere: heads, text side, a card with its figures.

    Open it with antiphon.load(FOLDER), or on another library with antiphon index --bundle FOLDER.

    Parameters
    ----------
    checkpoint
        A checkpoint file, or the name of a training. Default: the one that search takes.
    out
        The folder to write; a bundle that is there is replaced. With --push alone: a bundle that is there.
    without_examples
        Leave out what it holds of its training data: ids, landmarks of kernel CCAs, references of the hubness
        correction. What that costs is measured and said.
    push
        Send it to a model hub as ORG/NAME (by huggingface_hub; HF_ENDPOINT names another hub).
    private
        Make a new one on the hub private: only those who are let in see it.
    json
        Print what was sealed as JSON.
    library
        The library that it was trained on, which judges it.
    """
    if out is None:
        raise ConfigError("A bundle is a folder of its own.", fix="-o FOLDER")
    sealed: Sealed | None = None
    if push is None or checkpoint is not None or not out.exists():
        chosen = find_checkpoint(library, checkpoint, search=True) if checkpoint else checkpoint_for_search(library)
        sealed = seal_checkpoint(library, chosen, out, examples=not without_examples)
    where = None if push is None else push_bundle(out, push, private=private)
    if json:
        about = {} if sealed is None else {**asdict(sealed), "folder": str(sealed.folder)}
        return say_json({**about, "pushed_to": where})
    if sealed is not None:
        _tell(sealed)
    if where is not None:
        say(f"Sent: {where}")
    return None


def _tell(sealed: Sealed) -> None:
    say(f"{sealed.name} is sealed in {sealed.folder} ({sealed.bytes / MB:.0f} MB).")
    say(sealed.verdict or STANDINGS[sealed.standing])
    if sealed.lost:
        say(f"Without training examples MRR is {sealed.lost['without']:.3f}, in place of {sealed.lost['whole']:.3f}.")
    elif sealed.holds:
        note("It holds data of its training: its README.md says what; --without-examples leaves it out.")
    note(sealed.text_side)
