"""A folder of sound files, no captions, no checkpoint: whatever is printed as the next command leads on."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from antiphon.cli import app
from antiphon.errors import AntiphonError
from antiphon.library.next_step import next_step
from antiphon.library.tracks import Library
from tests.helpers.libraries.sounds import write

RATE = 8_000
TOO_EARLY = ("train", "evaluate timbre", "compare", "diagnose", "index", "fuse timbre rhythm")
NEXT = re.compile(r"^Next: antiphon (.+?)(?:   \(.*)?$", re.MULTILINE)


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixteen pieces of noise and tone, no two alike, in folders of artists."""
    folder, rng = tmp_path_factory.mktemp("owner") / "Music", np.random.default_rng(0)
    t = np.arange(RATE) / RATE
    for number in range(16):
        beat = 0.6 + 0.4 * np.sign(np.sin(2 * np.pi * rng.uniform(0.5, 4) * t))
        tone = np.sin(2 * np.pi * rng.uniform(80, 1500) * t)
        place = folder / f"Artist {number % 10}" / "First Light" / f"{number:02d} Evening {number}.wav"
        place.parent.mkdir(parents=True, exist_ok=True)
        sound = rng.uniform(0.1, 0.8) * beat * tone + rng.uniform(0, 0.2) * rng.standard_normal(len(t))
        write(place, np.clip(sound, -1, 1), RATE)
    return folder


def run(words: str, capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    app(shlex.split(words), result_action="return_value")
    return capsys.readouterr()


def test_every_command_that_is_named_next_leads_on_to_a_trained_search(
    music: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTIPHON_CACHE", str(music.parent / "cache"))
    monkeypatch.chdir(music.parent)
    step, done = "ingest Music --library lib", list[str]()
    while step:
        assert step not in done, "sent in a circle"
        out, err = run(f"{step} --config fast --quiet" if step.startswith("train") else step, capsys)
        done.append(step)
        if step.startswith("train"):
            break
        found = NEXT.findall(out + err)
        assert len(found) == 1
        step = found[0]
        for early in TOO_EARLY if step != "train --library lib" else ():
            with pytest.raises(AntiphonError) as told:
                run(f"{early} --library lib", capsys)
            assert next_step(Library("lib")) == f"antiphon {step}"
            assert str(told.value.fix).split()[:2] == ["antiphon", step.split()[0]], early
        out, err = run('search "evening 7" --library lib --json', capsys)
        assert json.loads(out)[0]["title"] or json.loads(out)[0]["track_id"]
        assert f"Next: antiphon {step}" in err
    assert [words.split()[0] for words in done] == ["ingest", "embed", "train"]
    out, _ = run('search "slow and quiet" --library lib --json', capsys)
    assert json.loads(out)[0]["by"].endswith("_serving")
