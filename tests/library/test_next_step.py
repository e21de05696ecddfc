"""The next command: as short as it can be, and none that would be refused."""

from __future__ import annotations

import shlex
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from antiphon.library.lock import only_writer
from antiphon.library.next_step import TOO_FEW, goes_on, next_step, towards_training, unheard, what_next
from antiphon.library.tracks import Library, Track, save_library
from antiphon.library.vectors.rows import Row, read_rows, table_of
from tests.helpers.libraries.made_vectors import make_library


@pytest.mark.parametrize(
    ("encoders", "expected"),
    [
        ([], "antiphon embed"),
        (["harmony", "musicnn", "rhythm", "timbre"], "antiphon embed"),
        (["timbre", "rhythm", "harmony"], "antiphon embed"),
        (["timbre"], "antiphon embed --encoder timbre"),
        (["harmony", "muq", "rhythm", "timbre"], "antiphon embed --encoder harmony muq rhythm timbre"),
    ],
)
def test_encoders_are_named_where_plain_embed_would_run_others(encoders: list[str], expected: str) -> None:
    assert goes_on(encoders, Path()) == expected


def test_whoever_asks_while_embed_is_at_work_is_told_so(tmp_path: Path) -> None:
    save_library(tmp_path, [Track(track_id="a", path="a.wav", group="a")], [], {})
    folder = Library(tmp_path).embedding_folder("audio", "timbre")
    with only_writer(folder, "writing vectors into"):
        (folder / "provenance.json").write_text("{}")
        said = what_next(Library(tmp_path))
    assert said == "The music is still being listened to: ask again, and more is found."


def test_a_library_that_cannot_be_trained_on_is_sent_to_search(tmp_path: Path) -> None:
    tiny, two = (make_library(tmp_path / str(train), train=train, val=1) for train in (1, 2))
    assert next_step(tiny) == f"antiphon search slow sad piano --library {shlex.quote(str(tiny.root))}"
    assert towards_training(tiny) == what_next(tiny) == TOO_FEW
    assert next_step(two) == towards_training(two) == f"antiphon train --library {shlex.quote(str(two.root))}"


def test_no_training_is_named_where_its_tracks_could_not_be_heard(tmp_path: Path) -> None:
    library = make_library(tmp_path / "lib", train=4, val=1)
    train = library.column("track_id")[library.tracks_in("train")].tolist()
    for name in library.embedded("audio"):
        folder = library.embedding_folder("audio", name)
        lost = [Row(r.id, "failed", "it is text") if r.id in train[1:] else r for r in read_rows(folder)]
        pq.write_table(table_of(lost, "track_id"), folder / "rows.parquet")
    assert next_step(library) == f"antiphon search slow sad piano --library {shlex.quote(str(library.root))}"
    assert what_next(library) == TOO_FEW


def test_tracks_that_no_encoder_could_hear_are_told_with_why(tmp_path: Path) -> None:
    library = save_library(tmp_path, [Track(track_id=name, path=f"{name}.wav") for name in "abc"], [], {})
    rows = {
        "timbre": [Row("a", "failed", "it is text"), Row("b", "failed", "too short"), Row("gone", "failed", "away")],
        "musicnn": [Row("a", "failed", "it is text"), Row("b", "ok"), Row("c", "stale")],
    }
    for name, each in rows.items():
        folder = library.embedding_folder("audio", name)
        folder.mkdir(parents=True)
        (folder / "provenance.json").write_text("{}")
        pq.write_table(table_of(each, "track_id"), folder / "rows.parquet")
    assert unheard(library) == {"a": "it is text"}
