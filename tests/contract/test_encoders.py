"""One contract for every encoder that is registered: Antiphon's own and those of other packages alike."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from antiphon import registry
from antiphon.errors import EncoderError
from antiphon.registry import AudioEncoder, LoadOptions, TextEncoder
from tests.helpers.checkpoints.all_checkpoints import all_checkpoints
from tests.helpers.encoders.promises import (
    check_card,
    check_frames,
    check_text,
    check_vectors,
    check_weights_id,
    sounds,
    track_vector,
)

pytestmark = pytest.mark.usefixtures("one_thread")

AUDIO, TEXT = registry.names("audio"), registry.names("text")


@cache
def options_for(name: str) -> LoadOptions:
    """A tiny checkpoint where there is one; else the encoder's own weights, which must then be on this machine."""
    factory = all_checkpoints().get(name)
    if factory is None:
        return LoadOptions(device="cpu")
    folder = TemporaryDirectory(prefix=f"antiphon-{name}-")
    KEPT.append(folder)
    return LoadOptions(weights=str(factory(Path(folder.name) / name)), device="cpu")


KEPT: list[TemporaryDirectory[str]] = []


@cache
def loaded(name: str) -> AudioEncoder | TextEncoder:
    """Load an encoder without a network.

    Missing packages skip the test; missing weights fail it, so that a new model cannot pass by untested.
    """
    missing = registry.find(name).card.missing_packages()
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")
    with pytest.MonkeyPatch.context() as patch:
        from huggingface_hub import constants

        patch.setattr(constants, "HF_HUB_OFFLINE", True)
        try:
            return registry.load(name, options_for(name))
        except EncoderError as error:
            pytest.fail(
                f"'{name}' has no weights on this machine ({error.problem}) and no tiny checkpoint: "
                f"add one to tests/contract/checkpoints_NAME.py, dictionary CHECKPOINTS."
            )


@pytest.mark.parametrize("name", AUDIO)
class TestAudioEncoder:
    def test_the_card_is_whole(self, name):
        check_card(registry.find(name).card, "audio")

    def test_it_loads_with_its_own_card_and_weights(self, name):
        encoder = loaded(name)
        assert isinstance(encoder, AudioEncoder)
        check_card(encoder.card, "audio")
        check_weights_id(encoder)
        card = registry.find(name).card
        assert replace(encoder.card, layout=card.layout, parameters=card.parameters) == replace(card)

    @pytest.mark.parametrize("seconds", [1e-9, 0.05, 1.0], ids=["one sample", "50 ms", "1 s"])
    def test_frames(self, name, seconds):
        check_frames(loaded(name), seconds)

    def test_a_whole_window(self, name):
        encoder = loaded(name)
        chord = sounds(encoder.card.rate, encoder.card.window_s)["chord"]
        assert np.isfinite(encoder.frames(chord[None])).all()

    def test_track_vectors(self, name):
        check_vectors(loaded(name))

    def test_loading_again_gives_the_same_numbers(self, name):
        encoder = loaded(name)
        again = registry.load(name, options_for(name))
        chord = sounds(encoder.card.rate, 1.0)["chord"]
        assert again.weights_id == encoder.weights_id
        np.testing.assert_array_equal(track_vector(again, chord), track_vector(encoder, chord))


@pytest.mark.parametrize("name", TEXT)
class TestTextEncoder:
    def test_the_card_is_whole(self, name):
        check_card(registry.find(name).card, "text")

    def test_texts(self, name):
        encoder = loaded(name)
        assert isinstance(encoder, TextEncoder)
        check_card(encoder.card, "text")
        check_weights_id(encoder)
        check_text(encoder)


def test_no_plugin_of_this_package_is_broken():
    assert not [broken for broken in registry.scan()[1] if broken.source.startswith("antiphon.encoders")]


def test_every_tiny_checkpoint_belongs_to_an_encoder():
    assert set(all_checkpoints()) <= set(AUDIO + TEXT)


THIRD_PARTY = """
import numpy as np
from antiphon.layout import Layout
from antiphon.registry import EncoderCard
CARDS = (EncoderCard(name="loudness", kind="audio", summary="How loud it is", layout=Layout(1, 1, 3), rate=8000,
                     window_s=1.0, hop_s=1.0, pooling="mean-rsigma-diff"),)
class Loudness:
    weights_id = "none"
    def __init__(self, card, spoilt):
        self.card, self.spoilt = card, spoilt
    def frames(self, windows):
        level = np.abs(windows).mean(axis=1).astype(np.float32)
        return (level / level.max() if self.spoilt else level)[:, None, None]
def load(card, options):
    return Loudness(card, options.weights == "spoilt")
"""


@pytest.fixture
def third_party(tmp_path, monkeypatch):
    (tmp_path / "loudness_plugin.py").write_text(THIRD_PARTY)
    metadata = tmp_path / "loudness_plugin-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: loudness-plugin\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[antiphon.encoders]\nloudness = loudness_plugin\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    registry.scan.cache_clear()
    yield
    registry.scan.cache_clear()
    sys.modules.pop("loudness_plugin", None)


@pytest.mark.usefixtures("third_party")
def test_an_encoder_of_another_package_passes_the_same_checks():
    encoder = registry.load("loudness")
    check_card(encoder.card, "audio")
    check_weights_id(encoder)
    check_frames(encoder, 0.5)
    check_vectors(encoder)


@pytest.mark.usefixtures("third_party")
@pytest.mark.filterwarnings("ignore:invalid value")
def test_an_encoder_whose_windows_depend_on_their_company_is_caught():
    with pytest.raises(AssertionError, match="alone and in a batch"):
        check_frames(registry.load("loudness", LoadOptions(weights="spoilt")), 0.5)
