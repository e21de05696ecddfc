"""Which file a name of a checkpoint means."""

from pathlib import Path

import pytest

from antiphon.align.checkpoint.paths import find_checkpoint
from antiphon.errors import CheckpointError


@pytest.mark.parametrize("name", ["checkpoints/muq_best_r1.pt", "muq_best_r1.pt", "muq_best_r1", "muq"])
def test_a_checkpoint_is_found_by_path_file_or_encoder(tmp_path: Path, name: str) -> None:
    path = tmp_path / "checkpoints" / "muq_best_r1.pt"
    path.parent.mkdir()
    path.touch()
    assert find_checkpoint(tmp_path, Path(name)) == path


def test_an_unknown_checkpoint_lists_what_there_is(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "mert_last.pt").touch()
    with pytest.raises(CheckpointError, match=r"No checkpoint 'muq'.*mert_last\.pt"):
        find_checkpoint(tmp_path, Path("muq"))
