"""Which encoder the weights of a command line are for."""

from __future__ import annotations

import pytest

from antiphon.cli.arguments.weights import weights_by_encoder
from antiphon.errors import ConfigError
from antiphon.registry import LoadOptions


@pytest.mark.parametrize(
    ("given", "revision", "audio", "text", "found"),
    [
        ([], None, ["muq"], ["minilm"], {}),
        (["DIR"], None, ["mert"], ["minilm"], {"mert": "DIR"}),
        (["DIR"], None, ["muq"], ["muq-mulan"], {"muq": "DIR", "muq-mulan": "DIR"}),
        (["DIR"], "v1", [], ["some/model"], {"some/model": "DIR"}),
        ([], "v1", ["mert"], ["minilm"], {"mert": None}),
        (["mert=A", "latent=B"], None, ["mert", "latent", "timbre"], ["minilm"], {"mert": "A", "latent": "B"}),
        (["muq=A"], None, ["muq", "mert"], ["muq-mulan"], {"muq": "A", "muq-mulan": "A"}),
        (["muq=A", "muq-mulan=B"], None, ["muq"], ["muq-mulan"], {"muq": "A", "muq-mulan": "B"}),
        (["a=b/c"], None, ["mert"], ["minilm"], {"mert": "a=b/c"}),  # a folder may be called so
    ],
)
def test_weights_go_to_the_encoder_that_is_meant(given, revision, audio, text, found):
    assert weights_by_encoder(given, revision, audio, text) == found


@pytest.mark.parametrize(
    ("given", "revision", "message"),
    [
        (["DIR"], None, r"(?s)are for one encoder\..*--weights muq=DIR mert=DIR"),
        ([], "v1", "are for one encoder"),
        (["mert=A"], "v1", r"(?s)--revision.*NAME=ID@REVISION"),
        (["mert=A", "mert=B"], None, "'mert' has two weights: A and B"),
    ],
)
def test_what_could_be_for_several_is_refused(given, revision, message):
    with pytest.raises(ConfigError, match=message):
        weights_by_encoder(given, revision, ["muq", "mert"], ["minilm"])


def test_a_second_nameless_one_is_refused():
    with pytest.raises(ConfigError, match=r"(?s)'B' is for no encoder.*mert=B"):
        weights_by_encoder(["A", "B"], None, ["mert"], ["minilm"])


def test_options_of_an_encoder_are_its_own_or_the_common_ones():
    options = LoadOptions(weights="W", device="cpu", by_name=(("mert", ("A", "v1")),))
    assert options.of("mert") == LoadOptions(weights="A", revision="v1", device="cpu")
    assert options.of("muq") == LoadOptions(weights="W", device="cpu")
