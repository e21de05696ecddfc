"""Groups that are merged by what vectors show, and parted again when the evidence goes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from antiphon.library.captions import write_made_table
from antiphon.library.ingest import ingest
from antiphon.library.leakage.duplicates import find_duplicates_in
from antiphon.library.leakage.groups import Join, read_audit
from antiphon.library.leakage.regrouping import joins_of_audit, joins_with_vectors, regroup
from antiphon.library.tracks import Library
from antiphon.library.vectors.imports import import_embeddings
from tests.helpers.libraries.plain import plain_library


def join(a: str, b: str, reason: str = "near-identical audio") -> Join:
    return Join(a=a, b=b, reason=reason, evidence="cosine 0.999")


def library(root: Path, splits: dict[str, str]) -> Library:
    return plain_library(root, splits, captions={track: [track] for track in splits}, seed=0)


def test_merged_groups_go_to_the_earliest_split_and_it_is_told(tmp_path: Path) -> None:
    opened = library(tmp_path, {"a": "test", "b": "train", "c": "val", "d": "test"})
    done = regroup(opened, [join("a", "b"), join("a", "zzz")])
    again = Library(tmp_path)
    assert again.column("split").tolist() == ["train", "train", "val", "test"]
    assert again.column("group").tolist() == ["track:a", "track:a", "track:c", "track:d"]
    text = "\n".join(done.lines())
    assert "a: test → train" in text
    assert "near-identical audio" in text
    assert "train again" in text
    audit = json.loads((tmp_path / "audit.json").read_text())
    assert audit["splits"]["train"] == {"tracks": 2, "captions": 2, "asking": 2, "groups": 1}
    assert audit["regrouped"]["changes"][0]["moved"] == {"a": "test"}
    assert joins_of_audit(read_audit(tmp_path)) == [join("a", "b")]


def test_captions_that_antiphon_made_are_counted_with_none_of_the_manifests(tmp_path: Path) -> None:
    """The audit's counts agree with one another before and after; made captions stand in a file of their own."""
    opened = library(tmp_path, {"a": "test", "b": "train", "c": "val"})
    made = pa.table({"caption_id": ["a#tags0"], "track_id": ["a"], "text": ["calm piano"], "kind": ["tags"]})
    write_made_table(tmp_path, made)
    assert len(Library(tmp_path).caption_column("text")) == 4
    regroup(Library(opened.root), [join("a", "b")])
    counts = json.loads((tmp_path / "audit.json").read_text())["splits"]
    assert {split: each["captions"] for split, each in counts.items()} == {"train": 2, "val": 1, "test": 0}
    assert {split: each["asking"] for split, each in counts.items()} == {"train": 2, "val": 1, "test": 0}


def test_regrouping_twice_changes_nothing(tmp_path: Path) -> None:
    library(tmp_path, {"a": "test", "b": "train", "c": "val"})
    regroup(Library(tmp_path), [join("a", "b")])
    before = (tmp_path / "tracks.parquet").read_bytes(), (tmp_path / "audit.json").read_bytes()
    done = regroup(Library(tmp_path), [join("a", "b")])
    assert done.lines() == []
    assert ((tmp_path / "tracks.parquet").read_bytes(), (tmp_path / "audit.json").read_bytes()) == before


def test_a_split_that_becomes_empty_is_told(tmp_path: Path) -> None:
    done = regroup(library(tmp_path, {"a": "train", "b": "test"}), [join("a", "b")])
    assert done.empty == ("test",)
    assert done.lines()[-1] == (
        "The test split is empty now: ingest again to fill it from train, or name tracks for it in the manifest's "
        "column split first."
    )
    assert done.to_dict()["empty"] == ("test",)


def test_long_lists_are_cut_for_the_console(tmp_path: Path) -> None:
    opened = library(tmp_path, {f"t{i:02}": "train" if i == 0 else "test" for i in range(60)})
    lines = regroup(opened, [join("t00", f"t{i:02}") for i in range(1, 50)]).lines()
    assert sum("more, all in audit.json" in line for line in lines) == 2


