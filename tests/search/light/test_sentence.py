"""The runtime of graphs: what it is told before it loads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from antiphon.errors import CheckpointError
from antiphon.registry import find
from antiphon.search.light.sentence import LightSentence, SentenceFiles

OPEN = """
import sys
from pathlib import Path
from antiphon.search.light.sentence import open_session
open_session(Path(sys.argv[1]))
"""


def test_onnxruntime_keeps_nothing_to_report(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    onnx = pytest.importorskip("onnx")
    kind = onnx.TensorProto.FLOAT
    values = [onnx.helper.make_tensor_value_info(name, kind, ["n"]) for name in ("given", "same")]
    node = onnx.helper.make_node("Identity", ["given"], ["same"])
    graph = onnx.helper.make_graph([node], "same", values[:1], values[1:])
    version = [onnx.helper.make_opsetid("", 17)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=version, ir_version=8), tmp_path / "same.onnx")
    (tmp_path / "home").mkdir()
    # Nothing but these: CI and the like silence it by themselves.
    alone = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    alone["HOME"] = str(tmp_path / "home")
    subprocess.run([sys.executable, "-c", OPEN, str(tmp_path / "same.onnx")], env=alone, check=True, timeout=120)
    assert list((tmp_path / "home").rglob("*")) == []


def test_a_tokenizer_that_was_cut_off_is_damage_and_no_bug(tmp_path: Path) -> None:
    pytest.importorskip("tokenizers")
    (tmp_path / "t.json").write_text('{"version": "1.0", "model": {')
    files = SentenceFiles(graph=tmp_path / "none.onnx", tokenizer=tmp_path / "t.json", longest=8)
    with pytest.raises(CheckpointError, match=r"t\.json cannot be read(.|\n)*antiphon index --anew"):
        LightSentence(find("minilm").card, "0", files).encode(["calm piano"])
