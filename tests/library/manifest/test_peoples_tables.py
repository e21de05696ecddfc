"""Tables as people's programs write them: each is read as its owner means it, or refused with a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from antiphon.errors import ManifestError
from antiphon.library.addresses import file_path
from antiphon.library.manifest.cells import CellError, id_of
from antiphon.library.manifest.columns import match_columns
from antiphon.library.manifest.columns.options import ManifestOptions
from antiphon.library.manifest.entries import Manifest, read_manifest


def read(tmp_path: Path, text: str, *sounds: str, options: ManifestOptions | None = None) -> Manifest:
    for sound in sounds:
        (tmp_path / sound).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / sound).write_bytes(b"RIFF" + sound.encode())
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    return read_manifest(tmp_path / "t.csv", tmp_path / "lib" / "audio", options or ManifestOptions())


def test_file_addresses_are_files_that_are_looked_for_under_the_id_that_they_had(tmp_path: Path) -> None:
    here = f"file://{tmp_path}/my%20music/a.wav"
    rows = f"{here},calm\nfile://localhost{tmp_path}/b.wav,loud\nfile:///nowhere/c.wav,slow\n"
    manifest = read(tmp_path, f"audio,caption\n{rows}", "my music/a.wav", "b.wav")
    assert (manifest.entries[0].track_id, manifest.entries[0].path) == (here, str(tmp_path / "my music/a.wav"))
    assert [problem.problem for problem in manifest.problems] == ["there is no file /nowhere/c.wav"]


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("file:///music/a%20b.mp3", "/music/a b.mp3"),
        ("FILE://localhost/C:/m/a.mp3", "C:/m/a.mp3"),
        ("file:///m/no.%205%3F%23.mp3", "/m/no. 5?#.mp3"),
        ("file:///m/a#b?.mp3", "/m/a#b?.mp3"),
        ("s3://music/a.mp3", None),
        ("files/a.mp3", None),
        ("file:///a.zip::zip://b.mp3", None),
    ],
)
def test_what_a_file_address_means(written: str, path: str | None) -> None:
    assert file_path(written) == path


@pytest.mark.parametrize("written", ["Macintosh HD:Users:me:m:a.wav", "'m/a.wav'", '"""m/a.wav"""'])
def test_paths_of_itunes_and_paths_in_quotes_are_found(tmp_path: Path, written: str) -> None:
    options = ManifestOptions(audio_folders=(tmp_path / "m",))
    manifest = read(tmp_path, f"location,caption\n{written},calm\n", "m/a.wav", options=options)
    assert [entry.path for entry in manifest.entries] == ["m/a.wav"]


def test_a_file_is_found_by_the_id_that_yt_dlp_puts_in_brackets(tmp_path: Path) -> None:
    options = ManifestOptions(audio_folders=(tmp_path / "m",))
    table = "ytid,caption\n-0Gj8-vB1q4,calm\n"
    manifest = read(tmp_path, table, "m/Some title [-0Gj8-vB1q4].wav", "m/Other [Live].wav", options=options)
    assert [entry.path for entry in manifest.entries] == ["m/Some title [-0Gj8-vB1q4].wav"]


def test_a_header_that_stands_again_is_no_row(tmp_path: Path) -> None:
    manifest = read(tmp_path, "id,caption,split\na,calm,train\nid,caption,split\nb,loud,test\n")
    assert [entry.track_id for entry in manifest.entries] == ["a", "b"]
    assert not manifest.problems
    assert "t.csv: the header stands again in line 3: no row was made of it." in manifest.notes


def test_a_quoted_cell_may_follow_a_space(tmp_path: Path) -> None:
    manifest = read(tmp_path, 'id, caption\na, "slow, sad"\nb, "fast"\n')
    assert [entry.captions for entry in manifest.entries] == [["slow, sad"], ["fast"]]
    assert not manifest.problems


@pytest.mark.parametrize("cell", ["1,23457E+11", "1.2346E+11", "-9.8E+15"])
def test_an_id_that_a_spreadsheet_shortened_is_refused(cell: str) -> None:
    with pytest.raises(CellError, match="kept the first digits"):
        id_of(cell)


@pytest.mark.parametrize("cell", ["1E+05", "1.5E+1", "1e5", "1.2346", "E+11", "1.25E+02"])
def test_an_id_that_only_looks_like_one_stays(cell: str) -> None:
    assert id_of(cell) == cell


def test_an_id_that_is_no_text_is_told_with_its_column(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text('[{"id": {"$oid": "x"}, "caption": "calm"}, {"id": "b", "caption": "loud"}]')
    (problem,) = read_manifest(tmp_path / "t.json", tmp_path / "audio").problems
    assert (problem.column, problem.kind) == ("id", "bad id")
    assert problem.fix == "Write the id alone, as text or as a whole number."


def test_a_folder_in_a_files_place_is_told(tmp_path: Path) -> None:
    manifest = read(tmp_path, "audio,caption\nm,calm\nm/a.wav,loud\n", "m/a.wav")
    assert "is a folder, not a file" in manifest.problems[0].problem


@pytest.mark.parametrize("name", ["track_number", "track_total", "caption_count", "caption_id"])
def test_a_name_with_a_meaning_of_its_own_is_no_misspelt_other(name: str) -> None:
    assert not match_columns(["path", "caption", name]).hints


def test_a_second_column_of_captions_as_pandas_calls_it() -> None:
    assert match_columns(["path", "caption", "caption.1"]).texts == ("caption", "caption.1")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("My collection,\naudio,caption\na.wav,calm\n", "stand in line 2: delete the lines above"),
        ("a.wav,calm\nb.wav,loud\n", "write the names of the columns above it"),
    ],
)
def test_a_first_line_that_is_no_header(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ManifestError, match=said):
        read(tmp_path, text)


@pytest.mark.parametrize(("name", "text"), [("t.json", "[]"), ("t.jsonl", "\n")])
def test_a_table_without_rows_is_called_empty(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ManifestError, match=f"{name} is empty: it has no rows"):
        read_manifest(tmp_path / name, tmp_path / "audio")


def test_a_table_that_is_named_and_not_there_stops_the_ingest(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("id,caption\na,calm\n")
    with pytest.raises(ManifestError, match=r"nothing at .*tset\.csv"):
        read_manifest(tmp_path / "train.csv", tmp_path / "audio", more=[tmp_path / "tset.csv"])


def test_a_link_that_leads_nowhere_is_named_as_one(tmp_path: Path) -> None:
    (tmp_path / "m").symlink_to(tmp_path / "gone")
    with pytest.raises(ManifestError, match=r"m is a link to .*gone, where nothing is"):
        read_manifest(tmp_path / "m", tmp_path / "audio")


def test_a_folder_to_look_in_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"There is no folder .*gone"):
        read(tmp_path, "id,caption\na,calm\n", options=ManifestOptions(audio_folders=(tmp_path / "gone",)))


@pytest.mark.parametrize(
    "text",
    [
        '{"columns": ["id", "caption", "split"], "data": [["a", "calm", "train"], ["b", "loud", "test"]]}',
        '{"train": [{"id": "a", "caption": "calm"}], "test": [{"id": "b", "caption": "loud"}]}',
    ],
)
def test_json_of_a_frame_and_json_by_split_are_rows_and_no_ids_with_captions(tmp_path: Path, text: str) -> None:
    (tmp_path / "t.json").write_text(text)
    entries = read_manifest(tmp_path / "t.json", tmp_path / "audio").entries
    found = [(entry.track_id, entry.captions, set(entry.splits)) for entry in entries]
    assert found == [("a", ["calm"], {"train"}), ("b", ["loud"], {"test"})]


def test_json_may_say_the_split_of_ids_alone(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,caption\na,calm\nb,loud\n")
    (tmp_path / "s.json").write_text('{"train": ["a"], "validation": ["b"], "test": []}')
    manifest = read_manifest(tmp_path / "t.csv", tmp_path / "audio", more=[tmp_path / "s.json"])
    assert [(entry.track_id, set(entry.splits)) for entry in manifest.entries] == [("a", {"train"}), ("b", {"val"})]
