"""A damaged library is mended by ingesting again, and no track changes its split."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from antiphon.errors import AntiphonError, LibraryError, ManifestError
from antiphon.library.ingest import ingest
from antiphon.library.leakage.groups import Join
from antiphon.library.leakage.regrouping import regroup
from antiphon.library.tracks import Library


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A library of a seed that is not the default, with a join that only vectors had shown."""
    rows = "".join(f"t{i},label {i % 7},artist {i // 2}\n" for i in range(120))
    (tmp_path / "m.csv").write_text(f"id,caption,artist\n{rows}")
    ingest(tmp_path / "m.csv", tmp_path / "lib", seed=7)
    regroup(Library(tmp_path / "lib"), [Join(a="t0", b="t50", reason="near-identical audio", evidence="0.999")])
    return tmp_path / "lib"


def split_of(root: Path) -> dict[str, str]:
    opened = Library(root)
    return dict(zip(opened.column("track_id").tolist(), opened.column("split").tolist(), strict=True))


DAMAGE = [b"", b"\0" * 100, b"{", b"[1, 2]", b'{"format": "x"}', b'{"format": -1}', b"[" * 100_000, b"\xff\xfe", None]


@pytest.mark.parametrize("name", ["library.json", "tracks.parquet", "captions.parquet", "audit.json"])
@pytest.mark.parametrize("damage", DAMAGE)
def test_any_file_of_a_library_is_mended_and_every_split_kept(library: Path, name: str, damage: bytes | None) -> None:
    before = split_of(library)
    path = library / name
    path.unlink() if damage is None else path.write_bytes(damage)
    audit = ingest(library.parent / "m.csv", library)
    assert split_of(library) == before
    assert audit.seed == 7
    if name != "audit.json":
        assert any(name in note and "written anew" in note for note in audit.notes)


@pytest.mark.parametrize("names", [("library.json", "audit.json"), ("tracks.parquet", "library.json")])
def test_two_files_at_once(library: Path, names: tuple[str, str]) -> None:
    before = split_of(library)
    for name in names:
        (library / name).unlink()
    ingest(library.parent / "m.csv", library)
    assert split_of(library) == before


def test_where_every_copy_is_lost_it_is_said(library: Path) -> None:
    for name in ("tracks.parquet", "splits.parquet"):
        (library / name).write_bytes(b"x")
    audit = ingest(library.parent / "m.csv", library)
    assert any("No earlier split could be read" in note for note in audit.notes)


def test_a_damaged_list_of_staged_files_is_mended(library: Path) -> None:
    before = split_of(library)
    for text in ("[1]", "null", "{", '["../x"]'):
        (library / ".staged.json").write_text(text)
        ingest(library.parent / "m.csv", library)
        assert split_of(library) == before


def test_a_newer_library_is_not_written_over(library: Path) -> None:
    meta = json.loads((library / "library.json").read_text())
    (library / "library.json").write_text(json.dumps({**meta, "format": 99}))
    with pytest.raises(LibraryError, match="format 99"):
        ingest(library.parent / "m.csv", library)


@pytest.mark.parametrize("name", ["tracks.parquet", "captions.parquet"])
def test_tables_of_another_shape_are_refused_in_words(library: Path, name: str) -> None:
    pq.write_table(pa.table({"x": [1]}), library / name)
    opened = Library(library)
    with pytest.raises(LibraryError, match=r"has no column(.|\n)*antiphon ingest again"):
        _ = opened.track_table if name == "tracks.parquet" else opened.caption_table


AUDITS = [
    {"regrouped": 1},
    {"regrouped": {"joins": 5, "changes": 7, "before": [1]}},
    {"regrouped": {"joins": [1, {"a": 1}, {"a": "x", "b": [], "reason": "", "evidence": ""}], "changes": [3, {}]}},
    {"regrouped": {"before": {"t0": 1, "t1": [1, 2], "t2": ["g"], "t3": [None, "nowhere"]}}},
    [],
    "x",
]


@pytest.mark.parametrize("audit", AUDITS)
def test_an_audit_of_any_shape_stops_neither_ingesting_nor_regrouping(library: Path, audit: object) -> None:
    before = {t: s for t, s in split_of(library).items() if t not in ("t0", "t50")}
    (library / "audit.json").write_text(json.dumps(audit))
    regroup(Library(library), [Join(a="t0", b="t50", reason="near-identical audio", evidence="0.999")])
    ingest(library.parent / "m.csv", library)
    assert before.items() <= split_of(library).items()


def test_half_a_character_in_a_message_is_written(tmp_path: Path) -> None:
    (tmp_path / "m.jsonl").write_text('{"id": "1", "caption": "x", "y\\ud800": 1, "captoin": "\\udc00"}\n')
    audit = ingest(tmp_path / "m.jsonl", tmp_path / "lib")
    assert any("y\\ud800" in line for line in audit.lines())
    assert json.loads((tmp_path / "lib" / "audit.json").read_text())["notes"] == list(audit.notes)


def test_the_users_own_tables_are_not_written_over(tmp_path: Path) -> None:
    own = tmp_path / "tracks.parquet"
    pq.write_table(pa.table({"id": ["1"], "caption": ["x"]}), own)
    (tmp_path / "m.csv").write_text("id,caption\n1,x\n")
    for manifest in (own, tmp_path / "m.csv"):
        with pytest.raises(AntiphonError, match="--library DIR"):
            ingest(manifest, tmp_path)
    assert pq.read_table(own).column_names == ["id", "caption"]
    with pytest.raises(ManifestError):
        ingest(tmp_path / "lib" / "captions.parquet", tmp_path / "lib")
