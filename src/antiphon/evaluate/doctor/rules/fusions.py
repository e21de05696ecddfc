"""The training doctor on a fusion: it was put together, not trained, so it has members and figures but no curves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.file import stored_checksum
from antiphon.align.checkpoint.paths import checkpoint_paths, run_folder
from antiphon.errors import AntiphonError, LibraryError
from antiphon.evaluate.doctor.case import Case
from antiphon.evaluate.doctor.findings import Finding
from antiphon.evaluate.doctor.rules import level as bands
from antiphon.evaluate.doctor.rules import on_test, setup
from antiphon.library.commands import command
from antiphon.library.files import read_json
from antiphon.library.pairs import load_pairs
from antiphon.library.tracks import Library
from antiphon.metrics.figures import DIRECTIONS, METRICS
from antiphon.metrics.retrieval import answers, chance

UNUSED = 0.01
"""Weight below which a member does not matter."""


def is_fusion(root: Path, name: str) -> bool:
    """Whether ``antiphon fuse`` made this one."""
    return (run_folder(root, name) / "fusion.json").exists()


def fusion_findings(root: Path, name: str, test: dict[str, Any] | None) -> list[Finding]:
    """All that can be said of a fusion.

    Parameters
    ----------
    root, name : library folder, and the fusion's name (``"muq,mert"``).
    test : content of its ``test_metrics.json``, None before ``antiphon evaluate``.

    Raises
    ------
    LibraryError : ``fusion.json`` is damaged.
    CheckpointError : the fused checkpoint is missing or damaged.
    """
    path = run_folder(root, name) / "fusion.json"
    try:
        told: dict[str, Any] = read_json(path)
        members, weights, alone = list(told["encoders"]), list(told["weights"]), dict(told["alone_mrr"])
        fused_mrr = told["val_mrr"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LibraryError(
            f"{path} cannot be read: {error}", fix=command(f"fuse {name.replace(',', ' ')}", root)
        ) from error
    bundle = Bundle.load(checkpoint_paths(root, name)["best_r1"])
    level, n_val = _chance(root, bundle)
    case = Case(
        name=name,
        encoder=bundle.encoder,
        history=(),
        chance=level,
        n_val=n_val,
        n_train=len(bundle.train_ids),
        config=bundle.config,
        test=test,
        library=str(root),
    )
    return [
        *_stale(case, root, members, told.get("member_checksums", {})),
        *_worth(case, fused_mrr, alone),
        *_unused(case, members, weights),
        *(setup.small_split(n_val, level["t2a"]) if level else []),
        *on_test.on_test(case),
        *_bands(case, bundle.val),
        _no_curves(case, members),
    ]


def _chance(root: Path, bundle: Bundle) -> tuple[dict[str, dict[str, float]], int]:
    """Val's figures by chance and its tracks; nothing where val is empty or its vectors are gone."""
    try:
        pairs = load_pairs(Library(root), bundle.encoder, bundle.text_encoder, "val", read_audio=False)
    except AntiphonError:
        return {}, 0
    tracks, captions = answers(pairs.track_of_caption, pairs.text_id, len(pairs.track_ids))
    level = {"t2a": chance(len(pairs.track_ids), tracks.counts), "a2t": chance(len(pairs.text_id), captions.counts)}
    return level, len(pairs.track_ids)


def _fuse(case: Case, members: list[str]) -> str:
    return case.command("fuse", *members)


def _stale(case: Case, root: Path, members: list[str], seals: dict[str, str]) -> list[Finding]:
    """Was a member trained again after it was fused? Checksums say so; without them the time of its file."""
    made = checkpoint_paths(root, case.name)["best_r1"].stat().st_mtime_ns
    paths = {member: checkpoint_paths(root, member)["best_r1"] for member in members}

    def changed(member: str) -> bool:
        had, has = seals.get(member, ""), stored_checksum(paths[member])
        return has != had if had and has else paths[member].stat().st_mtime_ns > made

    newer = [member for member, path in paths.items() if path.exists() and changed(member)]
    if not newer:
        return []
    return [
        Finding(
            id="fusion-stale",
            severity="warning",
            title=f"Trained again after this fusion was made: {', '.join(newer)}",
            evidence=", ".join(f"{paths[member].name} is not the one that was fused" for member in newer),
            advice="Fuse again.",
            command=_fuse(case, members),
        )
    ]


def _worth(case: Case, fused: float | None, alone: dict[str, float]) -> list[Finding]:
    """Is the fusion better than the best of its members on val?"""
    if fused is None or not alone:
        return []
    best = max(alone, key=lambda member: alone[member])
    each = ", ".join(f"{member} {mrr:.4f}" for member, mrr in alone.items())
    evidence = f"mean val MRR {fused:.4f}; alone: {each}"
    if fused > alone[best]:
        return [
            Finding(
                id="fusion-ahead",
                severity="good",
                title="The fusion is ahead of each of its members on val",
                evidence=evidence,
            )
        ]
    return [
        Finding(
            id="fusion-not-ahead",
            severity="warning",
            title=f"The fusion is not ahead of {best} alone on val",
            evidence=evidence,
            advice=f"Search with {best}: it is simpler, and as good.",
            command=case.command("index", f"checkpoints/{best}_best_r1.pt"),
        )
    ]


def _unused(case: Case, members: list[str], weights: list[float]) -> list[Finding]:
    """Has a member no weight?"""
    idle = [member for member, weight in zip(members, weights, strict=True) if weight < UNUSED]
    if not idle:
        return []
    kept = [member for member in members if member not in idle]
    return [
        Finding(
            id="fusion-idle-member",
            severity="note",
            title=f"Almost no weight in this fusion: {', '.join(idle)}",
            evidence=", ".join(f"{member} {weight:.3f}" for member, weight in zip(members, weights, strict=True)),
            advice="Each member costs its encoder's time for every new track: leave it out.",
            command=_fuse(case, kept) if len(kept) > 1 else case.command("index", f"checkpoints/{kept[0]}_best_r1.pt"),
        )
    ]


def _bands(case: Case, val: dict[str, Any]) -> list[Finding]:
    if not case.chance or f"val_t2a_{METRICS[0]}" not in val:
        return []
    figures = {way: {key: float(val[f"val_{way}_{key}"]) for key in METRICS} for way in DIRECTIONS}
    return [bands.banded(figures, case.chance)]


def _no_curves(case: Case, members: list[str]) -> Finding:
    return Finding(
        id="fusion-no-curves",
        severity="note",
        title="A fusion is put together from trainings, so it has no curves of its own",
        evidence=f"it holds the heads of {' and '.join(members)}",
        advice="Diagnose its members one by one:",
        command=case.command("diagnose", members[0]),
    )
