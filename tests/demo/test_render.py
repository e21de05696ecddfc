"""The demo's library on disk: complete, deterministic, resumable, and readable by ingest."""

from __future__ import annotations

import csv
import hashlib
import subprocess
import sys
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from antiphon.demo import render
from antiphon.demo.catalogue import make_catalogue
from antiphon.demo.recipe import PieceRecipe
from antiphon.demo.render import QUERIES, read_recipes, render_library
from antiphon.errors import ConfigError
from antiphon.library.manifest.entries import read_manifest


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def rows_of(manifest: Path) -> list[dict[str, str]]:
    with manifest.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("demo") / "music"
    assert render_library(out, pieces=9, seed=1, jobs=1) == out / "manifest.csv"
    return out


def test_the_manifest_names_files_that_exist_and_ids_in_order(rendered: Path) -> None:
    rows = rows_of(rendered / "manifest.csv")
    assert [row["id"] for row in rows] == [f"d{n:04d}" for n in range(1, 10)]
    assert {row["audio"] for row in rows} == {f"audio/{path.name}" for path in (rendered / "audio").iterdir()}
    assert all(row["caption"] and row["title"] and row["artist"] and row["album"] for row in rows)


def test_ingest_reads_the_manifest_without_a_problem(rendered: Path, tmp_path: Path) -> None:
    manifest = read_manifest(rendered / "manifest.csv", tmp_path / "embedded")
    assert manifest.problems == []
    assert len(manifest.entries) == 9


def test_one_process_and_two_write_the_same_bytes(rendered: Path, tmp_path: Path) -> None:
    render_library(tmp_path, pieces=9, seed=1, jobs=2)
    assert hashes(tmp_path) == hashes(rendered)


def test_running_again_keeps_what_is_there_and_makes_what_is_missing(tmp_path: Path) -> None:
    render_library(tmp_path, pieces=4, seed=2, jobs=1)
    before = hashes(tmp_path)
    files = sorted((tmp_path / "audio").iterdir())
    files[0].unlink()
    times = [path.stat().st_mtime_ns for path in files[1:]]
    seen: list[tuple[int, int]] = []
    render_library(tmp_path, pieces=4, seed=2, jobs=1, on_progress=lambda done, total: seen.append((done, total)))
    assert seen == [(3, 4), (4, 4)]
    assert [path.stat().st_mtime_ns for path in files[1:]] == times
    assert hashes(tmp_path) == before


def test_another_seed_replaces_every_file_and_leaves_foreign_ones_alone(tmp_path: Path) -> None:
    render_library(tmp_path, pieces=3, seed=2, jobs=1)
    mine = tmp_path / "audio" / "my-own.flac"
    mine.write_bytes(b"mine")
    before = hashes(tmp_path)
    render_library(tmp_path, pieces=3, seed=3, jobs=1)
    after = hashes(tmp_path)
    assert len(after) == len(before)
    assert {name for name in before if before[name] == after.get(name)} == {"audio/my-own.flac"}


def test_a_file_of_another_recipe_under_a_wanted_name_is_rendered_again(tmp_path: Path) -> None:
    render_library(tmp_path, pieces=2, seed=2, jobs=1)
    before = hashes(tmp_path)
    recipes = tmp_path / "recipes.jsonl"
    recipes.write_text(recipes.read_text().replace('"fingerprint": "', '"fingerprint": "0'))
    next((tmp_path / "audio").iterdir()).write_bytes(b"of an earlier version")
    render_library(tmp_path, pieces=2, seed=2, jobs=1)
    assert hashes(tmp_path) == before


def test_recipes_can_be_read_back(rendered: Path) -> None:
    recipes = read_recipes(rendered)
    assert recipes == {piece.track_id: piece.recipe for piece in make_catalogue(9, 1)}


@pytest.mark.parametrize(("setting", "value"), [("pieces", 0), ("pieces", 10_000), ("jobs", 0), ("seed", -1)])
def test_settings_out_of_range_are_refused(setting: str, value: int, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"{setting} is {value}"):
        render_library(tmp_path, **{"pieces": 2, setting: value})
    assert not list(tmp_path.iterdir())


def test_artists_have_two_to_five_pieces_and_are_not_one_sound() -> None:
    catalogue = make_catalogue(640, 0)
    counts = Counter(piece.artist for piece in catalogue)
    assert 150 < len(counts) < 230
    assert max(counts.values()) <= 5
    leads = {artist: {p.recipe.lead for p in catalogue if p.artist == artist} for artist in counts}
    assert sum(len(heard) > 1 for heard in leads.values()) > 0.85 * len(leads)


def test_one_piece_in_a_hundred_is_a_copy_that_only_its_title_tells() -> None:
    catalogue = make_catalogue(640, 0)
    originals = {piece.title: piece for piece in catalogue if "(" not in piece.title}
    copies = [piece for piece in catalogue if "(" in piece.title]
    assert len(copies) == 6
    changed = set()
    for copy in copies:
        title, note = copy.title[:-1].split(" (")
        original = originals[title]
        assert copy.artist != original.artist
        one, other = asdict(copy.recipe), asdict(original.recipe)
        difference = {name for name in one if one[name] != other[name]}
        assert len(difference) == 1, note
        changed |= difference
    assert changed == {"container", "transpose", "bpm"}


def test_titles_and_files_are_unique_and_all_formats_occur() -> None:
    catalogue = make_catalogue(640, 0)
    assert len({piece.audio for piece in catalogue}) == len({piece.title for piece in catalogue}) == 640
    formats = Counter(piece.recipe.container for piece in catalogue)
    assert set(formats) == {"flac", "ogg", "mp3", "m4a", "wav"}
    assert formats["flac"] + formats["ogg"] > 0.85 * 640


def test_every_query_has_some_answers_and_far_from_all() -> None:
    for seed in (0, 1):
        recipes = [piece.recipe for piece in make_catalogue(640, seed)]
        for query in QUERIES:
            share = sum(query.fits(recipe) for recipe in recipes) / len(recipes)
            assert 3 / 640 <= share < 0.2, query.text


def test_a_fingerprint_changes_with_every_field() -> None:
    recipe: PieceRecipe = make_catalogue(1, 0)[0].recipe
    assert recipe.fingerprint() == replace(recipe).fingerprint()
    assert replace(recipe, bpm=recipe.bpm + 1).fingerprint() != recipe.fingerprint()
    assert replace(recipe, container="xyz").fingerprint() != recipe.fingerprint()


def test_workers_never_see_ctrl_c() -> None:
    """The terminal sends it to every process; a worker's traceback would hide what the command says."""
    blocked = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))"
    with render._without_ctrl_c():
        inside = subprocess.check_output([sys.executable, "-c", blocked], text=True)
    outside = subprocess.check_output([sys.executable, "-c", blocked], text=True)
    assert (inside.strip(), outside.strip()) == ("True", "False")
