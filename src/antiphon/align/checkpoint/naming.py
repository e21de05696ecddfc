"""What a training is called that is given no name: no two that differ in an encoder are called the same.

Like its audio encoder (``muq``, ``muq+mert``) where its text encoder is the one that the library's trainings take
unasked; else with the text encoder behind it: ``muq@mpnet``. What the library takes unasked may change when captions
are read with another encoder; a training keeps the name that it was given then.
"""

from __future__ import annotations

import shlex
from contextlib import suppress
from pathlib import Path

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.paths import checkpoint_paths
from antiphon.errors import CheckpointError, ConfigError
from antiphon.library.commands import command
from antiphon.library.next_step import text_for_training
from antiphon.library.tracks import Library
from antiphon.library.vectors.joined import source_names


def training_name(root: Path, encoder: str, text: str) -> str:
    """The name of the training on these vectors, of the one that is there or of a new one.

    Raises
    ------
    LibraryError : there is no library.
    """
    default = text_for_training(Library(root))
    last = checkpoint_paths(root, encoder)["last"]
    if last.exists():
        try:
            default = Bundle.load(last).text_encoder
        except CheckpointError:  # whoever opens it to train is told
            return encoder
    return encoder if text == default else f"{encoder}@{text}"


def text_unasked(root: Path, name: str, *, resume: bool = False, tuned: bool = False) -> str:
    """The text vectors that a training takes where it is told none.

    Parameters
    ----------
    name : of the training.
    resume : whether it goes on, on the vectors that it was begun with.
    tuned : whether a text encoder is to be fine-tuned: then one alone, the first of several.

    Raises
    ------
    LibraryError : there is no library.
    """
    default, last = text_for_training(Library(root)), checkpoint_paths(root, name)["last"]
    if resume and last.exists():
        with suppress(CheckpointError):  # whoever opens it to train is told
            return Bundle.load(last).text_encoder
    return source_names(default)[0] if tuned else default


def require_no_fusion(root: Path, encoder: str, text: str) -> None:
    """Refuse names that are joined by a comma, as those of fusions are: one training's encoders are joined by +.

    Raises
    ------
    ConfigError : one of them is; the message has the name that was meant.
    """
    if "," in encoder:
        raise ConfigError(
            f"'{encoder}' names trainings to fuse; one training on several encoders is called "
            f"'{encoder.replace(',', '+')}'.",
            fix=command(f"fuse {encoder.replace(',', ' ')}", root),
        )
    if "," in text:
        raise ConfigError(
            f"'{text}' names no text encoder.", fix=f"Join the vectors of several by +: --text {text.replace(',', '+')}"
        )


def train_options(name: str, encoder: str, text: str, *, default_text: str) -> str:
    """The options of ``antiphon train`` that mean a training of this name on these vectors.

    Parameters
    ----------
    default_text : what its library's trainings take unasked.

    >>> train_options("muq@mpnet", "muq", "mpnet", default_text="minilm")
    '--encoder muq --text mpnet'
    """
    own = [] if name in (encoder, f"{encoder}@{text}") else ["--name", name]
    other = [] if text == default_text else ["--text", text]
    return shlex.join(["--encoder", encoder, *own, *other])
