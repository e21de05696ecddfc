"""Data sets as they are published: the columns, files and folders of each, a few rows of it."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from antiphon.library.manifest.columns.options import Choice, ManifestOptions
from antiphon.library.manifest.entries import Manifest, read_manifest


def put(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(path.name.encode())


def table(path: Path, rows: Iterable[Sequence[object]], mark: str = ",") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=mark).writerows(rows)
    return path


def read(path: Path, *more: Path, **options: object) -> Manifest:
    return read_manifest(path, path.parent / "lib" / "audio", ManifestOptions(**options), more)  # type: ignore[arg-type]


def splits(manifest: Manifest) -> dict[str, int]:
    return dict(Counter(",".join(sorted(entry.splits)) for entry in manifest.entries))


def test_musiccaps(tmp_path: Path) -> None:
    head = ["ytid", "start_s", "end_s", "audioset_positive_labels", "aspect_list", "caption", "author_id"]
    rows = [
        [f"-v{i}_x", 30, 40, "/m/04rlf,/m/02", "['pop', 'mellow piano']", f"A calm piece {i}", 4, False, i % 2 == 0]
        for i in range(6)
    ]
    path = table(tmp_path / "musiccaps-public.csv", [[*head, "is_balanced_subset", "is_audioset_eval"], *rows])
    bare = read(path)
    assert bare.problems == []
    assert splits(bare) == {"test": 3, "train": 3}
    assert any("--caption caption --caption aspect_list" in note for note in bare.notes)
    put(*[tmp_path / "wav" / f"-v{i}_x.wav" for i in range(6)])
    found = read(path, audio_folders=(tmp_path / "wav",), choice=Choice(captions=("caption", "aspect_list")))
    assert [entry.path for entry in found.entries][:2] == ["wav/-v0_x.wav", "wav/-v1_x.wav"]
    assert found.entries[0].captions == ["A calm piece 0", "pop, mellow piano"]
    assert found.problems == []


def song_describer(folder: Path) -> Path:
    head = ["caption_id", "track_id", "caption", "is_valid_subset", "familiarity", "artist_id", "album_id", "path"]
    rows = []
    for i in range(12):
        track = 1000 + i // 2
        row = [i, track, f"text {i}", ["True", "False", ""][i % 3], 0, f"artist_{i // 4}", "album_1"]
        rows.append([*row, f"{track % 100:02d}/{track}.mp3", 120.0, "['rock']", "[]", ""])
    return table(folder / "song_describer.csv", [[*head, "duration", "genre", "instrument", "mood/theme"], *rows])


def test_song_describer_with_its_sound_its_valid_subset_and_without_sound(tmp_path: Path) -> None:
    path = song_describer(tmp_path)
    put(*[tmp_path / "audio" / f"{n % 100:02d}" / f"{n}.2min.mp3" for n in range(1000, 1006)])
    whole = read(path, audio_folders=(tmp_path / "audio",), split="test")
    assert (len(whole.entries), sum(len(entry.captions) for entry in whole.entries)) == (6, 12)
    assert whole.entries[0].path == "audio/00/1000.2min.mp3"
    assert splits(whole) == {"test": 6}
    valid = read(path, only=("is_valid_subset",), no_audio=True)
    assert [entry.captions for entry in valid.entries] == [["text 0"], ["text 3"], ["text 6"], ["text 9"]]
    assert any("8 rows left out by --only" in note for note in valid.notes)
    assert valid.problems == whole.problems == []
    assert [entry.group for entry in whole.entries] == [f"artist_{i // 2}" for i in range(6)]


def test_mtg_jamendo(tmp_path: Path) -> None:
    head = ["TRACK_ID", "ARTIST_ID", "ALBUM_ID", "PATH", "DURATION", "TAGS"]
    tags = [["genre---rock"], ["genre---pop", "instrument---piano", "mood/theme---calm"]]
    rows = [[f"track_{i}", "artist_1", "album_1", f"{i}/{i}.mp3", 100.5, *tags[i]] for i in range(2)]
    path = table(tmp_path / "autotagging.tsv", [head, *rows], "\t")
    put(tmp_path / "audio" / "0" / "0.low.mp3", tmp_path / "audio" / "1" / "1.low.mp3")
    found = read(path, audio_folders=(tmp_path / "audio",), choice=Choice(captions=("TAGS",)))
    assert found.problems == []
    assert {entry.track_id: (entry.path, entry.captions) for entry in found.entries} == {
        "track_0": ("audio/0/0.low.mp3", ["rock"]),
        "track_1": ("audio/1/1.low.mp3", ["pop, piano, calm"]),
    }


def test_lp_musiccaps(tmp_path: Path) -> None:
    four = {f"caption_{kind}": [f"{kind} 0", f"{kind} 1"] for kind in ("writing", "summary", "paraphrase")}
    four["caption_attribute_prediction"] = ["pred 0", "pred 1"]
    common = {**four, "pseudo_attribute": [["x", "y"]] * 2}
    named = {"track_id": ["7", "8"], "title": ["t"] * 2, "artist_name": ["A", "B"], "release": ["r"] * 2}
    pq.write_table(
        pa.table({**named, "tag_top50": [["rock"]] * 2, **common, "path": ["f/7.mp3"] * 2}), tmp_path / "mtt.parquet"
    )
    mtt = read(tmp_path / "mtt.parquet", no_audio=True)
    assert [len(entry.captions) for entry in mtt.entries] == [4, 4]
    about = mtt.entries[1]
    assert (about.title, about.artist, about.album) == ("t", "B", "r")
    assert any("advise against caption_attribute_prediction" in note for note in mtt.notes)
    clips = {"fname": ["a", "b"], "ytid": ["v0", "v1"], "caption_ground_truth": ["gt 0", "gt 1"]}
    pq.write_table(pa.table({**clips, **common, "is_audioset_eval": [True, False]}), tmp_path / "mc.parquet")
    chosen = read(tmp_path / "mc.parquet", choice=Choice(captions=("caption_ground_truth",)))
    assert [(entry.track_id, entry.captions, entry.splits) for entry in chosen.entries] == [
        ("v0", ["gt 0"], {"test"}),
        ("v1", ["gt 1"], {"train"}),
    ]


def test_musicbench_json_lines_that_are_called_json_with_musical_keys(tmp_path: Path) -> None:
    for name, first in (("MusicBench_train", 0), ("MusicBench_test_A", 10)):
        rows = [
            {
                "dataset": "MusicBench",
                "location": f"data/{i}.wav",
                "main_caption": f"main {i}",
                "alt_caption": f"alt {i}",
            }
            | {"prompt_key": "This is in G minor now", "key": ["G", "minor"], "is_audioset_eval_mcaps": i == 2}
            for i in range(first, first + 4)
        ]
        (tmp_path / f"{name}.json").write_text("".join(json.dumps(row) + "\n" for row in rows))
        put(*[tmp_path / "datashare" / "data" / f"{i}.wav" for i in range(first, first + 4)])
    found = read(tmp_path / "MusicBench_train.json", tmp_path / "MusicBench_test_A.json", audio_folders=(tmp_path,))
    assert found.problems == []
    assert splits(found) == {"train": 3, "test": 5}
    assert found.entries[0].captions == ["main 0", "alt 0"]
    assert splits(read(tmp_path)) == {"train": 3, "test": 5}


def test_fma(tmp_path: Path) -> None:
    pandas = __import__("pandas")
    names = [("artist", "id"), ("artist", "name"), ("set", "split"), ("set", "subset"), ("track", "genre_top")]
    columns = pandas.MultiIndex.from_tuples([*names, ("track", "title"), ("album", "title"), ("album", "id")])
    rows = [
        [i, f"Art, {i}", split, "small", "Hip-Hop", "Song\nof two lines", "Al", i]
        for i, split in enumerate(("training", "validation", "test"))
    ]
    frame = pandas.DataFrame(rows, index=pandas.Index([2, 140, 1300], name="track_id"), columns=columns)
    (tmp_path / "fma_metadata").mkdir()
    frame.to_csv(tmp_path / "fma_metadata" / "tracks.csv")
    put(*[tmp_path / "fma_small" / f"{n // 1000:03d}" / f"{n:06d}.mp3" for n in (2, 140, 1300)])
    options = {"audio_folders": (tmp_path / "fma_small",), "choice": Choice(captions=("track_genre_top",))}
    found = read(tmp_path / "fma_metadata" / "tracks.csv", only=("set_subset=small",), **options)
    assert found.problems == []
    assert [(e.track_id, Path(e.path).name, e.captions, e.splits, e.artist) for e in found.entries] == [
        ("2", "000002.mp3", ["Hip-Hop"], {"train"}, "Art, 0"),
        ("140", "000140.mp3", ["Hip-Hop"], {"val"}, "Art, 1"),
        ("1300", "001300.mp3", ["Hip-Hop"], {"test"}, "Art, 2"),
    ]


def test_music4all_several_tab_separated_tables_called_csv(tmp_path: Path) -> None:
    ids = [f"0a{i}" for i in range(3)]
    about = table(
        tmp_path / "id_information.csv",
        [["id", "artist", "song", "album_name"], *[[i, "Band, The", "So", "Al"] for i in ids]],
        "\t",
    )
    tags = table(tmp_path / "id_tags.csv", [["id", "tags"], *[[i, "rock,indie"] for i in ids]], "\t")
    more = [["id", "spotify_id", "release", "key", "duration_ms"], *[[i, f"s{i}", 2010, 5.0, 30000] for i in ids]]
    numbers = table(tmp_path / "id_metadata.csv", more, "\t")
    put(*[tmp_path / "audios" / f"{i}.mp3" for i in ids])
    found = read(about, tags, numbers, audio_folders=(tmp_path / "audios",), choice=Choice(captions=("tags",)))
    assert found.problems == []
    first = found.entries[0]
    assert (first.path, first.captions) == ("audios/0a0.mp3", ["rock,indie"])
    assert (first.artist, first.title, first.album) == ("Band, The", "So", "Al")


def test_clotho(tmp_path: Path) -> None:
    for split, number in (("development", 4), ("validation", 2), ("evaluation", 3)):
        names = [f"{split} Radio, noise #{i}.wav" for i in range(number)]
        head = ["file_name", *[f"caption_{n}" for n in range(1, 6)]]
        rows = [[name, *[f"{name} {n}" for n in range(5)]] for name in names]
        table(tmp_path / f"clotho_captions_{split}.csv", [head, *rows])
        put(*[tmp_path / split / name for name in names])
    found = read(tmp_path)
    assert found.problems == []
    assert splits(found) == {"train": 4, "val": 2, "test": 3}
    assert {len(entry.captions) for entry in found.entries} == {5}
    assert found.entries[0].path.startswith("development/")


def test_audiocaps(tmp_path: Path) -> None:
    paths = []
    for split, captions in (("train", 1), ("val", 5), ("test", 5)):
        head = ["audiocap_id", "youtube_id", "start_time", "caption"]
        rows = [
            [i * 5 + n, f"{split}yt_{i}", 30 + i, f"{split} {i} text {n}"] for i in range(3) for n in range(captions)
        ]
        paths.append(table(tmp_path / f"{split}.csv", [head, *rows]))
        put(*[tmp_path / "wav" / f"Y{split}yt_{i}.wav" for i in range(3)])
    found = read(*paths, audio_folders=(tmp_path / "wav",))
    assert found.problems == []
    assert splits(found) == {"train": 3, "val": 3, "test": 3}
    assert [len(entry.captions) for entry in found.entries] == [1, 1, 1, 5, 5, 5, 5, 5, 5]
    assert found.entries[3].path == "wav/Yvalyt_0.wav"


def test_numbered_captions_of_any_name(tmp_path: Path) -> None:
    head = ["id", "Caption 1", "caption-02", "text_2", "description3", "caption_id", "caption_length", "text_lang"]
    found = read(table(tmp_path / "m.csv", [head, ["1", "a", "b", "c", "d", "9", "3", "en"]]))
    assert found.entries[0].captions == ["a", "b", "c", "d"]
    named = read(table(tmp_path / "n.csv", [["id", "text", "Caption Text", "caption_length"], ["1", "a", "slow", "1"]]))
    assert any(
        "'Caption Text' looks like text, kept as metadata; as captions: --caption text --caption 'Caption Text'" in n
        for n in named.notes
    )
    assert any("'caption_length' is kept as metadata" in note for note in named.notes)


def test_parts_of_files_and_rows_that_are_captions(tmp_path: Path) -> None:
    put(tmp_path / "one.wav", tmp_path / "two.wav")
    head = ["file", "start_time", "duration", "text"]
    rows = [[f"{name}.wav", start, 2.5, f"{name} {start}"] for name in ("one", "two") for start in ("0", "1:02.5")]
    parts = read(table(tmp_path / "parts.csv", [head, *rows, ["one.wav", "x", 1, "bad"], ["one.wav", 3, 0, "none"]]))
    assert [entry.track_id for entry in parts.entries] == [
        "one.wav#t=0,2.5",
        "one.wav#t=62.5,65",
        "two.wav#t=0,2.5",
        "two.wav#t=62.5,65",
    ]
    assert [p.kind for p in parts.problems] == ["bad part", "bad part"]
    named = [[f"c{i}", "one.wav", f"caption {i}"] for i in range(3)]
    captions = read(table(tmp_path / "captions.csv", [["id", "file", "caption"], *named]))
    assert [(entry.track_id, len(entry.captions)) for entry in captions.entries] == [("one.wav", 3)]
    kept = read(tmp_path / "captions.csv", choice=Choice(id="id"))
    assert [entry.track_id for entry in kept.entries] == ["c0", "c1", "c2"]
    assert any("no search tells apart" in note for note in kept.notes)


def test_one_bad_table_beside_good_ones(tmp_path: Path) -> None:
    table(tmp_path / "train.csv", [["id", "caption"], ["1", "one"]])
    (tmp_path / "val.csv").write_bytes(b"id,caption\n2,caf\xe9\n")
    table(tmp_path / "test.csv", [["nothing", "here"], ["3", "three"]])
    found = read(tmp_path / "train.csv", tmp_path / "val.csv", tmp_path / "test.csv")
    assert [entry.track_id for entry in found.entries] == ["1"]
    assert {(p.where, p.kind) for p in found.problems} == {("val.csv", "bad table"), ("test.csv", "bad table")}


def test_json_in_the_shapes_that_pandas_writes(tmp_path: Path) -> None:
    shapes = {
        "columns": {"id": {"0": "1", "1": "2"}, "caption": {"0": "a", "1": "b"}},
        "list": {"id": ["1", "2"], "caption": ["a", "b"]},
        "captions by id": {"1": "a", "2": ["b"]},
        "by id": {"1": {"caption": "a"}, "2": {"caption": "b"}},
        "index": {"0": {"id": "1", "caption": "a"}, "1": {"id": "2", "caption": "b"}},
        "inside": {"version": 1, "data": [{"id": "1", "caption": "a"}, {"id": "2", "caption": "b"}]},
    }
    for name, value in shapes.items():
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(value))
        assert {e.track_id: e.captions for e in read(path).entries} == {"1": ["a"], "2": ["b"]}, name
