"""Finds encoders: a file in ``antiphon/encoders``, or a Python entry point in the group ``antiphon.encoders``.

A plugin is a module with two names:

``CARDS``
    a tuple of :class:`EncoderCard`, readable without importing torch or any model library;
``load(card, options)``
    returns an :class:`AudioEncoder` or a :class:`TextEncoder`.

A plugin that fails to import is listed with its reason and hides no other. Two plugins of one name are an error.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import pkgutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import ModuleType
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from antiphon.errors import EncoderError
from antiphon.layout import Layout

ENTRY_POINT_GROUP = "antiphon.encoders"
BUILT_IN_PACKAGE = "antiphon.encoders"
Kind = Literal["audio", "text"]
TextPooling = Literal["mean", "cls", "last"]
"""How the vectors of a text's tokens become one: their mean, the first one, or the last one."""
Float32 = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class EncoderCard:
    """What can be known of an encoder before it is loaded.

    Parameters
    ----------
    name : how commands and folders call it, lower case.
    kind : ``"audio"`` or ``"text"``.
    summary : one line for ``antiphon encoders``.
    layout : how its vector is composed; ``layout.size`` numbers per track or caption.
    version : raised whenever the code changes the numbers it makes.
    licence : of the weights (of the code where there are none).
    non_commercial : whether that licence forbids commercial use.
    paper : citation or address of the source.
    rate : sample rate it hears at, Hz (audio only).
    window_s, hop_s : length and spacing of the windows it is given, seconds (audio only).
    tail : what happens to the end of a track that no whole window covers: ``"align"`` moves the last window back
        so that it ends with the track, ``"short"`` gives a shorter last window, ``"wrap"`` fills that one up from the
        start of the track (audio only).
    pooling : name of the pooling over frames, or ``"none"``; of a text model, what was stated where its own files
        say nothing.
    parameters : number of weights, 0 for a signal encoder.
    packages : modules that must be importable beyond Antiphon's own dependencies.
    extra : the ``pip install antiphon[extra]`` that brings them.
    hub_id, revision : default weights on the model hub, pinned to a commit where it is known.
    prompt : text put before every caption (text only).
    query_prompt : text put before what is searched for among captions; None for the same as before captions (text
        only).
    languages : ISO 639-1 codes of the languages that it was trained to read; empty where that is not known (text only).
    download_mb : what is fetched to have the weights, MB of 10⁶ bytes; 0 where that is not known.
    query_ms : milliseconds that reading one short query takes on one core of a server's processor, once the model is
        loaded; 0 where that was not measured (text only).
    """

    name: str
    kind: Kind
    summary: str
    layout: Layout
    version: str = "1"
    licence: str = "Apache-2.0"
    non_commercial: bool = False
    paper: str = ""
    rate: int | None = None
    window_s: float | None = None
    hop_s: float | None = None
    tail: Literal["align", "short", "wrap"] = "align"
    pooling: str = "none"
    parameters: int = 0
    packages: tuple[str, ...] = ()
    extra: str | None = None
    hub_id: str | None = None
    revision: str | None = None
    prompt: str = ""
    query_prompt: str | None = None
    languages: tuple[str, ...] = ()
    download_mb: int = 0
    query_ms: float = 0.0

    def missing_packages(self) -> list[str]:
        """Names of the modules in ``packages`` that are not installed (nothing is imported)."""
        return [name for name in self.packages if importlib.util.find_spec(name) is None]


@dataclass(frozen=True, kw_only=True)
class LoadOptions:
    """How to load an encoder.

    Parameters
    ----------
    weights : a local directory or a hub id (``id@revision`` pins it); None for the card's default.
    revision : commit, tag or branch on the hub; None for the card's default.
    device : torch device name, or ``"auto"``. Only :func:`antiphon.embed.embed_audio` takes several ("cuda:0,cuda:1").
    dtype : ``"float32"``, ``"bfloat16"`` or ``"auto"`` for the arithmetic inside the model.
    compile : whether to run the model through ``torch.compile``.
    fetch : whether the hub may be asked for what is not on this machine.
    pooling : of a sentence model whose files do not say it: ``"mean"``, ``"cls"`` or ``"last"``.
    by_name : encoder → (weights, revision), where several are loaded and some have their own.
    """

    weights: str | None = None
    revision: str | None = None
    device: str = "auto"
    dtype: str = "auto"
    compile: bool = False
    fetch: bool = True
    pooling: TextPooling | None = None
    by_name: tuple[tuple[str, tuple[str | None, str | None]], ...] = ()

    def of(self, name: str) -> LoadOptions:
        """The options of one encoder: with the weights and revision of its own, if it has any."""
        weights, revision = dict(self.by_name).get(name, (self.weights, self.revision))
        return replace(self, weights=weights, revision=revision, by_name=())


