"""MuQ-MuLan: where its files come from, and which are refused."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from antiphon.encoders import muq
from antiphon.encoders._shared.weights import fetch, weights_here
from antiphon.errors import EncoderError
from antiphon.registry import LoadOptions, find
from tests.helpers.checkpoints.muq import CORPUS, MULAN, MUQ, ROBERTA, write_muq
from tests.helpers.checkpoints.muq_shapes import official_shapes, random_state
from tests.helpers.muq.sounds import load, sound

AUDIO, TEXT, _LAYERS = muq.CARDS
AUDIO_NAME, TEXT_NAME = MULAN["audio_model"]["name"], MULAN["text_model"]["name"]


def edit(path: Path, **changes: Any) -> None:
    data = json.loads(path.read_text())
    for key, value in changes.items():
        data[key] = {**data[key], **value} if isinstance(value, dict) else value
    path.write_text(json.dumps(data))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_muq(tmp_path_factory.mktemp("muq"))


class TestFiles:
    @pytest.mark.parametrize("card", [AUDIO, TEXT], ids=lambda card: card.name)
    def test_safetensors_and_torch_files_hold_the_same_model(self, tmp_path: Path, folder: Path, card: Any) -> None:
        safe = load(card, write_muq(tmp_path, safetensors=True))
        old = load(card, folder)
        run = (lambda side: side.frames(sound(1))) if card.kind == "audio" else (lambda side: side.encode(CORPUS))
        np.testing.assert_allclose(run(safe), run(old), atol=1e-6)  # weights lie elsewhere in memory: rounding
        assert safe.weights_id == hashlib.sha256((tmp_path / "model.safetensors").read_bytes()).hexdigest()

    def test_old_spellings_of_parts_that_are_not_used_do_not_matter(self, tmp_path: Path, folder: Path) -> None:
        write_muq(tmp_path)
        state = torch.load(tmp_path / "pytorch_model.bin", weights_only=True)
        old = "mulan.audio.model.model.conformer.pos_conv_embed.conv."
        state[f"{old}weight_g"] = state.pop(f"{old}parametrizations.weight.original0")
        state[f"{old}weight_v"] = state.pop(f"{old}parametrizations.weight.original1")
        state["mulan.text.model.embeddings.position_ids"] = torch.arange(66)[None]
        del state["mulan.audio.model.model.conformer.embed_positions.inv_freq"]
        torch.save(state, tmp_path / "pytorch_model.bin")
        np.testing.assert_array_equal(load(AUDIO, tmp_path).frames(sound(1)), load(AUDIO, folder).frames(sound(1)))
        np.testing.assert_array_equal(load(TEXT, tmp_path).encode(CORPUS), load(TEXT, folder).encode(CORPUS))

    @pytest.mark.parametrize(("card", "side"), [(AUDIO, "audio"), (TEXT, "text")], ids=["audio", "text"])
    def test_a_missing_weight_is_refused_by_the_side_that_needs_it(self, tmp_path: Path, card: Any, side: str) -> None:
        state = random_state(official_shapes(MULAN, MUQ, ROBERTA))
        name = f"mulan.{side}.transformer.layers.0.0.to_q.weight"
        del state[name]
        torch.save(state, write_muq(tmp_path) / "pytorch_model.bin")
        with pytest.raises(EncoderError, match=r"(?s)does not fit the config.json.*layers.0.0.to_q.weight"):
            load(card, tmp_path)
        load(*((TEXT if card is AUDIO else AUDIO), tmp_path))

    def test_weights_that_nobody_knows_are_refused(self, tmp_path: Path) -> None:
        state = random_state(official_shapes(MULAN, MUQ, ROBERTA)) | {"mulan.surprise": torch.zeros(1)}
        torch.save(state, write_muq(tmp_path) / "pytorch_model.bin")
        with pytest.raises(EncoderError, match=r"1 weights that are no part of a MuQ-MuLan, such as mulan\.surprise"):
            load(AUDIO, tmp_path)

    def test_a_file_that_would_run_code_is_refused(self, tmp_path: Path) -> None:
        class Trap:
            def __reduce__(self) -> tuple[Any, ...]:
                return (print, ("this must never run",))

        torch.save({"weights": Trap()}, write_muq(tmp_path) / "pytorch_model.bin")
        with pytest.raises(EncoderError, match="cannot be read as weights"):
            load(AUDIO, tmp_path)

    @pytest.mark.parametrize("missing", ["config.json", "pytorch_model.bin"])
    def test_an_incomplete_folder_says_what_is_missing(self, tmp_path: Path, missing: str) -> None:
        (write_muq(tmp_path) / missing).unlink()
        with pytest.raises(EncoderError, match=missing):
            load(AUDIO, tmp_path)

    @pytest.mark.parametrize(
        ("card", "name", "missing"),
        [(AUDIO, AUDIO_NAME, "config.json"), (TEXT, TEXT_NAME, "config.json"), (TEXT, TEXT_NAME, "tokenizer.json")],
    )
    def test_missing_small_files_name_the_command_that_brings_them(
        self, tmp_path: Path, card: Any, name: str, missing: str
    ) -> None:
        (write_muq(tmp_path) / name / missing).unlink()
        with pytest.raises(
            EncoderError, match=rf"(?s)lacks {missing}.*hf download {name} .*--local-dir {tmp_path}/{name}"
        ):
            load(card, tmp_path)

    @pytest.mark.parametrize("file", ["config.json", f"{AUDIO_NAME}/config.json", f"{TEXT_NAME}/tokenizer.json"])
    def test_damaged_files_are_named(self, tmp_path: Path, file: str) -> None:
        (write_muq(tmp_path) / file).write_text("{")
        with pytest.raises(EncoderError, match=f"{file} cannot be read"):
            load(TEXT if TEXT_NAME in file else AUDIO, tmp_path)


class TestHub:
    @pytest.fixture
    def alone(self, tmp_path: Path) -> Path:
        """A checkpoint whose named models lie elsewhere."""
        write_muq(tmp_path / "here")
        (tmp_path / "here" / "OpenMuQ").rename(tmp_path / "OpenMuQ")
        (tmp_path / "here" / TEXT_NAME).rename(tmp_path / TEXT_NAME)
        return tmp_path / "here"

    def test_named_models_come_from_the_cache(self, alone: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        import huggingface_hub

        asked = []

        def cache(name: str, **settings: Any) -> str:
            asked.append((name, settings["local_files_only"]))
            return str(alone.parent / name)

        monkeypatch.setattr(huggingface_hub, "snapshot_download", cache)
        np.testing.assert_array_equal(load(TEXT, alone).encode(CORPUS), load(TEXT, folder).encode(CORPUS))
        np.testing.assert_array_equal(load(AUDIO, alone).frames(sound(1)), load(AUDIO, folder).frames(sound(1)))
        assert asked == [(TEXT_NAME, True), (AUDIO_NAME, True)]

    def test_a_cache_that_lacks_a_file_is_completed_from_the_hub(
        self, alone: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import huggingface_hub

        def hub(name: str, *, local_files_only: bool, allow_patterns: list[str]) -> str:
            assert allow_patterns == ["config.json", "tokenizer.json"]
            if local_files_only:
                (alone.parent / "cache").mkdir()
                return str(alone.parent / "cache")
            return str(alone.parent / name)

        monkeypatch.setattr(huggingface_hub, "snapshot_download", hub)
        assert load(TEXT, alone).encode(["slow"]).shape == (1, 20)

    @pytest.mark.parametrize(("card", "name"), [(AUDIO, AUDIO_NAME), (TEXT, TEXT_NAME)], ids=["audio", "text"])
    def test_without_a_network_the_error_says_what_goes_where(
        self, alone: Path, card: Any, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import huggingface_hub

        def no_network(*_: Any, **__: Any) -> str:
            raise OSError("no network")

        monkeypatch.setattr(huggingface_hub, "snapshot_download", no_network)
        with pytest.raises(
            EncoderError, match=rf"(?s)no network.*hf download {name} config.json.*--local-dir {alone}/{name}"
        ):
            load(card, alone)
        with pytest.raises(EncoderError, match=r"hf download OpenMuQ/MuQ-MuLan-large"):
            muq.load(card, LoadOptions(device="cpu"))

    @pytest.mark.parametrize(("card", "name"), [(AUDIO, AUDIO_NAME), (TEXT, TEXT_NAME)], ids=["audio", "text"])
    def test_what_a_checkpoint_or_library_names_is_not_fetched(
        self, alone: Path, card: Any, name: str, hub: list[tuple[str, bool]]
    ) -> None:
        with pytest.raises(EncoderError, match=rf"(?s)names the model {name}.*If you trust .*hf download {name}"):
            load(card, alone, fetch=False)
        assert hub == [(name, True)]

    def test_a_model_that_the_published_one_does_not_name_is_not_fetched(
        self, alone: Path, hub: list[tuple[str, bool]]
    ) -> None:
        edit(alone / "config.json", text_model={"name": "stranger/xlm-roberta-base"})
        with pytest.raises(EncoderError, match=r"names the model stranger/xlm-roberta-base.*Nothing is fetched"):
            load(TEXT, alone)
        assert hub == [("stranger/xlm-roberta-base", True)]

    @pytest.fixture
    def hub(self, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
        """What the client is asked for, and whether for the cache alone; it has nothing."""
        import huggingface_hub

        asked: list[tuple[str, bool]] = []

        def empty(name: str, *, local_files_only: bool, **_: Any) -> str:
            asked.append((name, local_files_only))
            raise OSError("not here")

        monkeypatch.setattr(huggingface_hub, "snapshot_download", empty)
        return asked

    @pytest.mark.parametrize("card", [AUDIO, TEXT], ids=lambda card: card.name)
    def test_fetching_an_encoder_brings_the_small_files_too(
        self, alone: Path, card: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import huggingface_hub

        fetched: set[str] = set()

        def hub(name: str, *, local_files_only: bool = False, **_: Any) -> str:
            if not local_files_only:
                fetched.add(name)
            if name not in fetched:
                raise OSError("not in the cache")
            return str(alone if name == card.hub_id else alone.parent / name)

        monkeypatch.setattr(huggingface_hub, "snapshot_download", hub)
        plugin = find(card.name)
        assert not weights_here(plugin)
        fetched.add(card.hub_id)
        assert not weights_here(plugin)
        assert fetch(plugin) == alone
        assert fetched == {card.hub_id, TEXT_NAME if card.kind == "text" else AUDIO_NAME}
        assert weights_here(plugin)


REFUSED = [
    ("", {"mulan": {"norm_type": "layernorm"}}, "norm_type is 'layernorm'; only 'l2norm'"),
    ("", {"mulan": {"proj_to_latent": False}}, "proj_to_latent"),
    ("", {"mulan": {"sr": 16_000}}, "sr is 16000; only 24000"),
    ("", {"mulan": {"clip_secs": 5}}, "clip_secs is 5; only 10"),
    ("", {"audio_model": {"name": "m-a-p/MERT-v1-330M"}}, "MERT-v1-330M'; only a MuQ"),
    ("", {"audio_model": {"use_layer_idx": 9}}, "use_layer_idx is 9, but the model has 3 layers"),
    ("", {"mulan": None}, "no section 'mulan'"),
    (AUDIO_NAME, {"is_flash": True}, "is_flash is True"),
    (AUDIO_NAME, {"hop_length": 320}, "hop_length is 320"),
    (AUDIO_NAME, {"features": ["cqt"]}, "features"),
    (AUDIO_NAME, {"label_rate": 75}, "label_rate is 75; only 25 and 50"),
    (AUDIO_NAME, {"stat": None}, "no section 'stat'"),
    (AUDIO_NAME, {"encoder_depth": 4}, "does not fit the config.json files"),
]


@pytest.mark.parametrize(("where", "changes", "message"), REFUSED, ids=[message for *_, message in REFUSED])
def test_variants_that_would_give_other_numbers_are_refused(
    tmp_path: Path, where: str, changes: dict[str, Any], message: str
) -> None:
    edit(write_muq(tmp_path) / where / "config.json", **changes)
    with pytest.raises(EncoderError, match=message):
        load(AUDIO, tmp_path)


def test_another_text_model_is_refused(tmp_path: Path) -> None:
    edit(write_muq(tmp_path) / "config.json", text_model={"name": "Qwen/Qwen2-0.5B"})
    with pytest.raises(EncoderError, match=r"Qwen2-0.5B'; only XLM-RoBERTa"):
        load(TEXT, tmp_path)


def test_statistics_that_are_missing_are_named(tmp_path: Path) -> None:
    path = write_muq(tmp_path) / AUDIO_NAME / "config.json"
    path.write_text(json.dumps({**MUQ, "stat": {"melspec_2048_mean": 6.8}}))
    with pytest.raises(EncoderError, match=r"lacks melspec_2048_std\."):
        load(AUDIO, tmp_path)
