"""Text sides that know exact words, and others that no encoder of the product gives; and sets read by them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from antiphon import registry
from antiphon.layout import Layout
from antiphon.library.pairs import open_embedding
from antiphon.library.phrases import caption_phrases
from antiphon.library.tracks import Library
from antiphon.registry import LoadOptions
from benchmarks.quality.__main__ import by_people, load
from benchmarks.quality.captioned import Captioned

WORD = re.compile(r"[^\W_]+(?:['’&][^\W_]+)*")
Numbers = Callable[[Sequence[str]], np.ndarray]


def words(text: str) -> list[str]:
    """Words in lower case."""
    return [found.replace("’", "'") for found in WORD.findall(text.lower())]


def words_and_tags(text: str) -> list[str]:
    """Different words, and tags of two to four words as a whole."""
    tags = [words(phrase) for phrase in caption_phrases(text) or [text]]
    whole = ("p:" + " ".join(tag) for tag in tags if 2 <= len(tag) <= 4)
    return list(dict.fromkeys([*(f"w:{word}" for word in words(text)), *whole]))


def pieces(text: str) -> list[str]:
    """Different stretches of three to five letters, ends of words marked."""
    marked = [f"<{word}>" for word in words(text)]
    found = (f"c:{each[i : i + n]}" for each in marked for n in (3, 4, 5) for i in range(max(1, len(each) - n + 1)))
    return list(dict.fromkeys(found))


def hashed(texts: Sequence[str], features: Callable[[str], Iterable[str]], size: int) -> np.ndarray:
    """(n, size): each feature is +1 or −1 at one place."""
    out = np.zeros((len(texts), size), np.float32)
    for row, text in zip(out, texts, strict=True):
        for number in map(_number, features(text)):
            row[number % size] += 1 if number >> 40 & 1 else -1
    return out


def projected(texts: Sequence[str], features: Callable[[str], Iterable[str]], size: int = 1024) -> np.ndarray:
    """(n, size) of unit length: the sum of the features' normal vectors."""
    direction = cache(lambda feature: np.random.default_rng(_number(feature)).standard_normal(size))
    out = np.array([np.sum([direction(each) for each in features(text)], axis=0) for text in texts])
    found: np.ndarray = (out / np.linalg.norm(out, axis=1, keepdims=True)).astype(np.float32)
    return found


def _number(feature: str) -> int:
    return int.from_bytes(hashlib.blake2b(feature.encode(), digest_size=8).digest(), "little")


def mean_of(texts: Sequence[str], parts: Callable[[str], list[str]]) -> np.ndarray:
    """(n, 384): the mean of MiniLM's vectors of a text's parts."""
    each = [parts(text) or [text] for text in texts]
    different = sorted({part for own in each for part in own})
    vector = dict(zip(different, _minilm().encode(different), strict=True))
    return np.array([np.mean([vector[part] for part in own], axis=0) for own in each])


def layer(texts: Sequence[str], number: int) -> np.ndarray:
    """(n, 384): the mean of MiniLM's states after a layer; 0 for its vectors of the tokens themselves."""
    model, found = _minilm(), []
    for text in texts:
        ids, mask = model.tunable().batch(model._ids([text]))
        with torch.inference_mode():
            if number == 0:
                found.append(model._model.embeddings.word_embeddings(ids)[0, 1:-1].mean(0).numpy())
            else:
                states = model._model(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
                found.append(states[number][0].mean(0).numpy())
    return np.array(found)


@cache
def _minilm() -> Any:
    return registry.load("minilm", LoadOptions(), kind="text")


SIDES: dict[str, Numbers] = {
    "words-1024": lambda texts: hashed(texts, words_and_tags, 1024),
    "words-4096": lambda texts: hashed(texts, words_and_tags, 4096),
    "words-projected": lambda texts: projected(texts, words_and_tags),
    "pieces": lambda texts: projected(texts, pieces),
    "mean-of-phrases": lambda texts: mean_of(texts, caption_phrases),
    "mean-of-words": lambda texts: mean_of(texts, words),
    "tokens": lambda texts: layer(texts, 0),
    "layer-1": lambda texts: layer(texts, 1),
    "layer-3": lambda texts: layer(texts, 3),
    "layer-5": lambda texts: layer(texts, 5),
}
"""Text sides that are made here; any other name is a text encoder that has read the library."""


def encoded(side: str, texts: Sequence[str]) -> np.ndarray:
    """(n, d) texts as a side, or as one text encoder, reads them."""
    made = SIDES[side](texts) if side in SIDES else registry.load(side, LoadOptions(), kind="text").encode(texts)
    found: np.ndarray = made
    return found


def with_side(data: Path, name: str, side: str) -> Captioned:
    """A set whose captions are read by a side, or by several joined with +."""
    different, place = np.unique(texts_of(data, name), return_inverse=True)
    parts, base = [], load(data, name)
    for each in side.split("+"):
        made = SIDES[each](different.tolist())[place] if each in SIDES else load(data, f"{name}@{each}").text
        parts.append(made.astype(np.float16))
    return replace(
        base,
        text=np.concatenate(parts, axis=1),
        text_layout=Layout.joined([Layout.flat(part.shape[1]) for part in parts]),
    )


def texts_of(data: Path, name: str) -> list[str]:
    """The captions of a set, in the order of its rows."""
    folder, _, encoder = name.partition(":")
    library = Library(data / folder)
    sound, minilm = open_embedding(library, "audio", encoder), open_embedding(library, "text", "minilm")
    ids = [track for track in library.column("track_id") if track in sound.row_of]
    return [text for _, _, text in by_people(library, ids, minilm.row_of)]
