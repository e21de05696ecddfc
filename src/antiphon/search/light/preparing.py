"""Prepare a library's light search beside its index, from the searcher that goes the other way."""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from antiphon.align.checkpoint.sealed import TEXT, sealed_manifest
from antiphon.arrow import texts_in
from antiphon.errors import AntiphonError, reason
from antiphon.library.files import file_hash, write_json
from antiphon.library.lock import only_writer
from antiphon.library.pairs import open_embedding
from antiphon.library.vectors.joined import stored_names
from antiphon.library.vectors.windows import INDEX, MEANS
from antiphon.search.checkpoints import checkpoint_for_search
from antiphon.search.indexes.exact import COLUMNS, read_about
from antiphon.search.light.columns import write_columns
from antiphon.search.light.graphs.unexportable import Unexportable
from antiphon.search.light.opening import NEEDED
from antiphon.search.light.record import NAME, Record, holds, read_record, stamps
from antiphon.search.searcher import Searcher

LOG = logging.getLogger(__name__)
STORED = ("rows.parquet", "rows.jsonl", "vectors.npy", "provenance.json", MEANS, INDEX)
LOOKED_AT = 40
"""Captions of the library that a text side is checked on, beside the texts that it always is, and tracks for an audio
side."""


def prepare(searcher: Searcher) -> Record | None:
    """Write what later searches answer from without torch, unless it is there and current; what came of it.

    None where packages are missing, or the index is not on disk, or another process is writing there.
    """
    root = searcher.library.root
    if any(importlib.util.find_spec(name) is None for name in NEEDED):
        return None
    there = read_record(root)
    if there is not None and there.checkpoint == str(searcher.checkpoint.absolute()) and holds(there, root):
        return there
    try:
        with only_writer(root / "index", "preparing searches in"):
            return _prepared(searcher)
    except (OSError, AntiphonError) as error:
        LOG.warning("The next search is not prepared, and will load torch again: %s", reason(error))
        return None


def _prepared(searcher: Searcher) -> Record | None:
    root, index = searcher.library.root, searcher.index
    before = stamps(_depends_on(searcher))
    about = read_about(root / "index")
    if about["made_from"] != index.made_from:
        return None
    token = hashlib.sha256(f"{about['vectors']} {searcher.checkpoint.absolute()}".encode()).hexdigest()[:12]
    folder, why_not = root / "index" / f"light-{token}", ""
    try:
        _write(searcher, folder)
    except Unexportable as reason:
        why_not = f"ONNX has no graph here for {reason}"
        shutil.rmtree(folder, ignore_errors=True)
    inside = () if why_not else sorted(folder.iterdir())
    record = Record(
        checkpoint=str(searcher.checkpoint.absolute()),
        checkpoint_sha256=file_hash(searcher.checkpoint),
        name=searcher.model.name,
        chosen=_is_own_choice(searcher),
        by_people=searcher.by_people,
        hears=searcher.model.encoder if searcher.keeps_windows else "",
        folder="" if why_not else folder.name,
        vectors=about["vectors"],
        dim=searcher.model.dim,
        remarks=searcher.remarks(),
        why_not=why_not,
        root=str(root.resolve()),
        stamps=before | stamps([root / "index" / about["vectors"], *inside]),
    )
    write_json(root / "index" / NAME, record.to_dict())
    for old in (root / "index").glob("light-*"):
        if old.name != record.folder:
            shutil.rmtree(old, ignore_errors=True)
    return record


def _write(searcher: Searcher, folder: Path) -> None:
    from antiphon.search.light.graphs.making import write_audio_side, write_text_side
    from antiphon.search.light.graphs.sources import bring

    captions = [str(text) for text in searcher.library.caption_column("text")]
    some = captions[:: max(1, len(captions) // LOOKED_AT)][:LOOKED_AT]
    shutil.rmtree(folder, ignore_errors=True)
    sealed = sealed_manifest(searcher.checkpoint)
    if sealed is not None and (sealed.parent / TEXT).is_dir():
        shutil.copytree(sealed.parent / TEXT, folder, copy_function=bring)  # it was checked when it was sealed
    else:
        write_text_side(searcher.model.bundle, searcher.model.load_text_encoder(), folder, texts=some)
    if searcher.keeps_windows:
        stored = open_embedding(searcher.library, "audio", searcher.model.encoder)
        some = searcher.index.track_ids[:: max(1, len(searcher.index) // LOOKED_AT)][:LOOKED_AT].tolist()
        write_audio_side(searcher.model.bundle, folder, stored.take(some).astype(np.float32))
    write_columns(folder, [*(texts_in(searcher.index.tracks.column(name)) for name in COLUMNS), *searcher.more_names()])


def _is_own_choice(searcher: Searcher) -> bool:
    """Whether a search that names no checkpoint takes this searcher's."""
    chosen = checkpoint_for_search(searcher.library.root)
    return chosen.absolute() == searcher.checkpoint.absolute()


def _depends_on(searcher: Searcher) -> Iterator[Path]:
    """Files and folders whose change may change an answer or a remark."""
    library, root = searcher.library, searcher.library.root
    tables = ("tracks.parquet", "captions.parquet", "made_captions.parquet", "metadata.parquet", "library.json")
    yield from (root / name for name in tables)
    yield from (root / "index" / "index.json", searcher.checkpoint, root / "checkpoints")
    yield from sorted((root / "checkpoints").glob("*.pt"))
    audio = library.embedding_folder("audio", searcher.model.encoder).parent
    yield audio
    for name in stored_names(audio, searcher.model.encoder):
        yield audio / name
        yield from (audio / name / rows for rows in STORED)
