"""Who wrote the captions of a manifest: its columns, its rows, or the user say it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from antiphon.library.captions import made_mark
from antiphon.library.ingest import IngestOptions, ingest
from antiphon.library.manifest.columns.options import ManifestOptions
from antiphon.library.metadata.store import open_metadata
from antiphon.library.tracks import Library

LONG = "A slow and melancholic piece for solo piano that never hurries, with a long {} ending that fades away"


def made(tmp_path: Path, *rows: str, **options: object) -> Library:
    table = tmp_path / "music.csv"
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    ingest(
        table,
        tmp_path / "library",
        options=IngestOptions(manifest=ManifestOptions(**options)),  # type: ignore[arg-type]
    )
    return Library(tmp_path / "library")


def kinds(library: Library) -> dict[str, str]:
    """Text → kind."""
    return dict(zip(library.caption_column("text"), library.caption_column("kind"), strict=True))


@pytest.mark.parametrize("column", ["kind", "caption_kind", "Caption Kind"])
def test_a_column_says_it_row_by_row(tmp_path: Path, column: str) -> None:
    library = made(tmp_path, f"id,caption,{column}", "a,one,human", "b,two,Machine", "c,three,tags", "d,four,")
    assert kinds(library) == {"one": "human", "two": "machine", "three": "tags", "four": "human"}
    assert column not in open_metadata(library)


def test_a_column_of_other_kinds_is_metadata(tmp_path: Path) -> None:
    library = made(tmp_path, "id,caption,kind", "a,one,song", "b,two,human")
    assert set(kinds(library).values()) == {"human"}
    assert open_metadata(library).column("kind") == ["song", "human"]


def test_an_unknown_word_in_a_column_of_caption_kinds_is_a_problem(tmp_path: Path) -> None:
    library = made(tmp_path, "id,caption,caption_kind", "a,one,robot", "b,two,machine")
    assert kinds(library) == {"one": "human", "two": "machine"}
    audit = json.loads((library.root / "audit.json").read_text(encoding="utf-8"))
    assert audit["problem_kinds"] == {"unknown kind": 1}
    assert "Captions by who wrote them: 1 by people, 1 by machines." in audit["notes"]


def test_columns_that_language_models_filled_are_known_by_name(tmp_path: Path) -> None:
    head = "id,caption_ground_truth,caption_writing,caption_summary,caption_paraphrase,caption_attribute_prediction"
    library = made(tmp_path, head, "a,mine,w,s,p,q")
    assert kinds(library) == {"mine": "human", "w": "machine", "s": "machine", "p": "machine", "q": "machine"}


def test_a_whole_table_may_be_a_machines(tmp_path: Path) -> None:
    library = made(tmp_path, "id,caption,caption_kind", "a,one,", "b,two,human", caption_kind="machine")
    assert kinds(library) == {"one": "machine", "two": "human"}


def test_what_a_person_says_too_is_a_persons(tmp_path: Path) -> None:
    library = made(tmp_path, "id,caption,caption_kind", "a,Sad piano,machine", "a,sad  piano,human")
    assert kinds(library) == {"Sad piano": "human"}


def test_alike_captions_of_machines_join_no_groups_and_those_of_people_do(tmp_path: Path) -> None:
    rows = [f'{name},"{LONG.format(word)}",{{}}' for name, word in (("a", "quiet"), ("b", "very quiet"))]
    rows += [f"{name},something else {name} entirely,{{}}" for name in "cdefgh"]
    (tmp_path / "m").mkdir()
    (tmp_path / "h").mkdir()
    machine = made(tmp_path / "m", "id,caption,caption_kind", *(row.format("machine") for row in rows))
    human = made(tmp_path / "h", "id,caption,caption_kind", *(row.format("human") for row in rows))
    assert len(set(machine.column("group"))) == len(machine.column("group"))
    assert len(set(human.column("group"))) == len(human.column("group")) - 1


def test_a_mark_tells_whether_a_made_caption_was_edited(tmp_path: Path) -> None:
    rows = [
        f"a,Sad jazz.,tags,{made_mark('a#tags0', 'Sad jazz.')}",
        f"b,My own words,tags,{made_mark('b#tags0', 'Rock.')}",
    ]
    rows += [f"c,,tags,{made_mark('c#tags0', 'Pop.')}"]
    library = made(tmp_path, "id,caption,kind,caption_made", *rows)
    assert kinds(library) == {"Sad jazz.": "tags", "My own words": "human"}
    assert json.loads((library.root / "audit.json").read_text(encoding="utf-8"))["problems"] == []