@runtime_checkable
class AudioEncoder(Protocol):
    """A frozen model that hears windows of sound. An attribute ``revision``, the hub's commit, may say more."""

    card: EncoderCard
    weights_id: str
    """sha256 of the weights, or ``"none"`` for a signal encoder."""

    def frames(self, windows: Float32) -> Float32:
        """Describe windows of equal length.

        Parameters
        ----------
        windows : (b, samples) float32, mono at ``card.rate`` Hz, within about ±1; at least one sample.

        Returns
        -------
        (b, n_frames, layers · dims) float32, finite, n_frames ≥ 1. A window's frames do not depend on the others
        in the batch. With ``card.pooling == "none"`` there is one frame, already the final vector.
        """
        ...


@runtime_checkable
class TextEncoder(Protocol):
    """A frozen model that reads captions.

    One that reads only so much of a text may say so: an attribute ``most_tokens``, and a method ``cut(texts)`` that
    gives for each whether it is longer. One that reads queries in another way than captions has a method
    ``encode_queries(texts)``, see :func:`encode_queries`.
    """

    card: EncoderCard
    weights_id: str

    def encode(self, texts: Sequence[str]) -> Float32:
        """(n, d) float32, finite; row i describes ``texts[i]`` and does not depend on the others."""
        ...


def encode_queries(encoder: TextEncoder, texts: Sequence[str]) -> Float32:
    """(n, d) float32: queries, to be compared with the vectors that :meth:`TextEncoder.encode` makes of captions."""
    own = getattr(encoder, "encode_queries", encoder.encode)
    vectors: Float32 = own(texts)
    return vectors


@dataclass(frozen=True)
class Plugin:
    """One encoder that was found: its card, where it came from, and the module that loads it."""

    card: EncoderCard
    source: str
    module: ModuleType = field(repr=False)


@dataclass(frozen=True)
class Broken:
    """A plugin module that could not be imported, and why."""

    source: str
    reason: str


def _modules() -> Iterator[tuple[str, Any]]:
    package = importlib.import_module(BUILT_IN_PACKAGE)
    for info in pkgutil.iter_modules(package.__path__):
        if not info.name.startswith("_"):
            path = f"{BUILT_IN_PACKAGE}.{info.name}"
            yield path, lambda path=path: importlib.import_module(path)
    for point in importlib.metadata.entry_points(group=ENTRY_POINT_GROUP):
        yield f"entry point {point.name} ({point.value})", point.load


@lru_cache(maxsize=1)
def scan() -> tuple[dict[str, Plugin], tuple[Broken, ...]]:
    """All encoders by name, and the plugins that did not import.

    Raises
    ------
    EncoderError : two plugins claim one name.
    """
    found: dict[str, Plugin] = {}
    broken: list[Broken] = []
    for source, load_module in _modules():
        try:
            module = load_module()
            cards = tuple(module.CARDS)
        except Exception as error:  # a third party's plugin may fail in any way; the others must stay usable
            broken.append(Broken(source, f"{type(error).__name__}: {error}"))
            continue
        for card in cards:
            if card.name in found:
                raise EncoderError(
                    f"Two plugins are called '{card.name}': {found[card.name].source} and {source}.",
                    fix="Uninstall one of the two packages, or rename its encoder.",
                )
            found[card.name] = Plugin(card, source, module)
    return dict(sorted(found.items())), tuple(broken)


def names(kind: Kind | None = None) -> list[str]:
    """Names of the available encoders, sorted."""
    return [name for name, plugin in scan()[0].items() if kind in (None, plugin.card.kind)]


def find(name: str, kind: Kind | None = None) -> Plugin:
    """The plugin of that name.

    Raises
    ------
    EncoderError : there is none, it is of the other kind, or its module did not import.
    """
    plugins, broken = scan()
    plugin = plugins.get(name)
    if plugin is None or (kind is not None and plugin.card.kind != kind):
        reasons = "".join(f"\n  {b.source} could not be imported: {b.reason}" for b in broken)
        what = f"{kind} encoder" if kind else "encoder"
        raise EncoderError(
            f"Unknown {what} '{name}'. Available: {', '.join(names(kind))}.{reasons}",
            fix="See what there is: antiphon encoders",
        )
    return plugin


def load(name: str, options: LoadOptions | None = None, *, kind: Kind | None = None) -> AudioEncoder | TextEncoder:
    """Load the encoder of that name.

    Raises
    ------
    EncoderError : unknown, or its packages or weights are missing.
    """
    plugin = find(name, kind)
    missing = plugin.card.missing_packages()
    if missing:
        install = (
            f"pip install 'antiphon[{plugin.card.extra}]'" if plugin.card.extra else f"pip install {' '.join(missing)}"
        )
        raise EncoderError(f"Encoder '{name}' needs {', '.join(missing)}.", fix=install)
    encoder: AudioEncoder | TextEncoder = plugin.module.load(plugin.card, options or LoadOptions())
    return encoder
