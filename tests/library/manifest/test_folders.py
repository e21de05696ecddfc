"""Folders as manifests: AudioFolder, sidecars, data sets saved by Hugging Face ``datasets``, HDF5."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from antiphon.errors import AntiphonError, ManifestError
from antiphon.library.ingest import ingest
from antiphon.library.manifest import hdf5 as readers_h5
from antiphon.library.manifest.entries import Manifest, read_manifest
from antiphon.library.tracks import Library


def read(path: Path) -> Manifest:
    return read_manifest(path, path.parent / "lib" / "audio")


def put(path: Path, data: str | bytes = b"sound") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def test_an_audio_folder_with_metadata(tmp_path: Path) -> None:
    put(tmp_path / "f" / "metadata.csv", "file_name,text\na.wav,one\n")
    put(tmp_path / "f" / "a.wav")
    put(tmp_path / "f" / "b.wav")
    manifest = read(tmp_path / "f")
    assert [(e.path, e.captions) for e in manifest.entries] == [("a.wav", ["one"])]
    assert "1 sound files" in manifest.notes[-1]
    assert "b.wav" in manifest.notes[-1]


def test_an_audio_folder_with_a_table_for_each_split(tmp_path: Path) -> None:
    for split in ("train", "validation"):
        put(tmp_path / "f" / split / "metadata.jsonl", json.dumps({"file_name": "a.wav", "text": split}))
        put(tmp_path / "f" / split / "a.wav")
    found = [(e.track_id, sorted(e.splits)) for e in read(tmp_path / "f").entries]
    assert found == [("train/a.wav", ["train"]), ("validation/a.wav", ["val"])]


def test_sound_files_with_sidecar_texts(tmp_path: Path) -> None:
    put(tmp_path / "f" / "a.wav")
    put(tmp_path / "f" / "a.txt", "one\n\ntwo\n")
    put(tmp_path / "f" / "test" / "b.flac")
    put(tmp_path / "f" / "test" / "b.json", json.dumps({"caption": "three", "artist": "X"}))
    put(tmp_path / "f" / "c.mp3")
    put(tmp_path / "f" / "c.json", "[")
    manifest = read(tmp_path / "f")
    found = {e.track_id: (e.captions, sorted(e.splits)) for e in manifest.entries}
    assert found == {"a.wav": (["one", "two"], []), "c.mp3": ([], []), "test/b.flac": (["three"], ["test"])}
    assert manifest.problems[0].where == "c.json:1"


def test_a_folder_with_nothing_in_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="neither a metadata table"):
        read(tmp_path)


def test_parquet_parts_as_the_hub_stores_them(tmp_path: Path) -> None:
    sound = pa.array([{"bytes": b"RIFFx", "path": None}], pa.struct([("bytes", pa.binary()), ("path", pa.string())]))
    for split in ("train", "test"):
        path = put(tmp_path / "d" / "data" / f"{split}-00000-of-00001.parquet")
        pq.write_table(pa.table({"id": [split], "audio": sound, "caption": ["x"]}), path)
    entries = read(tmp_path / "d").entries
    assert [(e.track_id, sorted(e.splits)) for e in entries] == [("test", ["test"]), ("train", ["train"])]
    assert Path(entries[0].path).read_bytes() == b"RIFFx"
    assert entries[0].path.endswith(".wav")


def saved_dataset(folder: Path, *, embedded: bool) -> None:
    """What a data set with an Audio column looks like once ``datasets`` has saved it."""
    datasets = pytest.importorskip("datasets")
    folder.mkdir(parents=True)
    sounds = [{"bytes": b"fLaC" + bytes([i]) if embedded else None, "path": f"{i}.flac"} for i in range(4)]
    if not embedded:
        for i in range(4):
            put(folder.parent / f"{i}.flac", bytes([i]))
        sounds = [{"bytes": None, "path": str(folder.parent / f"{i}.flac")} for i in range(4)]
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    table = pa.table({"audio": pa.array(sounds, kind), "caption": ["a", "b", "c", "d"], "mood": [0, 1, 0, 1]})
    features = datasets.Features(
        {
            "audio": datasets.Audio(),
            "caption": datasets.Value("string"),
            "mood": datasets.ClassLabel(names=["sad", "happy"]),
        }
    )
    rows = datasets.Dataset(table).cast(features)
    parts = {"train": rows.select([0, 1]), "validation": rows.select([2]), "test": rows.select([3])}
    datasets.DatasetDict(parts).save_to_disk(str(folder))


@pytest.mark.parametrize("embedded", [True, False])
def test_a_saved_hugging_face_data_set(tmp_path: Path, embedded: bool) -> None:
    saved_dataset(tmp_path / "x" / "saved", embedded=embedded)
    audit = ingest(tmp_path / "x" / "saved", tmp_path / "lib")
    library = Library(tmp_path / "lib")
    assert library.column("split").tolist() == ["train", "train", "val", "test"]
    assert library.caption_column("text").tolist() == ["a", "b", "c", "d"]
    assert all(library.audio_path(path).is_file() for path in library.column("path"))
    if embedded:
        assert library.audio_path(library.column("path")[1]).read_bytes() == b"fLaC\x01"
        assert all("/" not in track_id for track_id in library.column("track_id"))
        (tmp_path / "lib").rename(tmp_path / "moved")
        moved = Library(tmp_path / "moved")
        assert all(Path(moved.sound_at(path)).is_file() for path in moved.column("path"))
    assert any("'mood'" in note and "metadata" in note for note in audit.notes)


def test_a_single_saved_data_set_in_several_shards(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    rows = datasets.Dataset.from_dict({"id": list("abcdef"), "captions": [[c, c * 2] for c in "abcdef"]})
    rows.select([5, 0, 1, 2, 3]).save_to_disk(str(tmp_path / "d"), num_shards=2)
    entries = read(tmp_path / "d").entries
    assert [(e.track_id, e.captions) for e in entries][:2] == [("f", ["f", "ff"]), ("a", ["a", "aa"])]
    assert len(entries) == 5


def test_a_saved_data_set_that_lost_a_file_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "d" / "state.json", json.dumps({"_data_files": [{"filename": "no.arrow"}]}))
    with pytest.raises(ManifestError, match="cannot be read"):
        read(tmp_path / "d")
    put(tmp_path / "d" / "state.json", json.dumps({"_indices_data_files": [{"filename": "i.arrow"}]}))
    with pytest.raises(ManifestError, match="indices mapping"):
        read(tmp_path / "d")


def test_hdf5_with_splits_and_captions_makes_a_library(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "old.h5", "w") as file:
        for split, ids in (("train", ["a", "b"]), ("val", ["c"]), ("test", ["d"])):
            group = file.create_group(split)
            group["audio_ids"] = np.array(ids, dtype="S")
            group["captions"] = np.array([f"about {i}" for i in ids], dtype="S")
            group["muq_embeddings"] = np.zeros((len(ids), 4), np.float32)
    ingest(tmp_path / "old.h5", tmp_path / "lib")
    library = Library(tmp_path / "lib")
    found = dict(zip(library.column("track_id"), library.column("split"), strict=True))
    assert found == {"a": "train", "b": "train", "c": "val", "d": "test"}
    assert sorted(library.caption_column("text")) == ["about a", "about b", "about c", "about d"]


def test_hdf5_without_h5py_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    with pytest.raises(AntiphonError, match=r"(.|\n)*pip install h5py"):
        readers_h5.import_h5py()


def test_hdf5_of_unequal_lengths_or_without_ids_is_refused(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["ids"] = np.array(["a", "b"], dtype="S")
        file["captions"] = np.array(["x"], dtype="S")
    with pytest.raises(ManifestError, match="2 ids, but 1 captions"):
        read(tmp_path / "x.h5")
    with h5py.File(tmp_path / "y.h5", "w") as file:
        file["stuff"] = [1, 2]
    with pytest.raises(ManifestError, match="no ids"):
        read(tmp_path / "y.h5")
    put(tmp_path / "z.h5", b"nothing")
    with pytest.raises(ManifestError, match="HDF5"):
        read(tmp_path / "z.h5")


def test_a_server_without_its_scheme_is_told_how_it_is_written(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="For a server: http://nas:4533/music"):
        read(Path("nas:4533/music"))


def test_a_file_without_a_byte_is_called_empty(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"navidrome.db is empty \(0 bytes\)"):
        read(put(tmp_path / "navidrome.db", b""))


def test_a_problem_quotes_no_book(tmp_path: Path) -> None:
    put(tmp_path / "a.wav")
    rows = [{"audio": "x" * 100_000, "text": "a"}, {"audio": "a.wav", "text": "b"}]
    manifest = read(put(tmp_path / "m.jsonl", "\n".join(map(json.dumps, rows))))
    assert [len(str(problem)) < 1000 for problem in manifest.problems] == [True]
