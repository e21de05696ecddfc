"""The commands bundle and embed-text, and index with a bundle: what they print, and what they refuse."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest

from antiphon.cli import app
from antiphon.errors import ConfigError
from tests.helpers.trained.light import make_trained_library


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_trained_library(tmp_path_factory.mktemp("bundles"))


def typed(*arguments: str | Path) -> None:
    app([str(argument) for argument in arguments], result_action="return_value")


def test_a_checkpoint_is_sealed_indexed_with_elsewhere_and_reads_texts(
    library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typed("bundle", "made", "-o", tmp_path / "sealed", "--library", library)
    said = capsys.readouterr()
    assert said.out.startswith(f"made_serving is sealed in {tmp_path / 'sealed'} (")
    assert "--without-examples leaves it out" in said.err
    other = Path(shutil.copytree(library, tmp_path / "other", ignore=shutil.ignore_patterns("checkpoints", "index")))
    typed("index", "--bundle", tmp_path / "sealed", "--library", other)
    assert "dimensions with sealed." in capsys.readouterr().out
    typed("search", "slow", "piano", "-k", "2", "--json", "--library", other)
    assert [hit["by"] for hit in json.loads(capsys.readouterr().out)] == ["made_serving"] * 2
    (tmp_path / "q.txt").write_text("slow piano\ndrums\n", encoding="utf-8")
    typed("embed-text", tmp_path / "q.txt", "-o", tmp_path / "v.npy", "--checkpoint", tmp_path / "sealed")
    np.testing.assert_allclose(np.linalg.norm(np.load(tmp_path / "v.npy"), axis=1), 1, atol=1e-5)
    assert "2 texts in" in capsys.readouterr().out


def test_an_index_that_a_plain_search_would_replace_is_told_with_the_search_that_takes_it(
    library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = Path(shutil.copytree(library, tmp_path / "own"))
    typed("bundle", "made", "-o", tmp_path / "sealed", "--library", own)
    typed("index", "--library", own)
    assert "names no checkpoint" not in capsys.readouterr().err
    typed("index", "--bundle", tmp_path / "sealed", "--library", own)
    said = capsys.readouterr().err
    assert "A search that names no checkpoint takes made_serving.pt, and puts its index in the place of this" in said
    vectors = json.loads((own / "index" / "index.json").read_text())["vectors"]
    [line] = [line for line in said.splitlines() if "names no checkpoint" in line]
    command = shlex.split(line.rpartition("To ask this one: ")[2].replace("WORDS", "slow piano"))
    typed(*command[1:], "--json")
    assert json.loads((own / "index" / "index.json").read_text())["vectors"] == vectors
    typed("search", "slow piano", "--library", own)
    assert json.loads((own / "index" / "index.json").read_text())["vectors"] != vectors


def test_json_says_what_was_sealed(library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    typed("bundle", "-o", tmp_path / "sealed", "--without-examples", "--json", "--library", library)
    said = json.loads(capsys.readouterr().out)
    assert said["folder"] == str(tmp_path / "sealed")
    assert said["holds"] == {"track_ids": 0, "landmarks": 0, "references": [0, 0]}
    assert set(said["lost"]) == {"whole", "without"}
    assert said["pushed_to"] is None


def test_what_cannot_be_meant_is_refused(library: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="A bundle is a folder of its own"):
        typed("bundle", "made", "--library", library)
    with pytest.raises(ConfigError, match="cannot both be"):
        typed("index", "made", "--bundle", tmp_path, "--library", library)
    with pytest.raises(ConfigError, match=r"as \.npy or \.parquet"):
        typed("embed-text", tmp_path / "q.txt", "-o", tmp_path / "v.csv", "--library", library)
