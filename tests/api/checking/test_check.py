"""Every kind of file of a library, damaged one at a time: it is named, with a command, and nothing else is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from antiphon import cli
from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.api.checking.check import check
from antiphon.errors import LibraryError
from antiphon.evaluate.benchmark import evaluate
from antiphon.library.ingest import ingest
from antiphon.library.players.table import IdTable, save_ids
from antiphon.library.vectors.store import HEADER_BYTES, open_vectors
from antiphon.search.bundle.sealing import seal_checkpoint
from antiphon.search.indexes.build import build_index
from tests.helpers.libraries.made_vectors import add_phrases, make_library


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with everything: tables as ingest writes them, vectors, a training, its result, an index."""
    folder = tmp_path_factory.mktemp("check")
    library = make_library(folder / "lib", names=("one",), test=12)
    add_phrases(library, {"slow": 1.0, "sad": 2.0})
    captions = dict(zip(library.caption_column("track_id"), library.caption_column("text"), strict=True))
    splits = dict(zip(library.column("track_id"), library.column("split"), strict=True))
    lines = [f"{t},{text},{splits[t]},jazz" for t, text in captions.items()]
    (folder / "tracks.csv").write_text("\n".join(["id,caption,split,genre", *lines]))
    ingest(folder / "tracks.csv", folder / "lib")
    train(folder / "lib", "one", text="words", config=TrainConfig(epochs=1, dim=8))
    best = folder / "lib" / "checkpoints" / "one_best_r1.pt"
    evaluate(folder / "lib", best, baselines=False, resamples=20)
    build_index(folder / "lib", best)
    ensemble = folder / "lib" / "index" / "ensemble-0123456789ab"
    ensemble.mkdir()
    shutil.copy(best, ensemble / "one,two.pt")
    np.savez(folder / "lib" / "index" / "map.npz", points=np.zeros((4, 2), np.float32))
    (folder / "lib" / "index" / "once.json").write_text('{"there": {}, "gone": []}')
    (folder / "lib" / "judgements.jsonl").write_text("")
    save_ids(folder / "lib", IdTable(player="lms", tracks={"1": "t0"}))
    (folder / "lib" / "tags_before.jsonl").write_text('{"track_id": "a", "path": "a", "before": {}, "wrote": {}}\n' * 2)
    return folder / "lib"


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "lib"))


def test_a_whole_library_has_nothing_to_be_mended_and_is_left_as_it_is(root: Path) -> None:
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    shown: list[tuple[int, int]] = []
    found = check(root, lambda done, total: shown.append((done, total)))
    assert found.wrong == []
    assert shown[-1][0] in (shown[-1][1], shown[-1][1] - 1)
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before
    states = {one.path: one.state for one in found.files}
    sealed = ("tracks.parquet", "metadata.parquet", "embeddings/audio/one/vectors.npy", "checkpoints/one_last.pt")
    assert {states[name] for name in sealed} == {"sound"}
    assert states["library.json"] == states["runs/one/history.jsonl"] == "unsealed"
    assert {state for name, state in states.items() if name.startswith(("index/vectors", "index/hashes"))} == {"sound"}
    assert {state for name, state in states.items() if "tfevents" in name} == {"sound"}


def flip(path: Path, at: float = 0.6) -> None:
    """One bit of a file, as a disk loses it."""
    content = bytearray(path.read_bytes())
    content[int(len(content) * at)] ^= 4
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


DAMAGE: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "library.json": ("library.json", cut, "antiphon ingest"),
    "tracks": ("tracks.parquet", lambda p: flip(p, 0.1), "antiphon ingest"),
    "captions": ("captions.parquet", lambda p: flip(p, 0.1), "antiphon ingest"),
    "captions gone": ("captions.parquet", Path.unlink, "antiphon ingest"),
    "metadata": ("metadata.parquet", cut, "antiphon ingest"),
    "audit": ("audit.json", cut, "antiphon ingest"),
    "judgements": ("judgements.jsonl", lambda p: p.write_text("{}\n"), "this line"),
    "provenance": ("embeddings/audio/one/provenance.json", cut, "antiphon embed --encoder one"),
    "rows": ("embeddings/audio/one/rows.parquet", lambda p: flip(p, 0.1), "antiphon"),
    "vectors": ("embeddings/audio/one/vectors.npy", flip, "antiphon"),
    "vectors cut": ("embeddings/text/words/vectors.npy", cut, "antiphon"),
    "phrases": ("embeddings/text/words/phrases/vectors.npy", flip, "antiphon embed --text words --phrases"),
    "checkpoint": ("checkpoints/one_best_loss.pt", flip, "antiphon train --name one --overwrite"),
    "history": ("runs/one/history.jsonl", lambda p: p.write_text("x\ny\n"), "antiphon train"),
    "settings": ("runs/one/config.toml", lambda p: p.write_text("[[["), "antiphon train"),
    "result": ("runs/one/test_metrics.json", cut, "antiphon evaluate one"),
    "index": ("index/index.json", cut, "antiphon index"),
    "index vectors": ("index/vectors-*.npy", flip, "antiphon index"),
    "index tracks": ("index/tracks-*.arrow", flip, "antiphon index"),
    "ensemble": ("index/ensemble-*/*.pt", flip, "is made anew"),
    "map": ("index/map.npz", flip, "is made anew"),
    "captions that taught": ("index/once.json", cut, "is made anew"),
    "players' ids": ("players/lms.json", cut, "antiphon ids SOURCE --player lms"),
    "tags before": ("tags_before.jsonl", lambda p: p.write_text("x\n" + p.read_text()), "Restore it from a copy"),
    "curves": ("logs/tensorboard/one/*tfevents*", flip, "runs/ as numbers"),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_what_is_damaged_is_named_with_what_mends_it(root: Path, what: str) -> None:
    name, damage, fix = DAMAGE[what]
    path = min(root.glob(name))
    damage(path)
    wrong = check(root).wrong
    named = {one.path for one in wrong}
    assert path.relative_to(root).as_posix() in named or what == "index tracks"
    assert all(one.path.split("/")[0] == name.split("/")[0] for one in wrong), named
    assert fix in " ".join(one.fix for one in wrong)