def state(root: Path) -> tuple[list[str], list[str]]:
    opened = Library(root)
    return opened.column("group").tolist(), opened.column("split").tolist()


class TestEvidenceThatGoes:
    def test_tracks_get_their_own_group_and_split_back_and_it_is_told(self, tmp_path: Path) -> None:
        fresh = library(tmp_path, {"a": "test", "b": "train", "c": "val", "d": "test"})
        before = state(tmp_path)
        regroup(fresh, [join("a", "b"), join("c", "d")])
        done = regroup(Library(tmp_path), [join("c", "d")])
        assert Library(tmp_path).column("split").tolist() == ["test", "train", "val", "val"]
        text = "\n".join(done.lines())
        assert "1 join withdrawn: " in text
        assert "a: train → test" in text
        assert "train again" in text
        regroup(Library(tmp_path), [])
        assert state(tmp_path) == before
        assert joins_of_audit(read_audit(tmp_path)) == []

    def test_one_of_two_reasons_keeps_a_group_together(self, tmp_path: Path) -> None:
        fresh = library(tmp_path, {"a": "train", "b": "test", "c": "test"})
        regroup(fresh, [join("a", "b"), join("b", "c"), join("a", "c")])
        done = regroup(Library(tmp_path), [join("a", "b"), join("a", "c")])
        assert (len(done.withdrawn), done.moved) == (1, {})
        assert Library(tmp_path).column("split").tolist() == ["train"] * 3

    def test_the_order_in_which_evidence_comes_and_goes_does_not_matter(self, tmp_path: Path) -> None:
        splits = {t: ("train", "val", "test")[i % 3] for i, t in enumerate("abcdefghi")}
        joins = [join("a", "e"), join("e", "i"), join("c", "f"), join("b", "g")]
        regroup(library(tmp_path / "x", splits), joins[1:3])
        library(tmp_path / "y", splits)
        for present in (joins, joins[:1], [], joins[2:], joins[1:3]):
            regroup(Library(tmp_path / "y"), present)
        assert state(tmp_path / "x") == state(tmp_path / "y")

    def test_an_audit_of_an_older_version_gives_splits_back(self, tmp_path: Path) -> None:
        library(tmp_path, {"a": "train", "b": "train"})
        change = {"group": "track:a", "parts": ["track:a", "track:b"], "split": "train", "moved": {"b": "test"}}
        old = {"a": "a", "b": "b", "reason": "same audio", "evidence": "x"}
        (tmp_path / "audit.json").write_text(json.dumps({"regrouped": {"joins": [old], "changes": [change]}}))
        regroup(Library(tmp_path), [])
        assert Library(tmp_path).column("split").tolist() == ["train", "test"]

    @pytest.mark.parametrize("told", [3, [], {"joins": [1, {"a": "x"}]}, {"joins": [], "before": 7}])
    def test_an_audit_of_another_shape_is_no_evidence(self, tmp_path: Path, told: object) -> None:
        library(tmp_path, {"a": "train", "b": "test"})
        (tmp_path / "audit.json").write_text(json.dumps({"regrouped": told}))
        regroup(Library(tmp_path), [join("a", "b")])
        assert Library(tmp_path).column("split").tolist() == ["train", "train"]

    def test_joins_from_vectors_that_were_deleted_are_not_taken_again(self, tmp_path: Path) -> None:
        (tmp_path / "embeddings/audio/mine").mkdir(parents=True)
        (tmp_path / "embeddings/audio/mine/provenance.json").touch()
        kept = Join(a="a", b="b", reason="same audio", evidence="x", source="mine")
        lost = Join(a="a", b="c", reason="same audio", evidence="x", source="mine+gone")
        assert joins_with_vectors(tmp_path, [kept, lost, join("c", "d")]) == [kept, join("c", "d")]


IDS = [f"t{i:02}" for i in range(40)]


def manifest(folder: Path) -> Path:
    lines = ["id,caption,artist", *(f"{t},caption number {i} {t[::-1]},band {i // 2}" for i, t in enumerate(IDS))]
    (folder / "tracks.csv").write_text("\n".join(lines))
    return folder / "tracks.csv"


