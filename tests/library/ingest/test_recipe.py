"""A library remembers how it was made, and nothing that is secret."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from antiphon.errors import LibraryError
from antiphon.library.ingest import IngestOptions, ingest
from antiphon.library.ingest.recipe.recorded import library_recipe
from antiphon.library.manifest.columns.options import Choice, ManifestOptions
from antiphon.library.manifest.paths.mapping import PathMap
from antiphon.library.subsonic.account import Account
from antiphon.library.tracks import Library


def test_a_library_knows_what_it_was_made_from_and_how(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    for name in ("one", "two"):
        (tmp_path / "more" / f"{name}.wav").touch()
        (tmp_path / f"{name}.csv").write_text(f"id,words,take\n{name},calm,yes\n")
    manifest = ManifestOptions(
        choice=Choice(captions=("words",)),
        only=("take",),
        audio_folders=(tmp_path / "more",),
        path_maps=(PathMap(written="x", here=tmp_path),),
        account=Account(user="anna", password="secret"),
    )
    options = IngestOptions(tags=False, keep_splits=True, seed=3, manifest=manifest)
    ingest(tmp_path / "one.csv", tmp_path / "lib", options=options, more=[tmp_path / "two.csv"])
    assert "secret" not in (tmp_path / "lib" / "library.json").read_text()
    recipe = library_recipe(Library(tmp_path / "lib"), Account(user="anna", password="again"))
    assert recipe.sources == (tmp_path / "one.csv", tmp_path / "two.csv")
    assert recipe.options.manifest.account == Account(user="anna", password="again")
    assert recipe.options == replace(options, seed=None, manifest=recipe.options.manifest)
    assert replace(recipe.options.manifest, account=manifest.account) == manifest


def test_a_table_that_is_left_out_of_the_next_ingest_is_named_with_the_command_that_reads_it(tmp_path: Path) -> None:
    first, second = tmp_path / "one.csv", tmp_path / "my two.csv"
    first.write_text("id,caption\na,calm\n")
    second.write_text("id,caption\nb,loud\n")
    assert not [note for note in ingest(first, tmp_path / "lib", more=[second]).notes if "Read before" in note]
    (note,) = (note for note in ingest(first, tmp_path / "lib").notes if "Read before" in note)
    assert str(second) in note
    assert (
        f"antiphon ingest {shlex.join(map(str, (first, second)))} --library {shlex.quote(str(tmp_path / 'lib'))}"
        in note
    )
    assert not [note for note in ingest(second, tmp_path / "lib").notes if "Read before" in note], "another source"


def test_of_an_older_library_the_first_manifest_is_known(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,caption\na,calm\n")
    ingest(tmp_path / "t.csv", tmp_path / "lib")
    library = Library(tmp_path / "lib")
    del library.meta["made_from"]
    assert library_recipe(library).sources == (tmp_path / "t.csv",)
    library.meta["made_from"] = {"sources": 3}
    with pytest.raises(LibraryError, match="does not say what it was made from"):
        library_recipe(library)
