"""Makes a library as an earlier version of Antiphon wrote it: python make.py CHECKOUT NAME.

CHECKOUT is a working tree of that version (``git worktree add CHECKOUT COMMIT``). Tables, imported vectors, a training
of two epochs, an index and, where that version has them, a sealed bundle are written by its own command line and packed
into NAME.tar.xz beside this file, without curves, which hold the name of the machine.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
SPLITS = ["train"] * 12 + ["val"] * 4 + ["test"] * 4
SETTINGS = 'epochs = 2\ndim = 8\nhidden = 8\nepoch_steps = 4\ndevice = "cpu"\nprecision = "float32"\n'


def inputs(folder: Path) -> None:
    """A table, and vectors whose captions and tracks have something in common."""
    drawn = np.random.default_rng(0)
    common = drawn.normal(size=(len(SPLITS), 4))
    ids = [f"t{i}" for i in range(len(SPLITS))]
    lines = [f"{t},caption {t},artist {t},{split},rock" for t, split in zip(ids, SPLITS, strict=True)]
    (folder / "tracks.csv").write_text("\n".join(["id,caption,artist,split,genre", *lines]) + "\n")
    for name, keys in (("sound", ids), ("words", [f"{t}#0" for t in ids])):
        noise = drawn.normal(size=(len(SPLITS), 8))
        np.savez(folder / f"{name}.npz", ids=np.array(keys), vectors=(common @ noise[:4] + 0.3 * noise).astype("f4"))
    (folder / "settings.toml").write_text(SETTINGS)


def main(checkout: Path, name: str) -> None:
    """Run the version's own commands, and pack what they leave."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        inputs(folder)
        environment = {**os.environ, "PYTHONPATH": str(checkout / "src")}

        def run(*words: str, needed: bool = True) -> None:
            command = [sys.executable, "-m", "antiphon", *words]
            done = subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True, text=True)
            if needed and done.returncode:
                raise SystemExit(f"{' '.join(words)}: {done.stderr[-800:]}")

        at = ("--library", "lib")
        run("ingest", "tracks.csv", *at)
        run("import-embeddings", "sound", "sound.npz", *at)
        run("import-embeddings", "words", "words.npz", "--kind", "text", *at)
        run("train", "--encoder", "sound", "--text", "words", "--config", "settings.toml", *at)
        run("index", *at)
        run("bundle", "sound", "-o", "bundle", *at, needed=False)
        left_out = ("logs", ".lock", "best_loss")
        with tarfile.open(HERE / f"{name}.tar.xz", "w:xz") as archive:
            for part in ("lib", "bundle"):
                for path in sorted((folder / part).rglob("*")):
                    inside = path.relative_to(folder).as_posix()
                    if path.is_file() and not any(word in inside for word in left_out):
                        archive.add(path, inside, filter=_plain)


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), sys.argv[2])
