"""A folder of tagged music without captions: how long until it answers, and until it is trained.

    python -m benchmarks.first_answer [--files 1000] [--music FOLDER] [--out FOLDER]

Without ``--music`` pieces of 8 s are rendered, tagged with title, artist, album and year, and laid out as
Artist/Album/Title. Each command runs as a person types it, in a process of its own; while ``embed`` is at work,
searches go on beside it until sound answers one. Seconds on the clock and of the processor (child processes included),
peak memory of the largest process. Fetch the tagger first: antiphon encoders --get musicnn. Writes
results/first_answer.md.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import av

RESULTS = Path(__file__).parent / "results"
QUERY = "calm piano for a rainy evening"
NAMES_ONLY = {"metadata"}
"""What an answer's ``by`` says where no sound was listened to."""
PAUSE = 1.0
MIB = 2**10 if sys.platform != "darwin" else 2**20


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a step took: seconds on the clock and of the processor, peak MiB."""

    step: str
    wall: float
    cpu: float
    mib: float


def make(folder: Path, files: int) -> Path:
    """Render pieces, and lay them out as people do; the folder with the music."""
    from antiphon.demo.render import render_library

    manifest = render_library(folder / "rendered", pieces=files)
    with manifest.open(encoding="utf-8", newline="") as stream:
        for number, row in enumerate(csv.DictReader(stream)):
            source = manifest.parent / row["audio"]
            place = (
                folder / "Music" / row["artist"] / row["album"] / f"{number % 12 + 1:02} {row['title']}{source.suffix}"
            )
            place.parent.mkdir(parents=True, exist_ok=True)
            tagged(source, place, {name: row[name] for name in ("title", "artist", "album")} | {"date": "1999"})
    return folder / "Music"


def tagged(source: Path, place: Path, tags: dict[str, str]) -> None:
    """The same sound with tags: in the stream of an Ogg file, in the container of others."""
    forms = {".ogg": "ogg", ".m4a": "ipod"}
    with (
        av.open(str(source)) as old,
        av.open(str(place), "w", format=forms.get(source.suffix, source.suffix[1:])) as new,
    ):
        stream = new.add_stream_from_template(old.streams.audio[0])
        (stream if source.suffix == ".ogg" else new).metadata.update(tags)
        for packet in old.demux(audio=0):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)


def start(*words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "antiphon", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def ended(process: subprocess.Popen[str], step: str, begun: float) -> tuple[Cost, str]:
    """What a command took and printed.

    Raises
    ------
    RuntimeError : it failed.
    """
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{step} failed with exit code {process.returncode}")
    wall, cpu = time.perf_counter() - begun, usage.ru_utime + usage.ru_stime
    return Cost(step=step, wall=wall, cpu=cpu, mib=usage.ru_maxrss / MIB), printed


def run(step: str, *words: str) -> tuple[Cost, str]:
    begun = time.perf_counter()
    return ended(start(*words), step, begun)


def search(library: str, step: str) -> tuple[Cost, set[str]]:
    """Its cost, and what found the answers."""
    cost, printed = run(step, "search", QUERY, "--library", library, "--json")
    return cost, {hit["by"] for hit in json.loads(printed)}


def measured(music: Path, library: str) -> list[Cost]:
    """The owner's way: names answer, sound answers while it is listened to, all of it answers, training answers."""
    costs = [run("`ingest`", "ingest", str(music), "--library", library)[0]]
    costs.append(search(library, "`search`, by names and tags")[0])
    begun = time.perf_counter()
    embedding, first = start("embed", "--library", library), None
    while first is None and embedding.poll() is None:
        time.sleep(PAUSE)
        cost, by = search(library, "first answer by sound, from the start of `embed`")
        if not by <= NAMES_ONLY:
            first = replace(cost, wall=time.perf_counter() - begun)
    costs += [first] if first else []
    costs.append(ended(embedding, "`embed`, all of it", begun)[0])
    costs.append(search(library, "`search` before training")[0])
    costs.append(run("`train`", "train", "--quiet", "--library", library)[0])
    costs.append(run("first `search` after training (makes the index)", "search", QUERY, "--library", library)[0])
    costs.append(run("`search` after training", "search", QUERY, "--library", library)[0])
    return costs


def report(costs: list[Cost], files: int, hours: float, what: str) -> str:
    load = f"{os.getloadavg()[0]:.1f}"
    lines = [
        "# A folder of music to its first answer",
        "",
        f"{date.today()}, {os.cpu_count()} cores, load of the machine {load}; {files:,} {what}, {hours:.2f} hours of "
        "sound, no captions. Made by `python -m benchmarks.first_answer`.",
        "",
        "| step | s on the clock | s of the processor | peak MiB |",
        "| --- | ---: | ---: | ---: |",
        *(f"| {cost.step} | {cost.wall:.1f} | {cost.cpu:.1f} | {cost.mib:,.0f} |" for cost in costs),
        "",
    ]
    return "\n".join(lines)


def hours_of(library: Path) -> float:
    """Sound that was listened to, hours."""
    timings = library.glob("embeddings/audio/*/timing.json")
    return max((json.loads(path.read_text())["audio_seconds"] for path in timings), default=0.0) / 3600


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=1000, help="how many to render")
    parser.add_argument("--music", type=Path, help="a folder of yours, in place of rendered music")
    parser.add_argument("--out", type=Path, default=RESULTS)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        music = chosen.music or make(Path(temporary), chosen.files)
        library = Path(temporary) / "library"
        costs = measured(music, str(library))
        from antiphon.library.tracks import Library

        files = len(Library(library).column("track_id"))
        shown = report(costs, files, hours_of(library), "files" if chosen.music else "rendered files")
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / "first_answer.md").write_text(shown)
    print(shown)


if __name__ == "__main__":
    main()
