"""Reading a folder as a manifest: sound files with a metadata table beside them, or with sidecar texts.

With a table it is the AudioFolder convention of Hugging Face ``datasets``: ``metadata.csv`` (or .tsv, .jsonl, .json,
.parquet) with a ``file_name`` column, in the folder itself or in each of its subfolders ``train``, ``validation``,
``test``. Without one, ``song.txt`` holds a caption a line for ``song.wav``, and ``song.json`` an object with the
columns of a manifest. A folder of Parquet files named ``train-….parquet`` is a data set as the hub stores it.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from antiphon.errors import ManifestError
from antiphon.library.manifest.arrow_tables import read_parquet, read_saved_dataset
from antiphon.library.manifest.table import Problem, Table, place
from antiphon.library.manifest.text_tables import objects_table, read_csv, read_json, read_jsonl, read_text
from antiphon.library.splits import split_name

SOUND = frozenset(
    f".{ending}"
    for ending in (
        *("aac", "aif", "aiff", "ape", "flac", "m4a", "mka", "mp2", "mp3", "mp4"),
        *("mpc", "oga", "ogg", "opus", "wav", "webm", "wma", "wv"),
    )
)
METADATA = ("metadata.csv", "metadata.tsv", "metadata.jsonl", "metadata.json", "metadata.parquet")
FORMS = (
    "CSV, TSV, JSON lines (.jsonl), JSON list, Parquet, HDF5 (.h5), an audio folder, or a saved Hugging Face data set"
)


def read_tables(path: Path, audio_out: Path) -> list[Table]:
    """Every table of a manifest, whatever its form.

    Parameters
    ----------
    path : a file or a folder.
    audio_out : folder for sound that the manifest carries inside itself.

    Raises
    ------
    ManifestError : it is missing, or of no known form.
    """
    if path.is_dir():
        return read_folder(path, audio_out)
    if not path.is_file():
        raise ManifestError(f"There is no manifest at {path}.", fix=f"Give the path of a table: {FORMS}.")
    return [read_file(path, audio_out)] if path.suffix.lower() not in {".h5", ".hdf5"} else _read_h5(path)


def _read_h5(path: Path) -> list[Table]:
    from antiphon.library.manifest.hdf5 import read_h5  # h5py is optional

    return read_h5(path)


def read_file(path: Path, audio_out: Path) -> Table:
    """One table, by the ending of its name.

    Raises
    ------
    ManifestError : the ending is unknown.
    """
    suffix = path.suffix.lower()
    if suffix in {".csv", ".tsv", ".tab"}:
        return read_csv(path)
    if suffix in {".jsonl", ".ndjson"}:
        return read_jsonl(path)
    if suffix == ".json":
        return read_json(path)
    if suffix in {".parquet", ".pq"}:
        return read_parquet(path, audio_out)
    raise ManifestError(f"{path} has no known form ('{suffix or 'no ending'}').", fix=f"Use {FORMS}.")


def read_folder(folder: Path, audio_out: Path) -> list[Table]:
    """The tables of a folder.

    Raises
    ------
    ManifestError : there is neither a table nor sound in it.
    """
    if (folder / "dataset_dict.json").is_file() or (folder / "state.json").is_file():
        return read_saved_dataset(folder, audio_out)
    tables = _with_metadata(folder, audio_out)
    if tables:
        return tables
    parts = sorted({*folder.glob("*.parquet"), *folder.glob("data/*.parquet")})
    if parts:
        return [read_parquet(part, audio_out, split=_split_of_file(part)) for part in parts]
    sounds = _sounds(folder)
    if not sounds:
        raise ManifestError(
            f"{folder} holds neither a metadata table ({', '.join(METADATA)}) nor sound files.", fix=f"Use {FORMS}."
        )
    return [_sidecars(folder, sounds)]


def _split_of_file(path: Path) -> str:
    return split_name(re.split(r"[-._]", path.name)[0]) or ""


def _with_metadata(folder: Path, audio_out: Path) -> list[Table]:
    places = [folder, *sorted(p for p in folder.iterdir() if p.is_dir())]
    tables: list[Table] = []
    for here in places:
        path = next((here / name for name in METADATA if (here / name).is_file()), None)
        if path is not None:
            split = "" if here == folder else split_name(here.name) or ""
            tables.append(_placed(read_file(path, audio_out), folder, here, split))
    if tables:
        _note_unnamed(folder, tables)
    return tables


def _placed(table: Table, folder: Path, here: Path, split: str) -> Table:
    name = table.file if here == folder else f"{here.name}/{table.file}"
    return Table(**{**vars(table), "file": name, "split": split})


def _note_unnamed(folder: Path, tables: list[Table]) -> None:
    """Say how many sound files no row names, so that none is left out in silence."""
    named = set()
    for table in tables:
        for cells in table.columns.values():
            named |= {(table.base / cell).name for cell in cells if isinstance(cell, str) and len(cell) < 1024}
    spare = [path for path in _sounds(folder) if path.name not in named]
    if spare:
        first = spare[0].relative_to(folder).as_posix()
        tables[0].notes.append(f"{len(spare)} sound files in {folder} are named by no row (the first: {first}).")


def _sounds(folder: Path) -> list[Path]:
    found = (p for p in folder.rglob("*") if p.suffix.lower() in SOUND and not p.name.startswith("."))
    return sorted(p for p in found if p.is_file())


def _sidecars(folder: Path, sounds: list[Path]) -> Table:
    problems: list[Problem] = []
    found: list[tuple[int, dict[str, Any]]] = []
    for number, sound in enumerate(sounds, start=1):
        name = sound.relative_to(folder).as_posix()
        item: dict[str, Any] = {**_sidecar_json(folder, sound, problems), "audio": name}
        text = sound.with_suffix(".txt")
        if text.is_file():
            item["captions"] = [line.strip() for line in read_text(text).splitlines() if line.strip()]
        top = name.split("/")[0]
        if "/" in name and split_name(top):
            item.setdefault("split", top)
        found.append((number, item))
    table = objects_table(folder, found, problems, by_line=False)
    return Table(**{**vars(table), "base": folder})


def _sidecar_json(folder: Path, sound: Path, problems: list[Problem]) -> dict[str, Any]:
    path = sound.with_suffix(".json")
    if not path.is_file():
        return {}
    try:
        item = json.loads(read_text(path))
    except ValueError as error:
        item = str(error)
    if isinstance(item, dict):
        return item
    name = path.relative_to(folder).as_posix()
    problems.append(
        Problem(
            where=place(name, 1),
            column="",
            problem="not a JSON object",
            fix='Write {"caption": "…"}.',
            effect="kept without a caption",
            kind="broken JSON",
        )
    )
    return {}


def manifest_hash(path: Path) -> str:
    """sha256 of a manifest file, or over the tables of a folder (names and sizes of what has no table)."""
    digest = hashlib.sha256()
    if path.is_file():
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
        return digest.hexdigest()
    for item in sorted(p for p in path.rglob("*") if p.is_file()):
        digest.update(f"{item.relative_to(path).as_posix()}\x00{item.stat().st_size}\x01".encode())
        if item.name in METADATA or item.suffix in {".txt", ".json"}:
            digest.update(item.read_bytes())
    return digest.hexdigest()
