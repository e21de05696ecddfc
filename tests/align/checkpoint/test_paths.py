"""What a training may be called, and how its checkpoint is found."""

from pathlib import Path

import pytest

from antiphon.align.checkpoint.paths import find_checkpoint, require_name
from antiphon.errors import CheckpointError, ConfigError


@pytest.mark.parametrize("name", ["checkpoints/muq_best_r1.pt", "muq_best_r1.pt", "muq_best_r1", "muq"])
def test_a_checkpoint_is_found_by_path_file_or_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / "checkpoints" / "muq_best_r1.pt"
    path.parent.mkdir()
    path.touch()
    assert find_checkpoint(tmp_path, Path(name)) == path


def test_an_unknown_checkpoint_lists_what_there_is(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "mert_last.pt").touch()
    with pytest.raises(CheckpointError, match=r"No checkpoint 'muq'.*mert_last\.pt"):
        find_checkpoint(tmp_path, Path("muq"))


@pytest.mark.parametrize("name", ["muq", "muq+mert", "muq-2", "2nd.try_with-all", "x" * 100])
def test_a_name_of_letters_digits_and_four_signs_is_taken(name: str) -> None:
    require_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "..", "-x", ".hidden", "a/b", "a b", "a,b", "ä", "a\n", "x" * 101, "all", "last", "muq_last", "muq_best_r1"],
)
def test_a_name_that_a_path_a_command_or_a_fusion_could_mistake_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="training"):
        require_name(name)
