"""The text encoder of a name, or of stored vectors, without torch."""

from __future__ import annotations

import importlib.util

from antiphon.embed.joined_text import JoinedTextEncoder
from antiphon.embed.target import provenance_of
from antiphon.encoders import sentence, use_multilingual
from antiphon.encoders._sentence.packages import SHA256
from antiphon.errors import AntiphonError
from antiphon.library.vectors.provenance import Provenance
from antiphon.registry import LoadOptions, TextEncoder
from antiphon.search.light.opening import NEEDED
from antiphon.search.light.readers.known import KNOWN, difference_from
from antiphon.search.light.readers.prepared import prepare_reader, prepared_reader


def light_text_encoder(wanted: Provenance | str) -> TextEncoder | None:
    """What reads texts as an encoder does, number for number; None where that takes torch, or is not known yet.

    Whoever is given None loads the encoder itself, which says what is wrong where something is, and may have the next
    search prepared (:func:`antiphon.search.light.readers.prepared.prepare_reader`).

    Parameters
    ----------
    wanted : as for :func:`antiphon.embed.text.load_text_encoder`.
    """
    if isinstance(wanted, str):
        return _found(wanted, _published_id(wanted))
    if wanted.sources:
        sources = [light_text_encoder(source) for source in wanted.sources]
        there = [source for source in sources if source is not None]
        return JoinedTextEncoder(there) if len(there) == len(sources) else None
    found = None if wanted.origin == "imported" else _found(wanted.encoder, wanted.weights_id)
    if found is None or provenance_of(found.card, found, LoadOptions()).identity() != wanted.identity():
        return None
    return found


def _published_id(name: str) -> str:
    """sha256 of a registered encoder's weights; "" of one that has no reader by its name alone."""
    multilingual = use_multilingual.CARDS[0].name
    return {**SHA256, multilingual: use_multilingual.PACKAGE.files[use_multilingual.WEIGHTS]}.get(name, "")


def _found(name: str, weights_id: str) -> TextEncoder | None:
    try:
        if name == use_multilingual.CARDS[0].name:
            return use_multilingual.load(use_multilingual.CARDS[0], LoadOptions())
        if not weights_id or importlib.util.find_spec(NEEDED[0]) is None:
            return None
        return prepared_reader(name, weights_id) or _made(name, weights_id)
    except AntiphonError:  # it is not here, or not what it should be: whoever loads it says so
        return None


def _made(name: str, weights_id: str) -> TextEncoder | None:
    """A reader of published weights, whose numbers are known: it takes no torch to check it."""
    card = next((card for card in sentence.CARDS if card.name == name), None)
    known = card is not None and name in KNOWN and SHA256[name] == weights_id and sentence.weights_here(card)
    if card is None or not known or any(importlib.util.find_spec(package) is None for package in NEEDED):
        return None
    encoder = sentence.load(card, LoadOptions(fetch=False))
    return prepare_reader(encoder, lambda reader: difference_from(name, reader))
