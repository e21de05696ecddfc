"""Splits that a manifest gives: every track that leaves one is named with its reason, and none leaves a kept one."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from antiphon.library.ingest import IngestOptions, ingest
from antiphon.library.leakage.audit import Audit
from antiphon.library.leakage.groups import Join
from antiphon.library.leakage.regrouping import regroup
from antiphon.library.tracks import Library

SENTENCE = "a slow sad {} melody with warm strings over {} in the rain"
KEPT = IngestOptions(keep_splits=True)


def official(folder: Path, *, val: bool = True) -> Path:
    """40 tracks; of the ten in test two paraphrase captions of train, and one has an artist of val."""
    rows = [
        (f"t{i}", f"label {i}", f"artist {i}", "train" if i < 24 or (not val and i < 30) else "val") for i in range(30)
    ]
    rows += [(f"t{i}", f"label {i}", f"artist {i}", "test") for i in range(30, 40)]
    rows[3] = ("t3", SENTENCE.format("piano", "drums"), "artist 3", "train")
    rows[4] = ("t4", SENTENCE.format("harp", "bells").replace("strings", "horns and flutes"), "artist 4", "train")
    rows[30] = ("t30", SENTENCE.format("guitar", "drums"), "artist 30", "test")
    rows[31] = ("t31", SENTENCE.format("flute", "bells").replace("strings", "horns and flutes"), "artist 31", "test")
    if val:
        rows[32] = ("t32", "label 32", "artist 25", "test")
    path = folder / "official.csv"
    path.write_text("id,caption,artist,split\n" + "".join(f"{','.join(row)}\n" for row in rows), encoding="utf-8")
    return path


def split_of(root: Path) -> dict[str, str]:
    library = Library(root)
    return dict(zip(library.column("track_id").tolist(), library.column("split").tolist(), strict=True))


def moved(audit: Audit) -> dict[str, tuple[str, str, str, str]]:
    return {m.track_id: (m.was, m.now, m.reason, m.partner) for m in audit.moved if m.source == "manifest"}


def test_every_track_that_leaves_its_split_is_named_with_reason_and_relative(tmp_path: Path) -> None:
    audit = ingest(official(tmp_path), tmp_path / "lib")
    assert moved(audit) == {
        "t30": ("test", "train", "paraphrased caption", "t3"),
        "t31": ("test", "train", "paraphrased caption", "t4"),
        "t32": ("test", "val", "same artist", "t25"),
    }
    assert audit.named["test"] == {"named": 10, "left": 7}
    lines = audit.lines()
    assert "3 of the 10 tracks that the manifest names as test are elsewhere" in lines[1]
    assert "--keep-splits" in lines[1]
    assert "--no-paraphrase-joins" in lines[1]
    assert any("7 of the 10 that the manifest names" in line for line in lines)
    assert "  t30: test → train, paraphrased caption (t3)" in lines
    told = json.loads((tmp_path / "lib" / "audit.json").read_text())
    assert {m["track_id"] for m in told["moved"]} == {"t30", "t31", "t32"}
    assert told["alerts"] == audit.alerts


def test_kept_splits_move_nothing_and_report_leaks(tmp_path: Path) -> None:
    manifest = official(tmp_path)
    audit = ingest(manifest, tmp_path / "lib", options=KEPT)
    assert Counter(split_of(tmp_path / "lib").values()) == {"train": 24, "val": 6, "test": 10}
    assert audit.moved == ()
    assert {(leak.track_id, leak.partner, leak.reason) for leak in audit.leaks} == {
        ("t30", "t3", "paraphrased caption"),
        ("t31", "t4", "paraphrased caption"),
        ("t32", "t25", "same artist"),
    }
    assert audit.leaked["tracks"] == pytest.approx(0.2)
    assert "3 of 10 in test" in audit.lines()[1]
    assert any("This split: 20 %" in line for line in audit.lines())
    again = ingest(manifest, tmp_path / "lib", options=KEPT)
    assert again.moved == ()


def test_without_joins_by_captions_only_the_artist_moves(tmp_path: Path) -> None:
    audit = ingest(official(tmp_path), tmp_path / "lib", options=IngestOptions(paraphrase_joins=False))
    assert set(moved(audit)) == {"t32"}
    assert audit.joins == ()


def test_a_missing_val_is_taken_from_train_and_each_track_named(tmp_path: Path) -> None:
    audit = ingest(official(tmp_path, val=False), tmp_path / "lib", options=IngestOptions(paraphrase_joins=False))
    assert audit.splits["test"]["tracks"] == 10
    assert {m[:3] for m in moved(audit).values()} == {("train", "val", "val would have been empty")}
    assert len(moved(audit)) == audit.splits["val"]["tracks"] > 0
    kept = ingest(official(tmp_path, val=False), tmp_path / "kept", options=KEPT)
    assert kept.splits["val"]["tracks"] == 0
    assert any("names no track for it, and its splits are kept" in warning for warning in kept.warnings)


def test_vectors_that_show_relatives_move_nothing_in_kept_splits(tmp_path: Path) -> None:
    ingest(official(tmp_path), tmp_path / "lib", options=KEPT)
    before = split_of(tmp_path / "lib")
    join = Join(a="t1", b="t35", reason="near-identical audio", evidence="0.999")
    regroup(Library(tmp_path / "lib"), [join])
    assert split_of(tmp_path / "lib") == before
    groups = Library(tmp_path / "lib").column("group")
    assert groups[1] == groups[35]
    assert json.loads((tmp_path / "lib" / "audit.json").read_text())["leaked"]["tracks"] == pytest.approx(0.3)


def test_captions_after_a_pattern_are_told_first(tmp_path: Path) -> None:
    rows = [
        f'{i},"a slow sad {word} melody with warm strings over drums in the rain {i // 8}"'
        for i, word in enumerate(["piano", "guitar", "harp", "flute", "organ", "viola", "cello", "horn"] * 3)
    ]
    path = tmp_path / "m.csv"
    path.write_text("id,caption\n" + "\n".join(rows) + "\n")
    audit = ingest(path, tmp_path / "lib")
    assert audit.joined_by_captions or audit.classes
    if audit.joined_by_captions > 7:
        assert "--no-paraphrase-joins" in audit.lines()[1]


def test_an_empty_split_is_filled_by_groups_that_have_captions(tmp_path: Path) -> None:
    rows = [f"t{i},{'label ' + str(i) if i % 4 == 0 else ''}" for i in range(24)]
    path = tmp_path / "m.csv"
    path.write_text("id,caption\n" + "\n".join(rows) + "\n")
    for seed in range(6):
        audit = ingest(path, tmp_path / f"lib{seed}", seed=seed)
        assert all(audit.splits[split]["captions"] for split in ("train", "val", "test"))


def test_a_split_that_has_no_caption_is_called_that(tmp_path: Path) -> None:
    rows = [f"t{i},label {i},train" for i in range(9)] + [f"u{i},,{s}" for i in range(3) for s in ("val", "test")]
    path = tmp_path / "m.csv"
    path.write_text("id,caption,split\n" + "\n".join(dict.fromkeys(rows)) + "\n")
    audit = ingest(path, tmp_path / "lib", options=KEPT)
    assert any("no caption: nothing in it can be asked for" in warning for warning in audit.warnings)


def test_a_split_for_all_is_what_the_user_says(tmp_path: Path) -> None:
    from antiphon.library.manifest.columns.options import ManifestOptions

    options = IngestOptions(manifest=ManifestOptions(split="test"))
    ingest(official(tmp_path), tmp_path / "lib", options=options)
    assert set(split_of(tmp_path / "lib").values()) == {"test"}
