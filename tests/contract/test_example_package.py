"""The example of a third party's package: found through its entry point, and bound by the same contract."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from antiphon import registry
from tests.helpers.encoders.promises import check_card, check_frames, check_vectors, check_weights_id

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "antiphon-loudness"


def lay_out(folder: Path) -> None:
    """What pip would do: the module, and the metadata that its pyproject.toml states."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    shutil.copy(EXAMPLE / "antiphon_loudness.py", folder)
    metadata = folder / f"antiphon_loudness-{project['version']}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    groups = [
        f"[{group}]\n" + "".join(f"{name} = {module}\n" for name, module in points.items())
        for group, points in project["entry-points"].items()
    ]
    (metadata / "entry_points.txt").write_text("\n".join(groups))


@pytest.fixture
def installed(tmp_path, monkeypatch):
    lay_out(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    registry.scan.cache_clear()
    yield
    registry.scan.cache_clear()
    sys.modules.pop("antiphon_loudness", None)


@pytest.mark.usefixtures("installed")
class TestTheExample:
    def test_is_found_beside_the_encoders_that_come_with_antiphon(self):
        assert {"loudness", "timbre"} <= set(registry.names("audio"))
        assert registry.find("loudness").source == "entry point loudness (antiphon_loudness)"

    def test_keeps_every_promise(self):
        encoder = registry.load("loudness")
        check_card(encoder.card, "audio")
        check_weights_id(encoder)
        for seconds in (1e-9, 0.05, 1.0):
            check_frames(encoder, seconds)
        check_vectors(encoder)

    def test_measures_what_it_says(self):
        encoder = registry.load("loudness")
        t = np.arange(8_000) / 8_000
        sine = (0.5 * np.sin(2 * np.pi * 1_000 * t)).astype(np.float32)[None]
        level, crest, brightness = encoder.frames(sine)[0].mean(axis=0)
        assert level == pytest.approx(np.log10(0.125), abs=1e-3)  # the power of half a sine
        assert crest == pytest.approx(np.log10(2), abs=1e-3)
        assert brightness == pytest.approx(np.sin(np.pi / 8) ** 2, abs=2e-3)  # |1 − e^{iω}|² / 4
        louder = encoder.frames(2 * sine)[0].mean(axis=0)
        assert louder[0] - level == pytest.approx(np.log10(4), abs=1e-3)


@pytest.mark.slow
def test_the_example_installed_by_pip_passes_the_whole_contract(tmp_path):
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    built = subprocess.run([*pip, "--target", str(tmp_path), str(EXAMPLE)], capture_output=True, text=True)
    if "hatchling" in built.stderr:
        pytest.skip("building the example needs hatchling: pip install hatchling")
    assert built.returncode == 0, built.stderr
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "-k", "loudness and not another_package",
         str(ROOT / "tests/contract/test_encoders.py")],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout
    assert "8 passed" in run.stdout, run.stdout
