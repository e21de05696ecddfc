"""Every way that a library has, and why one that could be there is closed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from antiphon.encoders._shared.native import TEXT_SIDE
from antiphon.errors import AntiphonError, EncoderError
from antiphon.library.captions import KINDS, CaptionKind
from antiphon.library.pairs import open_embedding
from antiphon.library.tag_strengths import has_tags, read_sound_tags
from antiphon.library.tracks import Library
from antiphon.library.vectors.store import Vectors
from antiphon.registry import EncoderCard
from antiphon.search.zero_shot.ways.caption_texts import CaptionVectors, CaptionWords
from antiphon.search.zero_shot.ways.metadata_words import MetadataWords
from antiphon.search.zero_shot.ways.native_tower import NativeTower
from antiphon.search.zero_shot.ways.query_reader import DEFAULT, QueryReader
from antiphon.search.zero_shot.ways.sound_tags import SoundTags
from antiphon.search.zero_shot.ways.way import Way

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Ways:
    """What a library can answer with.

    Parameters
    ----------
    open : those that lead somewhere, best first.
    closed : why others do not, each a sentence with what opens it.
    readers : the text encoders that read queries for the open ones.
    """

    open: tuple[Way, ...]
    closed: tuple[str, ...]
    readers: tuple[EncoderCard, ...] = ()


def find_ways(library: Library) -> Ways:
    """Look for every way; one that fails closes no other."""
    reader = QueryReader()
    found: list[Way] = []
    closed: list[str] = []
    for make in _candidates(library, reader):
        try:
            way = make()
        except AntiphonError as error:
            closed.append(f"{error.problem}" + (f" To use it: {error.fix}" if error.fix else ""))
        else:
            if way.known.any():
                found.append(way)
    towers = (way.card for way in found if isinstance(way, NativeTower))
    return Ways(open=tuple(found), closed=tuple(dict.fromkeys(closed)), readers=(*reader.cards, *towers))


def _candidates(library: Library, reader: QueryReader) -> Iterator[Callable[[], Way]]:
    for encoder in library.embedded("audio"):
        if encoder in TEXT_SIDE:
            yield partial(NativeTower, library, encoder)
    for encoder in library.embedded("audio"):
        if has_tags(library.embedding_folder("audio", encoder)):
            yield partial(_tags, library, encoder, reader)
    kinds = set(library.caption_column("kind"))
    for kind in KINDS:
        if kind in kinds:
            yield partial(_captions, library, kind, reader)
    yield partial(MetadataWords, library)


def _tags(library: Library, encoder: str, reader: QueryReader) -> Way:
    """Tags by what they mean, where the default text encoder is on this machine."""
    tags = read_sound_tags(library.embedding_folder("audio", encoder))
    try:
        return SoundTags(library, tags, reader.load(DEFAULT))
    except EncoderError as error:
        LOG.warning("Tags are compared word by word: %s", error.problem)
        return SoundTags(library, tags, None)


def _captions(library: Library, kind: CaptionKind, reader: QueryReader) -> Way:
    """Captions by what they mean where a text encoder is here that read them, else by their words."""
    for words in _text_vectors(library):
        try:
            way = CaptionVectors(library, kind, words, reader)
        except AntiphonError as error:
            LOG.warning("%s are compared word by word: %s", kind, error.problem)
        else:
            if way.known.any():
                return way
    return CaptionWords(library, kind)


def _text_vectors(library: Library) -> Iterator[Vectors]:
    """Stored vectors of captions, the default text encoder's first; native towers read captions for their own space."""
    names = [name for name in library.embedded("text") if name not in TEXT_SIDE.values()]
    for name in sorted(names, key=lambda name: (name != DEFAULT, name)):
        yield open_embedding(library, "text", name)
