from dataclasses import replace
from pathlib import Path

import pytest

from antiphon.align import recipes
from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.align.training.defaults import resolve_from_data
from antiphon.errors import ConfigError
from tests.helpers.libraries.made_vectors import make_library


def test_the_default_recipe_is_no_settings_at_all() -> None:
    assert recipes.names()[0] == "default"
    assert recipes.recipe("default") == TrainConfig()


@pytest.mark.parametrize("name", recipes.names())
def test_every_recipe_holds_at_any_size_and_trains(name: str, tmp_path: Path) -> None:
    settings = recipes.recipe(name)
    for n in (2, 300, 5000, 100_000):
        assert resolve_from_data(settings, n).batch_size is not None
    make_library(tmp_path)
    small = replace(settings, epochs=min(settings.epochs, 1), epoch_steps=1)
    assert len(train(tmp_path, "made", text="words", config=small).history) == 1


def test_a_name_or_a_file_will_do(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("epochs = 3\n")
    assert recipes.settings_from(path) == TrainConfig(epochs=3)
    assert recipes.settings_from("large").dim == 512


def test_what_is_neither_is_refused_with_the_names() -> None:
    with pytest.raises(ConfigError, match="neither a recipe nor a file called 'samll'") as caught:
        recipes.settings_from("samll")
    assert "small" in str(caught.value.fix)
    with pytest.raises(ConfigError, match="Unknown recipe 'samll'"):
        recipes.recipe("samll")
