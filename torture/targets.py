"""What is fuzzed: seeds, and what reads a damaged copy of one. Only messages that a user can act on may come out."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from tests.helpers.libraries import tagged_files as made

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.config import load_config
from antiphon.align.training.results.history import read_history
from antiphon.audio.decode import load
from antiphon.demo.sound.encode import write_audio
from antiphon.library.ingest import ingest
from antiphon.library.leakage.groups import read_audit
from antiphon.library.leakage.regrouping import joins_of_audit
from antiphon.library.tags.child import as_line
from antiphon.library.tags.pool import parse_line
from antiphon.library.tags.reader import read_file
from antiphon.library.tracks import Library
from antiphon.library.vectors.imports import import_embeddings
from antiphon.library.vectors.store import open_vectors
from antiphon.search.indexes.current import current_index
from torture.scenarios import _antiphon, _library


@dataclass(frozen=True)
class Target:
    """Seeds by file name, and what reads a damaged one in a scratch folder."""

    name: str
    seeds: dict[str, bytes]
    read: Callable[[Path, Path], object]


def prepare(folder: Path) -> None:
    """Make the trained library that damaged files are put into: not in the process that forks the others."""
    _library(folder / "whole", "sound")
    root = str(folder / "whole" / "lib")
    _antiphon("train", "--encoder", "sound", "--text", "words", "--epochs", "1", "--quiet", "--library", root)
    _antiphon("index", "sound", "--library", root)


def all_targets(folder: Path) -> list[Target]:
    """Every target, from a folder that :func:`prepare` has made."""
    root = folder / "whole" / "lib"
    return [
        Target("manifest", _tables(), lambda file, scratch: ingest(file, scratch / "lib")),
        Target("vectors", _vector_files(), lambda file, scratch: _import(root, file, scratch)),
        Target("tags", _tagged(folder), lambda file, _: _read_tags(file)),
        Target("sound", _sounds(folder), lambda file, _: load(file, 8_000)),
        Target("checkpoint", _one(root / "checkpoints" / "sound_best_r1.pt"), lambda file, _: Bundle.load(file)),
        Target("settings", _one(root / "runs" / "sound" / "config.toml"), lambda file, _: load_config(file)),
        Target("history", _one(root / "runs" / "sound" / "history.jsonl"), lambda file, _: read_history(file)),
        Target("library", _of_library(root), lambda file, scratch: _open(root, file, scratch)),
    ]


def _one(path: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes()}


ROWS = [
    {
        "id": f"t{i}",
        "title": f"Título {i}",
        "artist": f"a{i // 2}",
        "caption": f"slow, sad, no. {i}",
        "bpm": str(60 + i),
    }
    for i in range(6)
]


def _tables() -> dict[str, bytes]:
    names = list(ROWS[0])
    lines = [names, *([row[name] for name in names] for row in ROWS)]
    quoted = "\n".join(",".join(f'"{cell}"' for cell in line) for line in lines)
    arrow, hdf = io.BytesIO(), io.BytesIO()
    pq.write_table(pa.Table.from_pylist(ROWS), arrow)
    with h5py.File(hdf, "w") as file:
        for split, rows in (("train", ROWS[:4]), ("val", ROWS[4:])):
            group = file.create_group(split)
            group["audio_ids"] = [row["id"] for row in rows]
            group["captions"] = [row["caption"] for row in rows]
            group["made_embeddings"] = np.ones((len(rows), 3), np.float32)
    return {
        "m.csv": quoted.encode(),
        "m.tsv": "\n".join("\t".join(line) for line in lines).encode(),
        "m.jsonl": "\n".join(json.dumps(row) for row in ROWS).encode(),
        "m.json": json.dumps(ROWS).encode(),
        "m.parquet": arrow.getvalue(),
        "m.h5": hdf.getvalue(),
    }


def _vector_files() -> dict[str, bytes]:
    ids = [f"t{i:02d}" for i in range(24)]
    vectors = np.random.default_rng(0).normal(size=(24, 8)).astype(np.float32)
    plain, several, packed, arrow, hdf = (io.BytesIO() for _ in range(5))
    np.save(plain, vectors)
    np.savez(several, ids=np.array(ids), vectors=vectors)
    np.savez_compressed(packed, ids=np.array(ids), vectors=vectors)
    pq.write_table(pa.table({"id": ids, "vector": list(vectors)}), arrow)
    with h5py.File(hdf, "w") as file:
        file["ids"], file["vectors"] = ids, vectors
    return {
        "v.npy": plain.getvalue(),
        "v.npz": several.getvalue(),
        "w.npz": packed.getvalue(),
        "v.parquet": arrow.getvalue(),
        "v.h5": hdf.getvalue(),
    }


def _import(root: Path, file: Path, scratch: Path) -> object:
    shutil.copytree(root, scratch / "lib", ignore=shutil.ignore_patterns("checkpoints", "logs", "index"))
    ids = scratch / "ids.txt"
    ids.write_text("\n".join(f"t{i:02d}" for i in range(24)))
    return import_embeddings(scratch / "lib", "new", file, ids=ids if file.suffix == ".npy" else None)


def _sounds(folder: Path) -> dict[str, bytes]:
    tone = (0.3 * np.sin(np.arange(12_000) / 20)).astype(np.float32)
    found = {}
    for suffix in ("wav", "flac", "mp3", "ogg", "m4a"):
        path = folder / f"tone.{suffix}"
        try:
            write_audio(path, tone)
        except (KeyError, ValueError):  # not one of the demo's formats
            continue
        found[path.name] = path.read_bytes()
    return found


def _tagged(folder: Path) -> dict[str, bytes]:
    pairs = [("TITLE", "Blue"), ("ARTIST", "Ann"), ("ARTIST", "Ben"), ("DATE", "1999-05-06"), ("BPM", "120")]
    frames = [("TIT2", made.text("Blue")), ("TPE1", made.text("Ann", "Ben")), ("TXXX", made.txxx("MOOD", "calm"))]
    paths = [
        made.mp3(folder / "a.mp3", *frames),
        made.flac(folder / "a.flac", pairs),
        made.ogg(folder / "a.ogg", pairs, "vorbis"),
        made.ogg(folder / "a.opus", pairs, "opus"),
        made.m4a(folder / "a.m4a", [(b"\xa9nam", ["Blue"]), (b"tmpo", [120])], [("MOOD", "calm")]),
        made.wma(folder / "a.wma", [("Title", "Blue"), ("WM/Genre", "Rock")]),
        made.wav(folder / "a.wav", [("INAM", b"Blue"), ("IART", b"\xcf\xf0")], frames),
        made.aiff(folder / "a.aiff", *frames),
    ]
    ape = made.SOUND + made.ape(pairs, picture=b"\xff\xd8")
    return {"a.wv": ape, **{path.name: path.read_bytes() for path in paths}}


def _read_tags(file: Path) -> None:
    """Nothing may be raised at all, and what is read has to fit into a line and come back."""
    read = read_file(str(file))
    if parse_line(as_line(read)) != read:
        raise AssertionError(f"what was read of {file.name} does not come back")


PARTS = (
    "library.json",
    "audit.json",
    "tracks.parquet",
    "captions.parquet",
    "metadata.parquet",
    "embeddings/audio/sound/vectors.npy",
    "embeddings/audio/sound/rows.parquet",
    "embeddings/audio/sound/provenance.json",
    "index/index.json",
)


def _of_library(root: Path) -> dict[str, bytes]:
    names = [*PARTS, *(f"index/{path.name}" for path in (root / "index").glob("*-*"))]
    found = {name.replace("/", "%"): (root / name).read_bytes() for name in names}
    row = {"track_id": "t00", "row": 0, "status": "ok", "error": "", "signature": ""}
    return {
        **found,
        ".staged.json": b'["tracks.parquet"]',
        "embeddings%audio%sound%rows.jsonl": json.dumps(row).encode() + b"\n",
    }


def _open(root: Path, file: Path, scratch: Path) -> None:
    place = scratch / "lib"
    shutil.copytree(root, place)
    shutil.copy(file, place / file.name.replace("%", "/"))
    library = Library(place)
    _ = library.column("split"), library.caption_column("text"), library.split_fingerprint()
    _ = [library.metadata.column(name) for name in library.metadata.names], library.metadata.of("t00")
    joins_of_audit(read_audit(place))
    vectors = open_vectors(library.embedding_folder("audio", "sound"))
    vectors.take(list(vectors.row_of))
    _ = current_index(place, root / "checkpoints" / "sound_best_r1.pt", "sound").vectors.sum()
