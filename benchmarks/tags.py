"""A folder of tagged music: seconds and memory of ``antiphon ingest``, and of the same again with nothing changed.

    python -m benchmarks.tags [--sizes 1000 10000 100000] [--keep DIR]

Files are made: MP3 (three of five), FLAC and M4A with a dozen tags, 4 MB long but for the most part holes, in folders
Artist/Album. The peer is tinytag alone, which reads one file after the other in one process; Antiphon reads with it,
too. No sound is decoded. Writes benchmarks/results/tags.md.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.helpers.libraries.tagged_files import flac, m4a, mp3, text, txxx

RESULT = Path(__file__).parent / "results" / "tags.md"
LENGTH = 4 << 20
TRACKS = 12
GENRES = ("Rock", "Pop", "Jazz", "Ambient", "Folk", "Classical", "Electronic")


def make(folder: Path, files: int) -> None:
    """Albums of twelve tracks, three albums an artist."""
    drawn = random.Random(0)
    for number in range(files):
        album = number // TRACKS
        artist = f"Artist {album // 3}"
        name = f"{number % TRACKS + 1:02} Song {number}"
        said = {"title": f"Song {number}", "artist": artist, "album": f"Album {album}", "genre": drawn.choice(GENRES)}
        path = _write(folder / artist / f"Album {album}" / name, said, number)
        with path.open("r+b") as stream:
            stream.truncate(LENGTH)
            stream.seek(LENGTH // 2)
            stream.write(drawn.randbytes(4096))


def _write(path: Path, said: dict[str, str], number: int) -> Path:
    track, year, bpm = str(number % TRACKS + 1), str(1960 + number % 60), str(60 + number % 120)
    if number % 5 == 3:
        pairs = [
            *said.items(),
            ("tracknumber", track),
            ("date", year),
            ("bpm", bpm),
            ("musicbrainz_trackid", f"id{number}"),
        ]
        return flac(path.with_suffix(".flac"), pairs)
    if number % 5 == 4:
        names = {"title": b"\xa9nam", "artist": b"\xa9ART", "album": b"\xa9alb", "genre": b"\xa9gen"}
        atoms = [(names[name], [value]) for name, value in said.items()]
        return m4a(path.with_suffix(".m4a"), [*atoms, (b"\xa9day", [year])], [("MusicBrainz Track Id", f"id{number}")])
    frames = {"TIT2": "title", "TPE1": "artist", "TALB": "album", "TCON": "genre"}
    tags = [(frame, text(said[name])) for frame, name in frames.items()]
    more = [
        ("TRCK", text(f"{track}/12")),
        ("TDRC", text(year)),
        ("TBPM", text(bpm)),
        ("APIC", b"\0image/jpeg\0\3\0" + bytes(20_000)),
    ]
    return mp3(path.with_suffix(".mp3"), *tags, *more, ("TXXX", txxx("replaygain_track_gain", "-6.50 dB")))


def ingest(folder: Path) -> None:
    from antiphon.cli import main

    try:
        main(["ingest", str(folder / "music"), "--library", str(folder / "library")])
    except SystemExit as stop:
        if stop.code:
            raise


def tinytag(folder: Path) -> None:
    from tinytag import TinyTag

    for here, _, names in os.walk(folder / "music"):
        for name in names:
            TinyTag.get(os.path.join(here, name), duration=False)  # noqa: PTH118


STEPS: dict[str, Callable[[Path], None]] = {"tinytag": tinytag, "ingest": ingest, "again": ingest}


def measured(step: str, folder: Path) -> tuple[float, float]:
    """(seconds on the clock, peak GiB) of a step in a process of its own."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.tags", "--run", step, "--keep", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{step} failed with exit code {process.returncode}")
    return time.perf_counter() - started, usage.ru_maxrss / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--keep", type=Path, help="make the folders here, and leave them")
    parser.add_argument("--run", choices=STEPS, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.run:
        return STEPS[chosen.run](chosen.keep)
    with tempfile.TemporaryDirectory() as temporary:
        report(chosen.keep or Path(temporary), chosen.sizes)
    return None


def report(place: Path, sizes: list[int]) -> None:
    lines = [
        "# Tags",
        "",
        f"A folder of tagged files, {os.cpu_count()} cores: seconds on the clock, peak memory of the main process.",
        "",
        "| files | tinytag alone | ingest | as a ratio | again, nothing changed |",
        "| --- | --- | --- | --- | --- |",
    ]
    for files in sorted(sizes):
        folder = place / str(files)
        if not folder.exists():
            make(folder / "music", files)
        (alone, _), (first, peak), (again, _) = (measured(step, folder) for step in STEPS)
        lines.append(
            f"| {files:,} | {alone:.1f} s | {first:.1f} s, {peak:.2f} GiB | {first / alone:.2f} | {again:.1f} s |"
        )
        print(lines[-1], flush=True)
        RESULT.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