def bring(root: Path, vectors: np.ndarray) -> None:
    np.savez(root.parent / "v.npz", ids=np.array(IDS), vectors=vectors.astype(np.float32))
    import_embeddings(root, "mine", root.parent / "v.npz")
    regroup(Library(root), find_duplicates_in(Library(root)))


@pytest.mark.parametrize("again", [False, True])
def test_a_mistaken_import_that_is_mended_leaves_the_library_as_a_fresh_one(tmp_path: Path, again: bool) -> None:
    table, good = manifest(tmp_path), np.random.default_rng(0).standard_normal((40, 16))
    ingest(table, tmp_path / "fresh", seed=3)
    ingest(table, tmp_path / "lib", seed=3)
    mistaken = good.copy()
    mistaken[1::10] = mistaken[0]  # five of forty: no evidence
    mistaken[[2, 12, 22]] = mistaken[2]  # three: taken for copies
    bring(tmp_path / "lib", mistaken)
    joined = joins_of_audit(read_audit(tmp_path / "lib"))
    assert {(j.a, j.b) for j in joined} == {("t02", "t12"), ("t02", "t22"), ("t12", "t22")}
    if again:
        ingest(table, tmp_path / "lib", seed=3)
        assert state(tmp_path / "lib") != state(tmp_path / "fresh")
    bring(tmp_path / "lib", good)
    assert state(tmp_path / "lib") == state(tmp_path / "fresh")
    ingest(table, tmp_path / "lib", seed=3)
    assert state(tmp_path / "lib") == state(tmp_path / "fresh")
    audits = [json.loads((tmp_path / name / "audit.json").read_text()) for name in ("lib", "fresh")]
    assert audits[0]["splits"] == audits[1]["splits"]


def test_ingesting_again_keeps_what_the_vectors_show(tmp_path: Path) -> None:
    table, vectors = manifest(tmp_path), np.random.default_rng(0).standard_normal((40, 16))
    ingest(table, tmp_path / "lib")
    vectors[25] = vectors[6]
    bring(tmp_path / "lib", vectors)
    before = state(tmp_path / "lib")
    audit = ingest(table, tmp_path / "lib")
    assert state(tmp_path / "lib") == before
    assert audit.moved == ()
    assert [(j.a, j.b) for j in audit.joins if j.source] == [("t06", "t25")]


def test_deleting_the_vectors_and_ingesting_parts_what_they_had_joined(tmp_path: Path) -> None:
    import shutil

    table, vectors = manifest(tmp_path), np.random.default_rng(0).standard_normal((40, 16))
    ingest(table, tmp_path / "fresh")
    ingest(table, tmp_path / "lib")
    vectors[25] = vectors[6]
    bring(tmp_path / "lib", vectors)
    shutil.rmtree(tmp_path / "lib/embeddings/audio/mine")
    ingest(table, tmp_path / "lib")
    assert state(tmp_path / "lib") == state(tmp_path / "fresh")


def test_a_split_that_duplicates_have_emptied_is_filled_by_ingesting_again(tmp_path: Path) -> None:
    """What it takes from train is said, and it stays there from then on."""
    table, root = manifest(tmp_path), tmp_path / "lib"
    ingest(table, root)
    vectors = np.random.default_rng(0).standard_normal((40, 16))
    splits = Library(root).column("split").tolist()
    for at in (row for row, split in enumerate(splits) if split == "test"):
        vectors[at] = vectors[splits.index("train")] + 1e-4 * vectors[at]
    bring(root, vectors)
    assert "test" not in Library(root).column("split")
    audit = ingest(table, root)
    assert set(audit.filled.values()) == {"test"}
    assert audit.splits["test"]["captions"] >= 4
    assert {moved.reason for moved in audit.moved} == {"test would have been empty"}
    assert not set(audit.filled) & {change["group"] for change in read_audit(root)["regrouped"]["changes"]}
    before = state(root)
    assert ingest(table, root).moved == ()
    assert state(root) == before
