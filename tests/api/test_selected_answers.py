"""A search in Python gives the answers of the command: the same songs, once each, by the same options."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import antiphon
from antiphon.cli import main
from antiphon.errors import ArgumentError, LibraryError

QUERY = "slow sad piano with drums"


def test_files_of_one_recording_are_one_answer(own: antiphon.Library) -> None:
    every = own.search(QUERY, k=3, versions=True, checkpoint="one")
    first, second, third = (hit.track_id for hit in every)
    join = {"a": first, "b": second, "reason": "same audio", "evidence": "", "source": ""}
    (own.root / "audit.json").write_text(json.dumps({"joins": [join]}), encoding="utf-8")
    hits = own.search(QUERY, k=2, checkpoint="one")
    assert [(hit.rank, hit.track_id) for hit in hits] == [(1, first), (2, third)]
    assert [version.track_id for version in hits[0].versions] == [second]
    assert own.search(QUERY, k=3, versions=True, checkpoint="one") == every
    model = own.model("one")
    vector = model.embed_text([QUERY])[0]
    for once in (own.nearest(vector, model, k=500), own.similar(third, k=500, checkpoint="one")):
        assert len({first, second} & {hit.track_id for hit in once}) == 1
    for each in (
        own.nearest(vector, model, k=500, versions=True),
        own.similar(third, k=500, versions=True, checkpoint="one"),
    ):
        assert {first, second} < {hit.track_id for hit in each}


def test_what_a_file_names_is_no_answer(own: antiphon.Library, tmp_path: Path) -> None:
    first, second, third, *_ = (hit.track_id for hit in own.search(QUERY, k=5, checkpoint="one"))
    heard, others = tmp_path / "heard.txt", tmp_path / "others.txt"
    heard.write_text(f"{first}\n", encoding="utf-8")
    others.write_text(f"{second}\n", encoding="utf-8")
    assert own.search(QUERY, k=1, exclude=heard, checkpoint="one")[0].track_id == second
    assert own.search(QUERY, k=1, exclude=[str(heard), others], checkpoint="one")[0].track_id == third
    assert own.search(QUERY, k=1, exclude=first, checkpoint="one")[0].track_id == second
    assert own.search(QUERY, k=1, exclude=[first, others], checkpoint="one")[0].track_id == third
    with pytest.raises(LibraryError, match="cannot be read as text"):
        own.search(QUERY, exclude=tmp_path / "none.txt", checkpoint="one")


def test_they_are_the_answers_of_the_command(own: antiphon.Library, capsys: pytest.CaptureFixture[str]) -> None:
    run("index", "one_best_r1", "--library", str(own.root))
    found = own.search(QUERY, k=4, per_artist=1, checkpoint="one")
    capsys.readouterr()
    run("search", QUERY, "-k4", "--per-artist=1", "--checkpoint=one", "--json", "--library", str(own.root))
    assert json.loads(capsys.readouterr().out) == found.to_dict()


def run(*words: str) -> None:
    """A command that succeeds."""
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    assert not ended.value.code


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"per_artist": 0}, "per_artist has to be a whole number of at least 1"),
        ({"per_album": "two"}, "per_album has to be a whole number"),
        ({"exclude": 3}, "A track or a file of tracks to exclude has to be a path"),
        ({"exclude_artist": [3]}, "An artist to exclude has to be text"),
    ],
)
def test_wrong_values_are_named(library: antiphon.Library, options: dict[str, object], said: str) -> None:
    with pytest.raises(ArgumentError, match=said):
        library.search(QUERY, **options)  # type: ignore[arg-type]
