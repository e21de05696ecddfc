import dataclasses
import re
from pathlib import Path

import pytest

from antiphon.align.config import TrainConfig, config_from_dict, differing, load_config, to_toml
from antiphon.align.removed_settings import REMOVED
from antiphon.align.training.defaults import resolve_from_data
from antiphon.errors import ConfigError


def test_toml_written_and_read_back_is_the_same_config(tmp_path: Path) -> None:
    config = TrainConfig(epochs=7, lr=3e-4, text_head="linear", dropout=None, batch_size=64, log_to=("wandb",))
    path = tmp_path / "config.toml"
    path.write_text(to_toml(config))
    assert load_config(path) == config


def test_every_setting_is_documented_in_the_toml_with_its_range() -> None:
    text = to_toml(TrainConfig())
    for item in dataclasses.fields(TrainConfig):
        assert item.metadata["doc"] in text
        assert item.metadata["choices"] or item.metadata["low"] is not None or item.type in ("bool", "str")


def test_unknown_key_names_the_nearest_valid_one(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text("dropuot = 0.1\n")
    with pytest.raises(ConfigError, match=r"Unknown setting 'dropuot' in .*c\.toml.*Did you mean 'dropout'"):
        load_config(path)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"epochs": -1}, r"epochs is -1.*\n.*0 … 100000"),
        ({"epochs": 2.5}, "epochs has to be of type int, not 2.5"),
        ({"epochs": True}, "epochs has to be of type int"),
        ({"lr": "fast"}, "lr has to be of type float"),
        ({"lr": float("nan")}, "lr is nan, out of range"),
        ({"dropout": 0.99}, "dropout is 0.99"),
        ({"loss": "triplet"}, r"loss is 'triplet'.*\n.*infonce, siglip"),
        ({"temperature": 0.005}, r"temperature is 0.005.*\n.*0.01 … 0.5"),
        ({"epochs": 0, "closed_form": "none"}, "epochs = 0 means closed forms alone"),
        ({"epochs": 0, "audio_head": "identity"}, "epochs = 0 means closed forms alone"),
        ({"epochs": 0, "finetune_text": "lora"}, "starts from trained heads"),
        ({"log_to": "trackio"}, r"log_to has to be a list of names, not 'trackio'.*\n.*log_to = \[\"trackio\"\]"),
        ({"log_to": ["wandb", "mlflow"]}, r"log_to has 'mlflow'.*\n.*trackio, wandb"),
    ],
)
def test_a_bad_value_is_refused_with_what_is_allowed(values: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        config_from_dict(values)


@pytest.mark.parametrize("name", REMOVED)
def test_a_setting_that_has_left_is_refused_with_the_reason(name: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(f"In mine.toml: the setting '{name}' has left: ") + ".+"):
        config_from_dict({name: 1}, source="mine.toml")


def test_several_settings_that_have_left_are_named_at_once() -> None:
    with pytest.raises(ConfigError, match=r"In mine.toml: 2 settings have left.\n  ema: it .*\n  warmup: the learning"):
        config_from_dict({"ema": 0.9, "lr": 0.1, "warmup": 0.1}, source="mine.toml")


def test_whole_numbers_are_good_floats() -> None:
    assert config_from_dict({"weight_decay": 1}) == TrainConfig(weight_decay=1.0)


def test_a_file_that_is_no_toml_is_a_config_error(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    for text in ("epochs: 3", "epochs = " + "[" * 100_000):
        path.write_text(text)
        with pytest.raises(ConfigError, match="cannot be read as TOML"):
            load_config(path)
    with pytest.raises(ConfigError, match=r"nowhere\.toml cannot be read"):
        load_config(tmp_path / "nowhere.toml")


def test_small_sets_are_regularised_more_than_large_ones() -> None:
    small, large = resolve_from_data(TrainConfig(), 300), resolve_from_data(TrainConfig(), 50_000)
    assert small.batch_size == 300
    assert (small.temperature, large.temperature) == (0.2, 0.07)
    assert small.dropout is not None
    assert large.dropout is not None
    assert small.dropout > large.dropout
    assert small.weight_decay is not None
    assert large.weight_decay is not None
    assert small.weight_decay > large.weight_decay


def test_phrases_take_part_where_they_have_vectors_and_closed_forms_stand_beside_few_tracks() -> None:
    assert resolve_from_data(TrainConfig(), 300).caption_phrases == 0.0
    assert resolve_from_data(TrainConfig(), 2000, phrases=True).caption_phrases == 0.1
    assert resolve_from_data(TrainConfig(), 2001, phrases=True).caption_phrases == 0.0
    assert resolve_from_data(TrainConfig(closed_form="none"), 300, phrases=True).caption_phrases == 0.0
    assert resolve_from_data(TrainConfig(caption_phrases=0.3), 9999).caption_phrases == 0.3


def test_hubs_are_corrected_where_closed_forms_stand_beside_few_tracks() -> None:
    assert resolve_from_data(TrainConfig(), 2000).hubness == "always"
    assert resolve_from_data(TrainConfig(), 2001).hubness == "none"
    assert resolve_from_data(TrainConfig(closed_form="none"), 300).hubness == "none"
    assert resolve_from_data(TrainConfig(audio_head="identity"), 300).hubness == "none"
    assert resolve_from_data(TrainConfig(hubness="none"), 300).hubness == "none"


def test_what_goes_with_closed_forms_goes_where_they_go() -> None:
    few, alone = (resolve_from_data(TrainConfig(closed_form=form), 2000, phrases=True) for form in ("auto", "none"))
    assert (few.hubness, few.caption_phrases) == ("always", 0.1)
    assert (alone.hubness, alone.caption_phrases) == ("none", 0.0)


def test_what_is_set_is_not_chosen_again() -> None:
    assert resolve_from_data(TrainConfig(dropout=0.0, batch_size=7), 300).dropout == 0.0
    assert resolve_from_data(TrainConfig(dropout=0.0, batch_size=7), 300).batch_size == 7


def test_resolved_settings_stay_when_resolved_again() -> None:
    once = resolve_from_data(TrainConfig(), 4000)
    assert resolve_from_data(once, 99) == once
    assert None not in once.to_dict().values()


def test_differing_names_exactly_what_changed() -> None:
    assert differing(TrainConfig(), TrainConfig(lr=2e-3, seed=5)) == ["lr", "seed"]
