"""Encoders for tests of the engine, installed as a third party's package would be: through an entry point.

What they do with a file depends on its level, so that a test can ask for a crash, an error or a slow file.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from antiphon import registry

SOURCE = """
import os, signal, time
import numpy as np
from antiphon.layout import Layout
from antiphon.library.tag_strengths import TagMap
from antiphon.registry import EncoderCard

def card(name, **kw):
    return EncoderCard(name=name, kind="audio", summary="test", rate=8000, window_s=1.0, hop_s=1.0, tail="short",
                       pooling="mean-rsigma-diff", **{"layout": Layout(1, 2, 3), **kw})

CARDS = (card("fake-signal"), card("fake-other"),
         card("fake-model", parameters=7), card("fake-unloadable"),
         card("fake-deadly", parameters=7), card("fake-stillborn", parameters=7))
CRASH, RAISE, NAN, HUGE = 0.125, 0.25, 0.375, 0.4375
ONCE, ALWAYS = 0.28125, 0.3125

class Encoder:
    def __init__(self, card):
        self.card = card
        self.weights_id = "none" if card.parameters == 0 else "f" * 64
        self.batches = []
    def frames(self, windows):
        late = len(self.batches) >= int(os.environ.get("FAKE_QUICK", 1 << 30))
        time.sleep(1.0 if late else float(os.environ.get("FAKE_SLEEP", 0)))
        self.batches.append(windows.shape)
        level = np.median(windows, axis=1)
        if np.any(np.abs(level - CRASH) < 1e-3) and self.card.parameters == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        if np.any(np.abs(level - RAISE) < 1e-3):
            raise RuntimeError("cannot hear this\\nsecond line")
        frames = np.stack([windows.mean(axis=1), windows.std(axis=1)], axis=-1)[:, None, :].astype(np.float32)
        frames[np.abs(level - NAN) < 1e-3] = np.nan
        frames[np.abs(level - HUGE) < 1e-3] = 1e6
        return frames

class Deadly(Encoder):
    \"\"\"Dies with its whole process: at one level once, at the other always.\"\"\"
    def frames(self, windows):
        level = np.median(windows, axis=1)
        marker = os.path.join(os.path.dirname(__file__), "died")
        if np.any(np.abs(level - ALWAYS) < 1e-3):
            os.kill(os.getpid(), signal.SIGKILL)
        if np.any(np.abs(level - ONCE) < 1e-3) and not os.path.exists(marker):
            open(marker, "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().frames(windows)

def tag_map(card, options):
    if card.name.endswith("-model"):
        return TagMap(names=("t:loud", "t:low"), weight=np.eye(6, 2, dtype=np.float32), bias=np.ones(2, np.float32))

LOADED = []
def load(card, options):
    if card.name == "fake-stillborn":
        os.kill(os.getpid(), signal.SIGKILL)
    if card.name.endswith("-deadly"):
        return Deadly(card)
    if card.name == "fake-unloadable":
        raise OSError("its weights fell off")
    LOADED.append(Encoder(card))
    return LOADED[-1]
"""
CRASH, RAISE, NAN, HUGE = 0.125, 0.25, 0.375, 0.4375
ONCE, ALWAYS = 0.28125, 0.3125


def install(folder: Path, source: str = SOURCE, name: str = "antiphon_fake_plugin") -> None:
    """Lay out a module and the metadata that announces it, as pip would."""
    (folder / f"{name}.py").write_text(source)
    metadata = folder / f"{name}-1.0.dist-info"
    metadata.mkdir(exist_ok=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[antiphon.encoders]\n{name} = {name}\n")


@pytest.fixture
def fakes(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The fake encoders, registered here and, because workers take over sys.path, in worker processes."""
    folder = tmp_path_factory.mktemp("plugin")
    install(folder)
    monkeypatch.syspath_prepend(str(folder))
    registry.scan.cache_clear()
    yield folder
    registry.scan.cache_clear()
    sys.modules.pop("antiphon_fake_plugin", None)
