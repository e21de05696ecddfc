"""A library from which every track of a term was taken out, and what people then ask it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from antiphon.arrays import Float32, Index, unit_length
from antiphon.evaluate.typed.terms import Carried, terms_of
from antiphon.library.pairs import Pairs, join_pairs, open_embedding
from antiphon.library.tracks import Library
from antiphon.registry import TextEncoder
from antiphon.search.zero_shot.ways.query_reader import QueryReader

FORMS = ("{}", "music with {}", "I would like to hear {}")
"""How a term is asked for: as a word, and so that it is no caption that is known."""
LEAST, LARGEST = 5, 0.35
"""Tracks of a term that is taken out: at least so many, at most such a share."""
MOST = 40
"""Queries of a kind."""
PARTS = {"train": 0.6, "val": 0.2, "test": 0.2}


class Described:
    """Tracks that people described, with what they carry, and their text encoder.

    Parameters
    ----------
    root : the library.
    """

    def __init__(self, root: Path) -> None:
        library = Library(root)
        audio = "+".join(library.embedded("audio"))
        text = library.embedded("text")[0]
        vectors = (open_embedding(library, "audio", audio), open_embedding(library, "text", text))
        whole = join_pairs(library, *vectors, "all", names=(audio, text))
        self.pairs: Pairs = whole
        self.terms: Carried = terms_of(library, whole)
        self.groups = library.group_numbers(whole.track_ids)
        self.human = whole.kinds == "human"
        self._encoder: TextEncoder = QueryReader().load(vectors[1].provenance)
        self._read: dict[str, Float32] = {}

    def read(self, texts: Sequence[str]) -> Float32:
        """(n, d) unit length, as the text encoder reads them; each is read once."""
        new = [text for text in dict.fromkeys(texts) if text not in self._read]
        if new:
            self._read.update(zip(new, unit_length(np.asarray(self._encoder.encode(new), np.float32)), strict=True))
        return np.stack([self._read[text] for text in texts])

    def removable(self, most: int) -> list[str]:
        """Terms that some tracks carry, evenly by how many."""
        n = len(self.groups)
        found = sorted(
            (term for term, rows in self.terms.holders.items() if LEAST <= len(rows) <= LARGEST * n),
            key=lambda term: (len(self.terms.holders[term]), term),
        )
        return found[:: max(1, -(-len(found) // most))]


@dataclass(frozen=True, eq=False)
class Trial:
    """One term taken out.

    Parameters
    ----------
    of : whose.
    term : that no track carries any more.
    """

    of: Described
    term: str
    seed: int = 0

    @cached_property
    def gone(self) -> Index:
        """Tracks that carry the term, and their relatives."""
        groups = self.of.groups[list(self.of.terms.holders[self.term])]
        return np.flatnonzero(np.isin(self.of.groups, groups))

    @cached_property
    def parts(self) -> dict[str, Index]:
        """Tracks that are left, as train, val and test by group; people described train, and nobody the others."""
        left = np.setdiff1d(np.unique(self.of.groups), self.of.groups[self.gone])
        order = np.random.default_rng([self.seed, len(self.gone)]).permutation(left)
        ends = np.round(np.cumsum(list(PARTS.values())) * len(order)).astype(int)
        starts = [0, *ends[:-1]]
        return {
            name: np.flatnonzero(np.isin(self.of.groups, order[start:end]))
            for name, start, end in zip(PARTS, starts, ends, strict=True)
        }

    @cached_property
    def index(self) -> Index:
        """Tracks that are searched."""
        return np.sort(np.concatenate(list(self.parts.values())))

    def captions(self, tracks: Index) -> Index:
        """Captions by people of some tracks."""
        return np.flatnonzero(np.isin(self.of.pairs.track_of_caption, tracks) & self.of.human)

    def asked(self, part: str) -> list[str]:
        """What val or test can be asked: captions, and terms that its tracks carry."""
        rng = np.random.default_rng([self.seed, 1])
        texts = sorted({str(text) for text in self.of.pairs.texts[self.captions(self.parts[part])]})
        terms = sorted({term for track in self.parts[part] for term in self.of.terms.of_track[track]})
        some = [str(text) for text in rng.permutation(texts)[:MOST]]
        return some + _phrased([str(term) for term in rng.permutation(terms)[:MOST]])

    @cached_property
    def missing(self) -> list[str]:
        """What is asked for and gone: captions of the tracks that were taken out, and the term."""
        rng = np.random.default_rng([self.seed, 2])
        texts = sorted({str(text) for text in self.of.pairs.texts[self.captions(self.gone)]})
        return [str(text) for text in rng.permutation(texts)[:10]] + [form.format(self.term) for form in FORMS]


def _phrased(terms: Sequence[str]) -> list[str]:
    return [FORMS[number % len(FORMS)].format(term) for number, term in enumerate(terms)]
