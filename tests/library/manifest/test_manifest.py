"""Reading manifests: columns, cells, paths, and every row that cannot be used."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from antiphon.errors import ManifestError
from antiphon.library.manifest.cells import id_of, text_of, texts_of
from antiphon.library.manifest.columns import ALIASES, match_columns
from antiphon.library.manifest.entries import Manifest, read_manifest, require_clean


def read(path: Path) -> Manifest:
    return read_manifest(path, path.parent / "lib" / "audio")


def sounds(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())


def write(folder: Path, text: str, name: str = "m.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def captions(manifest: Manifest) -> dict[str, list[str]]:
    return {entry.track_id: entry.captions for entry in manifest.entries}


@pytest.mark.parametrize(("role", "alias"), [(role, alias) for role, names in ALIASES.items() for alias in names])
def test_every_alias_is_known_in_any_case(role: str, alias: str) -> None:
    assert match_columns([alias]).roles == {role: alias}
    assert match_columns([f" {alias.upper()} "]).roles == {role: f" {alias.upper()} "}


def test_the_earlier_alias_wins_and_the_other_is_ignored() -> None:
    columns = match_columns(["text", "caption", "path", "audio"])
    assert (columns.roles["caption"], columns.roles["audio"]) == ("caption", "audio")
    assert columns.ignored == ("text", "path")


def test_a_near_miss_is_hinted_at() -> None:
    assert match_columns(["id", "captoin", "genres"]).hints == {"captoin": "caption"}


def test_any_column_starting_with_alt_caption_holds_captions() -> None:
    columns = match_columns(["id", "caption", "alt_caption_short", "Alt-Caption 2"])
    assert columns.texts == ("caption", "alt_caption_short", "Alt-Caption 2")


@pytest.mark.parametrize(
    ("cell", "text"), [(None, ""), (float("nan"), ""), (12.0, "12"), (1.5, "1.5"), (7, "7"), (" a ", "a"), (b"x", "x")]
)
def test_cells_become_text(cell: object, text: str) -> None:
    assert text_of(cell) == text


def test_half_a_character_from_json_is_storable() -> None:
    assert text_of("a\ud800b").encode("utf-8") == b"a?b"


def test_words_for_nothing_are_no_id() -> None:
    assert [id_of(cell) for cell in ("NaN", "null", "None", "no")] == ["", "", "", "no"]


def test_a_json_list_in_a_cell_is_several_captions() -> None:
    assert texts_of('["a", "b"]', parse=True) == (["a", "b"], None)
    texts, fault = texts_of('["a", "b', parse=True)
    assert texts == ["a", "b"]
    assert fault is not None
    assert texts_of(["a", None]) == (["a"], None)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_with_any_usual_delimiter(tmp_path: Path, delimiter: str) -> None:
    sounds(tmp_path, "a.wav", "b.wav")
    rows = [["id", "audio", "caption"], ["1", "a.wav", "one"], ["2", "b.wav", "two"]]
    manifest = read(write(tmp_path, "\n".join(delimiter.join(row) for row in rows)))
    assert captions(manifest) == {"1": ["one"], "2": ["two"]}
    assert not manifest.problems


def test_tsv_keeps_commas(tmp_path: Path) -> None:
    assert captions(read(write(tmp_path, "id\tcaption\n1\ta, b\n", "m.tsv"))) == {"1": ["a, b"]}


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    assert captions(read(write(tmp_path, "\ufeffid,caption\r\n1,one\r\n"))) == {"1": ["one"]}


def test_another_encoding_is_reported_with_line_and_fix(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_bytes("id,caption\n1,one\n2,caf\xe9\n".encode("latin1"))
    with pytest.raises(ManifestError, match=r"m.csv:3: the byte 0xe9 is not UTF-8(.|\n)*iconv"):
        read(path)
    for encoding in ("UTF-16", "UTF-16LE", "UTF-16BE"):
        path.write_bytes("id,caption\n1,slow piano\n".encode(encoding))
        with pytest.raises(ManifestError, match=rf"UTF-16(.|\n)*iconv -f {encoding} "):
            read(path)


def test_line_numbers_stay_right_after_a_quoted_newline(tmp_path: Path) -> None:
    manifest = read(write(tmp_path, 'id,caption\n1,"two\nlines"\n\n2,\n3,ok\n'))
    assert [(p.where, p.column, p.kind) for p in manifest.problems] == [("m.csv:5", "caption", "empty caption")]
    assert captions(manifest) == {"1": ["two\nlines"], "2": [], "3": ["ok"]}


def test_ragged_rows_are_listed_and_the_rest_is_read(tmp_path: Path) -> None:
    manifest = read(write(tmp_path, "id,caption,title\n1,slow, sad,x\n2,ok,t\n3,short\n4,ok,t,,\n"))
    assert [(p.where, p.kind) for p in manifest.problems] == [("m.csv:2", "ragged row"), ("m.csv:4", "ragged row")]
    assert list(captions(manifest)) == ["2", "4"]
    assert manifest.rows == 4


def test_a_quote_that_is_never_closed_names_its_line(tmp_path: Path) -> None:
    manifest = read(write(tmp_path, 'id,caption\n1,ok\n2,"open\n3,lost\n'))
    assert captions(manifest) == {"1": ["ok"], "2": ['"open'], "3": ["lost"]}
    assert str(manifest.problems[0]).startswith("m.csv:3: a quote that opens here is never closed (up to line 4)")


def test_rows_of_one_id_are_captions_of_one_track(tmp_path: Path) -> None:
    sounds(tmp_path, "a.wav")
    manifest = read(write(tmp_path, "audio,caption,alt_caption_1\na.wav,one,two\na.wav,three,\na.wav,ONE,\n"))
    assert captions(manifest) == {"a.wav": ["one", "two", "three"]}
    assert manifest.entries[0].rows == 3
    assert [p.kind for p in manifest.problems] == ["repeated caption"]


def test_two_files_under_one_id_are_a_listed_problem(tmp_path: Path) -> None:
    sounds(tmp_path, "a.wav", "b.wav")
    manifest = read(write(tmp_path, "id,audio,caption,title\n1,a.wav,x,T\n1,b.wav,y,T\n1,a.wav,z,U\n"))
    assert captions(manifest) == {"1": ["x", "z"]}
    assert [p.kind for p in manifest.problems] == ["conflicting path", "conflicting title"]
    assert "'1' stands for 'a.wav' already (m.csv:2), here for 'b.wav'" in manifest.problems[0].problem


def test_a_missing_file_names_line_column_and_fix(tmp_path: Path) -> None:
    sounds(tmp_path, "a.wav")
    (tmp_path / "folder.wav").mkdir()
    text = "id,audio,caption\n1,a.wav,x\n2,no.wav,y\n3,,z\n4,folder.wav,z\n"
    manifest = read(write(tmp_path, text))
    assert list(captions(manifest)) == ["1"]
    assert [p.where for p in manifest.problems] == ["m.csv:3", "m.csv:4", "m.csv:5"]
    assert str(manifest.problems[0]).startswith("m.csv:3, column 'audio': there is no file")


def test_addresses_of_object_storage_are_taken_as_they_stand(tmp_path: Path) -> None:
    sounds(tmp_path, "a.wav")
    text = "id,audio,caption\n1,a.wav,x\n2,s3://music/b.flac,y\n3,s3://music/c.flac,y\n"
    manifest = read(write(tmp_path, text))
    assert manifest.problems == []
    assert [entry.path for entry in manifest.entries] == ["a.wav", "s3://music/b.flac", "s3://music/c.flac"]


def test_when_no_file_is_found_the_message_says_where_paths_start(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"None of the 1 rows(.|\n)*Paths start from(.|\n)*--no-audio"):
        read(write(tmp_path, "audio,caption\nno.wav,x\n"))


def test_without_audio_the_library_has_captions_only(tmp_path: Path) -> None:
    manifest = read(write(tmp_path, "id,caption\n1,x\n,y\n"))
    assert [(e.track_id, e.path, e.size) for e in manifest.entries] == [("1", "", -1)]
    assert manifest.problems[0].kind == "missing id"


def test_a_table_without_audio_or_id_is_refused_with_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"no column for audio(.|\n)*'audoi' \(did you mean 'audio'\?\)"):
        read(write(tmp_path, "audoi,caption\na.wav,x\n"))


def test_a_misspelt_caption_column_is_refused_not_ignored(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"no column for captions(.|\n)*did you mean 'caption'"):
        read(write(tmp_path, "id,captoin\n1,x\n"))


def test_ignored_columns_and_missing_captions_are_noted(tmp_path: Path) -> None:
    sounds(tmp_path, "a.wav")
    notes = read(write(tmp_path, "audio,tempo\na.wav,90\n")).notes
    assert "m.csv: column 'tempo' is kept as metadata." in notes
    assert "has no captions" in notes[-1]


def test_splits_by_any_usual_name_and_unknown_ones_listed(tmp_path: Path) -> None:
    manifest = read(write(tmp_path, "id,caption,split\n1,x,Training\n2,y,dev\n3,z,evaluation\n4,w,fold3\n5,v,\n"))
    assert [sorted(e.splits) for e in manifest.entries] == [["train"], ["val"], ["test"], [], []]
    assert [(p.where, p.kind) for p in manifest.problems] == [("m.csv:5", "unknown split")]


def test_jsonl_with_lists_and_broken_lines(tmp_path: Path) -> None:
    lines = [json.dumps({"id": 1, "captions": ["a", "b"]}), "{broken", "[1]", "", json.dumps({"id": 2, "text": "c"})]
    manifest = read(write(tmp_path, "\n".join(lines), "m.jsonl"))
    assert captions(manifest) == {"1": ["a", "b"], "2": ["c"]}
    broken = [p.where for p in manifest.problems if p.kind == "broken JSON"]
    assert broken == ["m.jsonl:2", "m.jsonl:3"]


def test_a_json_list_keeps_line_numbers(tmp_path: Path) -> None:
    text = '[\n {"id": "a", "caption": "x"},\n\n {"id": "b",\n  "caption": ""}, 5\n]'
    manifest = read(write(tmp_path, text, "m.json"))
    assert [(p.where, p.kind) for p in manifest.problems] == [
        ("m.json:5", "broken JSON"),
        ("m.json:4", "empty caption"),
    ]


@pytest.mark.parametrize(("text", "message"), [("{}", "not a list"), ("[1,", "m.json:1: not JSON")])
def test_json_that_is_no_list_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        read(write(tmp_path, text, "m.json"))


def test_parquet_with_lists_numbers_and_unused_columns(tmp_path: Path) -> None:
    path = tmp_path / "m.parquet"
    pq.write_table(pa.table({"id": [1.0, 2.0], "captions": [["a", "b"], []], "tempo": [1, 2]}), path)
    manifest = read(path)
    assert captions(manifest) == {"1": ["a", "b"], "2": []}
    assert manifest.problems[0].where == "m.parquet row 2"
    assert "m.parquet: column 'tempo' is kept as metadata." in manifest.notes


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("m.txt", b"", "no known form"),
        ("m.parquet", b"x", "Parquet"),
        ("m.csv", b"", "no header"),
        ("m.csv", b"id,caption\n", "has no rows"),
    ],
)
def test_files_that_are_no_manifest(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ManifestError, match=message):
        read(tmp_path / name)


def test_a_missing_manifest_says_what_is_possible(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"There is nothing at(.|\n)*a folder of music, or a table: CSV"):
        read(tmp_path / "no.csv")


def test_a_misspelt_folder_is_found(tmp_path: Path) -> None:
    (tmp_path / "Music").mkdir()
    with pytest.raises(ManifestError, match="There is nothing at") as told:
        read(tmp_path / "Musc")
    assert str(told.value.fix).startswith(f"Did you mean {tmp_path / 'Music'}?")


def test_strict_lists_every_problem(tmp_path: Path) -> None:
    manifest = read(write(tmp_path, "id,caption\n1,\n2,\n3,x\n"))
    with pytest.raises(ManifestError, match=r"2 problems:\n  m.csv:2(.|\n)*m.csv:3"):
        require_clean(manifest.problems, tmp_path / "m.csv")


def test_ids_that_a_program_made_floats_are_whole_again_and_others_stay(tmp_path: Path) -> None:
    manifest = read(write(tmp_path, "id,caption\n7.0,slow\n8.0,fast\n"))
    assert [entry.track_id for entry in manifest.entries] == ["7", "8"]
    assert any("'7.0' is '7'" in note for note in manifest.notes)
    assert [e.track_id for e in read(write(tmp_path, "id,caption\n7.0,slow\n7.1,fast\n")).entries] == ["7.0", "7.1"]


@pytest.mark.parametrize("word", ["TBD", "no caption", "[No description]", "...", "?", "todo."])
def test_a_word_in_a_captions_place_is_named(tmp_path: Path, word: str) -> None:
    (problem,) = read(write(tmp_path, f"id,caption\n1,{word}\n2,slow piano\n")).problems
    assert problem.kind == "placeholder"
    assert word in problem.problem


@pytest.mark.parametrize("text", ["- upbeat", "a caption", "pending doom, dark ambient"])
def test_a_caption_with_such_a_word_in_it_is_none(tmp_path: Path, text: str) -> None:
    assert read(write(tmp_path, f'id,caption\n1,"{text}"\n')).problems == []


def test_a_table_of_which_no_row_can_be_read_says_why_and_not_that_columns_lack(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "a"\n{"id": "b"\n', encoding="utf-8")
    with pytest.raises(ManifestError, match=r"No row of a.jsonl can be read: a.jsonl:1: not JSON"):
        read_manifest(tmp_path / "a.jsonl", tmp_path)


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.json", "rows.parquet"])
def test_a_column_without_a_name_is_kept_whatever_the_file(tmp_path: Path, name: str) -> None:
    sounds(tmp_path, "a.wav", "b.wav")
    rows = [
        {"audio": "a.wav", "caption": "calm piano", "": "slow"},
        {"audio": "b.wav", "caption": "loud drums", "": "fast"},
    ]
    path = tmp_path / name
    if name.endswith("parquet"):
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        path.write_text(json.dumps(rows) if name.endswith(".json") else "\n".join(map(json.dumps, rows)))
    fields = list(read(path).entries[0].table.columns["column 3"])
    assert fields == ["slow", "fast"]
