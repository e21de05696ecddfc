"""The real trackio and wandb, installed into a folder of their own: one run a training, each epoch once, offline."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGES = {
    "trackio": "trackio==0.43.0 gradio-client>=2,<3 brotli httpx==0.28.1 httpcore==1.0.9 sniffio orjson pillow "
    "python-multipart starlette<2 uvicorn websockets anyio",
    "wandb": "wandb==0.31.0 distro cwevals googleapis-common-protos httpx==0.28.1 httpcore==1.0.9 sniffio "
    "opentelemetry-api opentelemetry-sdk opentelemetry-proto opentelemetry-semantic-conventions "
    "opentelemetry-exporter-http-transport opentelemetry-exporter-otlp-common "
    "opentelemetry-exporter-otlp-proto-common opentelemetry-exporter-otlp-proto-http",
}
TRAINED = """
import sys
from pathlib import Path
from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from tests.helpers.libraries.made_vectors import make_library
root, tracker = Path(sys.argv[1]), sys.argv[2]
make_library(root)
for epochs in (2, 4):
    config = TrainConfig(epochs=epochs, dim=8, hidden=8, epoch_steps=2, batch_size=16, patience=0, log_to=(tracker,))
    train(root, "made", text="words", config=config, resume=epochs == 4)
"""
TRACKIO = """
import json
import trackio
from trackio.sqlite_storage import SQLiteStorage
(run,) = trackio.Api().runs("lib")
rows = SQLiteStorage.get_logs("lib", "made")
print(json.dumps([run.name, run.config["lr"], [row["step"] for row in rows if "val/loss" in row], rows[-1]]))
"""
WANDB = """
import json, sys
from pathlib import Path
from wandb.proto.wandb_internal_pb2 import Record

def records(data, header=7, block=32768, frame=7):  # LevelDB's log: blocks of frames (checksum, length, type)
    at, whole = header, b""
    while at + frame <= len(data):
        if block - at % block < frame:  # padding
            at += block - at % block
            continue
        length, kind = int.from_bytes(data[at + 4 : at + 6], "little"), data[at + 6]
        whole += data[at + frame : at + frame + length]
        at += frame + length
        if kind in (1, 4):  # full, last
            yield Record.FromString(whole)
            whole = b""

(path,) = Path(sys.argv[1]).glob("logs/wandb/offline-run-*/*.wandb")
steps, summary = [], set()
for record in records(path.read_bytes()):
    keys = {"/".join(item.nested_key) or item.key for item in record.history.item}
    if "val/loss" in keys:
        steps.append(record.history.step.num)
    summary |= {"/".join(item.nested_key) or item.key for item in record.summary.update}
print(json.dumps([steps, sorted(summary)]))
"""


@pytest.fixture
def python(tmp_path: Path, request: pytest.FixtureRequest):
    """Runs code with the real package; keeps what was installed beside the tests' other temporary files."""
    tracker = request.param
    place = tmp_path / "packages"
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(place)]
    subprocess.run([*install, *PACKAGES[tracker].split()], check=True)
    here = Path(__file__).resolve().parents[5]
    paths = [str(here / "src"), str(here), str(place)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "TRACKIO_DIR": str(tmp_path / "trackio")}
    for name in ("WANDB_MODE", "WANDB_PROJECT", "TRACKIO_SPACE_ID", "TRACKIO_SERVER_URL"):
        environment.pop(name, None)

    def run(code: str) -> str:
        command = [sys.executable, "-c", code, str(tmp_path / "lib"), tracker]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    return run


@pytest.mark.slow
@pytest.mark.parametrize("python", ["trackio"], indirect=True)
def test_trackio_has_one_run_with_every_epoch_once_and_the_final_figures(python) -> None:
    assert python(TRAINED) == ""
    name, lr, steps, last = json.loads(python(TRACKIO))
    assert (name, lr, steps) == ("made", 0.003, [1, 2, 3, 4])
    assert 0 <= last["final/val_t2a_MRR"] <= 1


@pytest.mark.slow
@pytest.mark.parametrize("python", ["wandb"], indirect=True)
def test_wandb_writes_one_offline_run_with_every_epoch_once(python) -> None:
    assert python(TRAINED) == ""
    steps, summary = json.loads(python(WANDB))
    assert steps == [1, 2, 3, 4]
    assert {"val/t2a_MRR", "final/val_t2a_MRR"} <= set(summary)
