"""From a manifest to a library, and again with a larger one."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from antiphon.errors import ManifestError
from antiphon.library.ingest import IngestOptions, ingest
from antiphon.library.leakage.groups import Join
from antiphon.library.leakage.regrouping import regroup
from antiphon.library.tracks import Library

SENTENCE = "a slow sad piano melody over {} in the rain"


def table(
    folder: Path, rows: list[tuple[str, ...]], header: str = "id,caption,artist,split", name: str = "m.csv"
) -> Path:
    path = folder / name
    path.write_text("\n".join([header, *(",".join(row) for row in rows)]) + "\n", encoding="utf-8")
    return path


def many(n: int) -> list[tuple[str, ...]]:
    return [(f"t{i}", f"label {i % 7}", f"artist {i // 2}", "") for i in range(n)]


def split_of(root: Path) -> dict[str, str]:
    library = Library(root)
    return dict(zip(library.column("track_id").tolist(), library.column("split").tolist(), strict=True))


def test_a_library_has_its_files_and_its_meta(tmp_path: Path) -> None:
    manifest = table(tmp_path, many(100))
    audit = ingest(manifest, tmp_path / "lib", seed=3)
    library = Library(tmp_path / "lib")
    assert library.meta["seed"] == 3
    assert library.meta["manifest"] == str(manifest.resolve())
    assert len(library.meta["manifest_sha256"]) == 64
    assert library.meta["audio_root"] == str(tmp_path.resolve())
    assert (library.meta["tracks"], library.meta["captions"]) == (100, 100)
    assert library.caption_column("caption_id")[3] == "t3#0"
    assert json.loads((tmp_path / "lib" / "audit.json").read_text()) == json.loads(json.dumps(audit.to_dict()))


def test_no_group_is_on_two_sides(tmp_path: Path) -> None:
    ingest(table(tmp_path, many(400)), tmp_path / "lib")
    library = Library(tmp_path / "lib")
    sides: dict[str, set[str]] = {}
    for group, split in zip(library.column("group"), library.column("split"), strict=True):
        sides.setdefault(group, set()).add(split)
    assert all(len(splits) == 1 for splits in sides.values())
    assert len(sides) == 200


def test_a_larger_manifest_keeps_every_split_and_agrees_with_a_fresh_library(tmp_path: Path) -> None:
    ingest(table(tmp_path, many(200)), tmp_path / "lib")
    before = split_of(tmp_path / "lib")
    (tmp_path / "lib" / "embeddings").mkdir()
    (tmp_path / "lib" / "embeddings" / "x").write_text("kept")
    larger = table(tmp_path, many(500), name="larger.csv")
    audit = ingest(larger, tmp_path / "lib")
    after = split_of(tmp_path / "lib")
    assert all(after[track] == split for track, split in before.items())
    ingest(larger, tmp_path / "fresh")
    assert split_of(tmp_path / "fresh") == after
    assert (tmp_path / "lib" / "embeddings" / "x").read_text() == "kept"
    assert audit.moved == ()


def test_another_seed_does_not_move_what_is_there(tmp_path: Path) -> None:
    manifest = table(tmp_path, many(200))
    ingest(manifest, tmp_path / "lib", seed=0)
    before = split_of(tmp_path / "lib")
    ingest(manifest, tmp_path / "lib", seed=1)
    assert split_of(tmp_path / "lib") == before


def test_tracks_that_left_the_manifest_are_told(tmp_path: Path) -> None:
    ingest(table(tmp_path, many(20)), tmp_path / "lib")
    audit = ingest(table(tmp_path, many(18)), tmp_path / "lib")
    assert audit.gone == ("t18", "t19")
    assert any("no longer in the manifest" in line for line in audit.lines())


def test_a_new_relative_merges_groups_of_different_splits_and_it_is_told(tmp_path: Path) -> None:
    rows = many(200)
    ingest(table(tmp_path, rows), tmp_path / "lib")
    before = split_of(tmp_path / "lib")
    train = next(t for t, s in before.items() if s == "train")
    test = next(t for t, s in before.items() if s == "test")
    extra = [(t, SENTENCE.format("soft strings"), f"artist {int(t[1:]) // 2}", "") for t in (train, test)]
    audit = ingest(table(tmp_path, [*rows, *extra]), tmp_path / "lib")
    assert split_of(tmp_path / "lib")[test] == "train"
    assert test in {moved.track_id for moved in audit.moved}
    assert {(moved.reason, moved.partner) for moved in audit.moved if moved.track_id == test} == {
        ("identical caption", train)
    }
    assert "identical caption" in "\n".join(audit.lines())


def test_explicit_splits_are_kept_and_a_leak_is_mended_and_told(tmp_path: Path) -> None:
    rows = [(f"t{i}", f"label {i}", f"artist {i}", ["training", "valid", "eval"][i % 3]) for i in range(30)]
    rows[0] = ("t0", "label 0", "artist 1", "training")
    manifest = table(tmp_path, rows)
    audit = ingest(manifest, tmp_path / "lib")
    found = split_of(tmp_path / "lib")
    assert found["t1"] == found["t0"] == "train"
    assert all(found[f"t{i}"] == ["train", "val", "test"][i % 3] for i in range(2, 30))
    assert [c.group for c in audit.conflicts] == ["artist:artist 1"]
    with pytest.raises(ManifestError, match=r"the group 'artist:artist 1' stands in train and val"):
        ingest(manifest, tmp_path / "strict", strict=True)
    assert not (tmp_path / "strict" / "library.json").exists()


def test_strict_stops_at_any_problem_and_writes_nothing(tmp_path: Path) -> None:
    manifest = table(tmp_path, [("a", "x", "", ""), ("b", "", "", "")])
    with pytest.raises(ManifestError, match=r"m.csv:3, column 'caption'"):
        ingest(manifest, tmp_path / "lib", strict=True)
    assert not (tmp_path / "lib").exists()
    assert ingest(manifest, tmp_path / "lib").uncaptioned == 1


def test_equal_files_stay_two_tracks_in_one_group(tmp_path: Path) -> None:
    for name, data in (("a.wav", b"same"), ("b.wav", b"same"), ("c.wav", b"diff")):
        (tmp_path / name).write_bytes(data)
    rows = [("a.wav", "one"), ("b.wav", "two"), ("c.wav", "three")]
    audit = ingest(table(tmp_path, rows, "audio,caption"), tmp_path / "lib")
    assert Library(tmp_path / "lib").column("group").tolist() == ["track:a.wav", "track:a.wav", "track:c.wav"]
    assert [j.reason for j in audit.joins] == ["same file content"]


def test_joins_merge_explicit_groups_too(tmp_path: Path) -> None:
    texts = [SENTENCE.format("soft strings"), SENTENCE.format("soft drums"), "something else that nobody ever wrote"]
    rows = [(f"t{i}", text, f"g{i}") for i, text in enumerate(texts)]
    ingest(table(tmp_path, rows, "id,caption,group"), tmp_path / "lib")
    assert Library(tmp_path / "lib").column("group").tolist() == ["g0", "g0", "g2"]


def test_what_audio_showed_is_remembered_by_the_next_ingest(tmp_path: Path) -> None:
    manifest = table(tmp_path, many(60))
    ingest(manifest, tmp_path / "lib")
    regroup(Library(tmp_path / "lib"), [Join(a="t0", b="t50", reason="near-identical audio", evidence="0.999")])
    after = split_of(tmp_path / "lib")
    assert after["t0"] == after["t50"]
    for _ in range(2):
        audit = ingest(manifest, tmp_path / "lib")
        assert split_of(tmp_path / "lib") == after
        assert "near-identical audio" in {join.reason for join in audit.joins}
        assert audit.moved == ()


def test_the_audit_tells_everything_and_cuts_only_the_console(tmp_path: Path) -> None:
    rows = [(f"t{i}", "" if i % 2 else "cello", "A", "") for i in range(60)]
    audit = ingest(table(tmp_path, [*rows, ("t0", "viola", "A", "")]), tmp_path / "lib")
    text = "\n".join(audit.lines())
    assert "1 kind of problem, 30 in all, in the manifest:" in text
    assert "30 × empty caption (kept without a caption) → Write a caption." in text
    assert "m.csv:3, column 'caption': no text\n" in text
    assert text.count("no text") == 3
    assert "… and 27 more, all in audit.json" in text
    assert "below 50 queries" in text or "is empty" in text
    assert "1 id in several rows" in text
    assert "'cello', 30 tracks" in text
    data = audit.to_dict()
    assert len(data["problems"]) == 30
    assert data["repeated_ids"] == {"t0": 2}
    assert data["problem_kinds"] == {"empty caption": 30}
    assert "A random split by rows would have leaked: 100 % of test tracks" in text


def test_nothing_is_said_of_captions_where_there_are_none(tmp_path: Path) -> None:
    audit = ingest(table(tmp_path, [(f"t{i}", "", "A" if i % 2 else "B", "") for i in range(60)]), tmp_path / "lib")
    (line,) = [line for line in audit.lines() if line.startswith("A random split by rows")]
    assert "test captions" not in line


def test_splits_and_shares_are_told(tmp_path: Path) -> None:
    rows = [(f"t{i}", f"label {i}", f"a{i}", "train" if i < 80 else "val" if i < 90 else "test") for i in range(100)]
    lines = ingest(table(tmp_path, rows), tmp_path / "lib").lines()
    assert lines[1] == "  train 80 tracks (80 %), 80 captions (80 %), 80 groups (80 %)"
    assert any(line.startswith("Warning: test has 10 tracks") for line in lines)


def test_fifty_thousand_rows_take_seconds(tmp_path: Path) -> None:
    manifest = table(tmp_path, many(50_000))
    start = time.process_time()
    audit = ingest(manifest, tmp_path / "lib")
    assert audit.tracks == 50_000
    assert time.process_time() - start < 30  # about 2 s on an idle core


def test_captions_of_machines_are_told_beside_those_of_people_and_are_no_queries(tmp_path: Path) -> None:
    rows = [f"t{n},calm piece {n},human" for n in range(120)] + [
        f"t{n},made {n} {m},machine" for n in range(120) for m in "ab"
    ]
    (tmp_path / "t.csv").write_text("id,caption,caption_kind\n" + "\n".join(rows))
    audit = ingest(tmp_path / "t.csv", tmp_path / "lib", options=IngestOptions(paraphrase_joins=False))
    lines = audit.lines()
    assert lines[0].endswith("120 tracks, 360 captions (120 by people), 120 groups")
    for split, counts in audit.splits.items():
        assert (counts["captions"], counts["asking"]) == (3 * counts["tracks"], counts["tracks"])
        said = next(line for line in lines if line.startswith(f"  {split}"))
        assert f", {counts['asking']} captions by people (" in said
    assert any(w.startswith("test has") and "captions by people: below 50 queries" in w for w in audit.warnings)
