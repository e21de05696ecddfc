"""What the guide to backups promises: a copy answers as the library did, also one that was taken while it grew."""

from __future__ import annotations

import os
import shutil
import tarfile
from pathlib import Path

import numpy as np
import pytest

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.api.checking.check import check
from antiphon.embed import embed_audio
from antiphon.embed.workers import engine
from antiphon.evaluate.benchmark import evaluate
from antiphon.evaluate.doctor.diagnose import diagnose
from antiphon.library.vectors.store import open_vectors
from antiphon.search.indexes.current import current_index
from tests.helpers.libraries.made_vectors import make_library
from tests.helpers.libraries.tone_library import make, same, vectors


def restored(root: Path, folder: Path) -> Path:
    """As ``tar`` packs and unpacks it, without the index, and with times of its own."""
    archive = folder / "backup.tar"
    with tarfile.open(archive, "w") as packed:
        packed.add(root, root.name, filter=lambda member: None if "/index" in member.name else member)
    with tarfile.open(archive) as packed:
        packed.extractall(folder / "restored")
    there = folder / "restored" / root.name
    for number, path in enumerate(sorted(there.rglob("*"), reverse=True)):
        os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))
    return there


def test_a_restored_library_answers_and_is_judged_as_before(tmp_path: Path) -> None:
    root = tmp_path / "lib"
    make_library(root, names=("one",), test=12)
    train(root, "one", text="words", config=TrainConfig(epochs=2, dim=8))
    best = root / "checkpoints" / "one_best_r1.pt"
    evaluate(root, best, baselines=False, resamples=20)
    index, before = current_index(root, best, "one"), diagnose(root, "one")
    there = restored(root, tmp_path)
    assert check(there).wrong == []
    again = current_index(there, there / "checkpoints" / best.name, "one")
    assert again.track_ids.tolist() == index.track_ids.tolist()
    np.testing.assert_array_equal(again.vectors, index.vectors)
    words = open_vectors(there / "embeddings" / "text" / "words")
    query = Bundle.load(best).score_text(words.take(words.ids[:1].tolist()))[0]
    np.testing.assert_array_equal(again.nearest(query, 5).places, index.nearest(query, 5).places)
    assert [one.title for one in diagnose(there, "one").findings] == [one.title for one in before.findings]


def test_a_copy_of_a_library_that_was_being_embedded_carries_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make(tmp_path, a=1.0, b=1.5, c=2.0, d=1.2)
    copies: list[Path] = []
    plain = engine.Engine._heard

    def heard(self: engine.Engine, *given: object) -> object:
        if len(copies) < 3:
            copies.append(Path(shutil.copytree(root, tmp_path / f"copy{len(copies)}")))
        return plain(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr("antiphon.embed.target.BATCH_ROWS", 1)
    monkeypatch.setattr(engine.Engine, "_heard", heard)
    embed_audio(root, ["timbre"], jobs=1)
    monkeypatch.undo()
    torn = copies[-1] / "embeddings" / "audio" / "timbre"
    with (torn / "vectors.npy").open("ab") as stream:
        stream.write(b"half a vec")
    with (torn / "rows.jsonl").open("ab") as stream:
        stream.write(b'{"row": 2, "id": "c", "sta')
    for number, copy in enumerate(copies):
        assert check(copy).wrong == []
        (report,) = embed_audio(copy, ["timbre"], jobs=1)
        assert (report.already, report.embedded) == (number, 4 - number)
        same(vectors(copy, "timbre"), vectors(root, "timbre"))