def test_the_command_mends_what_it_names(root: Path) -> None:
    flip(root / "captions.parquet", 0.1)
    (wrong,) = check(root).wrong
    source = wrong.fix.split("antiphon ingest ")[1].split(" --library")[0]
    ingest(source, root)
    assert check(root).wrong == []


def test_tables_and_vectors_of_before_checksums_are_said_to_be_no_more_than_readable(root: Path) -> None:
    for name in ("tracks.parquet", "embeddings/audio/one/rows.parquet"):
        table = pq.read_table(root / name)
        table = table.drop_columns(["checksum"]) if "checksum" in table.column_names else table
        pq.write_table(table.replace_schema_metadata(None), root / name)
    found = {one.path: one for one in check(root).files}
    assert found["tracks.parquet"].state == "unsealed"
    numbers = found["embeddings/audio/one/vectors.npy"]
    assert numbers.state == "unsealed"
    assert "from before there were checksums" in numbers.said
    stored = np.memmap(root / "embeddings/audio/one/vectors.npy", np.float16, "r+", HEADER_BYTES)
    stored[5] = np.nan
    stored.flush()
    assert len(check(root).wrong) == 1, "what is no number is damaged whoever wrote it"
    assert open_vectors(root / "embeddings/audio/one").checksums == {}


def test_checksums_that_are_added_are_said_to_know_nothing_of_before_and_find_what_changes_after(root: Path) -> None:
    folder = root / "embeddings/audio/one"
    pq.write_table(pq.read_table(folder / "rows.parquet").drop_columns(["checksum"]), folder / "rows.parquet")
    name = "embeddings/audio/one/vectors.npy"
    before = {one.path: one for one in check(root).files}[name]
    assert "antiphon check --add-checksums" in before.said
    content = (folder / "vectors.npy").read_bytes()
    for _ in range(2):
        added = {one.path: one for one in check(root, add_checksums=True).files}[name]
        assert (added.state, added.said.count("checksums were added later")) == ("sound", 1)
    assert "of changes before that nothing is known" in {one.path: one for one in check(root).files}[name].said
    assert (folder / "vectors.npy").read_bytes() == content
    assert len(open_vectors(folder).checksums) == len(open_vectors(folder).ids)
    flip(folder / "vectors.npy")
    assert [one.path for one in check(root).wrong] == [name]


def test_nothing_damaged_gets_a_checksum(root: Path) -> None:
    folder = root / "embeddings/audio/one"
    table = pq.read_table(folder / "rows.parquet")
    sums = table["checksum"].to_pylist()
    sums[3:] = [""] * (len(sums) - 3)
    table = table.set_column(table.column_names.index("checksum"), "checksum", [sums])
    pq.write_table(table, folder / "rows.parquet")
    stored = np.memmap(folder / "vectors.npy", np.float16, "r+", HEADER_BYTES)
    stored[0] += 1
    stored.flush()
    assert len(check(root, add_checksums=True).wrong) == 1
    assert len(open_vectors(folder).checksums) == 3


@pytest.mark.parametrize(
    ("name", "key"),
    [("library.json", "format"), ("index/index.json", "format"), ("players/lms.json", "format")],
    ids=["library", "index", "players' ids"],
)
def test_what_a_later_version_wrote_is_not_called_damaged(root: Path, name: str, key: str) -> None:
    said = json.loads((root / name).read_text())
    (root / name).write_text(json.dumps({**said, key: 99}))
    wrong = {one.path: one for one in check(root).wrong}
    assert wrong[name].state == "newer"
    assert "later one" in wrong[name].fix


def test_the_command_ends_with_1_where_something_is_wrong(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.app(["check", "--library", str(root)], result_action="return_value")
    assert "✓ Nothing is damaged." in capsys.readouterr().out
    flip(root / "embeddings/audio/one/vectors.npy")
    with pytest.raises(SystemExit) as ended:
        cli.main(["check", "--json", str(root)])
    assert ended.value.code == 1
    told = json.loads(capsys.readouterr().out)
    assert not told["whole"]
    assert told["counts"]["damaged"] == 1


def test_a_sealed_bundle_is_checked_by_its_manifest(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    seal_checkpoint(root, root / "checkpoints" / "one_best_r1.pt", folder)
    assert check(folder).wrong == []
    flip(folder / "heads.safetensors")
    (wrong,) = check(folder).wrong
    assert "antiphon bundle" in wrong.fix


def test_what_is_no_library_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="no library, and no sealed bundle"):
        check(tmp_path)
