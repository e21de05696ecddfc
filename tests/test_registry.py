"""Finding encoders: plugins side by side, broken ones among them."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from antiphon import registry
from antiphon.encoders._shared.weights import weights_here
from antiphon.errors import EncoderError
from antiphon.layout import Layout
from antiphon.registry import EncoderCard


def card(name: str, kind: str = "audio", **more) -> EncoderCard:
    return EncoderCard(name=name, kind=kind, summary="test", layout=Layout(1, 2, 1), **more)


def plugin(*cards: EncoderCard) -> ModuleType:
    module = ModuleType("plugin")
    module.CARDS = cards
    module.load = lambda card, options: (card, options)
    return module


@pytest.fixture
def installed(monkeypatch):
    """Pretend that packages are installed: entry point name → module, or the exception its import raises."""

    class Point:
        def __init__(self, name, content):
            self.name, self.value, self._content = name, f"{name}_package", content

        def load(self):
            if isinstance(self._content, Exception):
                raise self._content
            return self._content

    def install(**points):
        found = [Point(name, content) for name, content in points.items()]

        def entry_points(*, group):
            return found if group == registry.ENTRY_POINT_GROUP else []

        monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)
        registry.scan.cache_clear()

    yield install
    registry.scan.cache_clear()


def test_the_offline_encoders_are_there():
    assert {"timbre", "harmony", "rhythm"} <= set(registry.names("audio"))
    assert "minilm" in registry.names("text")
    assert set(registry.names()) == set(registry.names("audio")) | set(registry.names("text"))


def test_names_are_sorted_and_cards_agree_with_them():
    assert registry.names() == sorted(registry.names())
    for name, found in registry.scan()[0].items():
        assert found.card.name == name


def test_an_entry_point_adds_its_encoders(installed):
    installed(mine=plugin(card("mine"), card("mine-text", "text")))
    assert "mine" in registry.names("audio")
    assert "mine-text" in registry.names("text")
    found = registry.find("mine")
    assert found.source == "entry point mine (mine_package)"
    loaded_card, options = registry.load("mine", registry.LoadOptions(device="cpu"))
    assert (loaded_card, options.device) == (found.card, "cpu")


def test_a_broken_plugin_hides_no_other_and_its_reason_is_kept(installed):
    installed(broken=ImportError("no module named flux"), good=plugin(card("good")))
    assert {"good", "timbre"} <= set(registry.names())
    (broken,) = [b for b in registry.scan()[1] if "broken" in b.source]
    assert broken.reason == "ImportError: no module named flux"


def test_a_plugin_without_cards_is_broken_too(installed):
    installed(empty=ModuleType("empty"))
    assert any("CARDS" in broken.reason for broken in registry.scan()[1])


def test_an_unknown_name_lists_what_there_is_and_what_is_broken(installed):
    installed(broken=ValueError("bad plugin"))
    with pytest.raises(EncoderError, match=r"Unknown encoder 'muqq'\. Available: .*harmony.*timbre") as caught:
        registry.find("muqq")
    assert "bad plugin" in caught.value.problem
    assert caught.value.fix == "See what there is: antiphon encoders"


def test_an_encoder_of_the_other_kind_is_not_found():
    with pytest.raises(EncoderError, match="Unknown text encoder 'timbre'"):
        registry.find("timbre", "text")


def test_two_plugins_of_one_name_are_an_error_that_names_both(installed):
    installed(first=plugin(card("twin")), second=plugin(card("twin")))
    with pytest.raises(EncoderError, match=r"called 'twin': entry point first .* and entry point second"):
        registry.scan()


def test_a_third_party_cannot_replace_a_built_in_encoder(installed):
    installed(mine=plugin(card("timbre")))
    with pytest.raises(EncoderError, match=r"'timbre': antiphon\.encoders\.timbre and entry point mine"):
        registry.names()


@pytest.mark.parametrize(
    ("extra", "command"), [(None, "pip install not_there_at_all"), ("latent", "pip install 'antiphon[latent]'")]
)
def test_missing_packages_name_the_command_that_brings_them(installed, extra, command):
    installed(mine=plugin(card("mine", packages=("not_there_at_all", "json"), extra=extra)))
    with pytest.raises(EncoderError, match="'mine' needs not_there_at_all") as caught:
        registry.load("mine")
    assert caught.value.fix == command


def test_cards_are_readable_without_importing_any_model_library():
    program = (
        "import sys; from antiphon import registry; cards = registry.scan(); assert cards[0], cards[1];"
        "print([m for m in ('torch', 'transformers', 'librosa', 'sentence_transformers', 'music2latent', 'scipy') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_weights_are_here_when_there_are_none_or_when_the_plugin_says_so() -> None:
    plugins = registry.scan()[0]
    assert weights_here(plugins["timbre"])
    own = ModuleType("own")
    own.weights_here = lambda card: card.name == "mert"  # type: ignore[attr-defined]
    assert weights_here(replace(plugins["mert"], module=own))
    assert not weights_here(replace(plugins["muq"], module=own))


def test_weights_of_the_hub_are_looked_for_in_its_cache_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = []

    def snapshot_download(name: str, **options: object) -> str:
        asked.append((name, options["local_files_only"]))
        if not (tmp_path / "model.safetensors").exists():
            raise FileNotFoundError(name)
        return str(tmp_path)

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
    mert = registry.scan()[0]["mert"]
    assert not weights_here(mert)
    (tmp_path / "model.safetensors").touch()
    assert weights_here(mert)
    assert asked == [("m-a-p/MERT-v1-330M", True)] * 2
