"""How the shared space is, and what it was made of: collapse onto few directions, hubs, twins, dead numbers."""

from __future__ import annotations

from antiphon.evaluate.doctor.case import Case
from antiphon.evaluate.doctor.examinations.space import SpaceFigures, few_directions
from antiphon.evaluate.doctor.findings import Finding
from antiphon.printed import counted

LARGE_HUB = 0.5
"""Share of captions with the same track among their ten nearest from which that track is everybody's answer."""
LEAST_FOR_HUBS = 50
"""Tracks below which ten are a good part of all, whatever the question."""
CROWDED = -1.0
"""Uniformity above which one side lies in a corner: a mean cosine of about 0.75."""
LARGE_MODALITY_GAP = 0.8
"""Distance of the mean caption and the mean track from which they lie in two places; CLIP's is 0.8 (Liang et al. 2022),
that of healthy trainings here about 0.1."""
FAR = 3.0
"""Shift of val's mean, as a multiple of what is usual for as many groups, from which it comes from another source."""
SHOWN = 3
"""Pairs of duplicates that are named."""
MANY_TWINS = 0.25
STILL_SHARE = 0.05
FEWEST_NEGATIVES = 15


def space(case: Case) -> list[Finding]:
    """Do captions and tracks lie where search can tell them apart?"""
    if case.space is None:
        return []
    if case.space.collapsed:
        return [_on_a_line(case, case.space)]
    found = [*_hub(case, case.space), *_apart(case.space)]
    well = Finding(id="space", severity="good", title="Captions and tracks are well spread", evidence=_said(case.space))
    return found or [well]


def _said(measured: SpaceFigures) -> str:
    return (
        f"effective rank {measured.text_rank:.0f} of captions, {measured.audio_rank:.0f} of tracks, in "
        f"{measured.dim} dimensions; modality gap {measured.gap:.2f}; alignment {measured.alignment:.2f}, uniformity "
        f"{measured.uniformity:.2f} of tracks, {measured.text_uniformity:.2f} of captions; the most popular of "
        f"{measured.n} tracks is among the ten nearest of {100 * measured.top_hub:.0f}% of captions "
        f"({100 * measured.expected:.0f}% if all were alike), {100 * measured.unreached:.0f}% of tracks of none"
    )


def _on_a_line(case: Case, measured: SpaceFigures) -> Finding:
    side = "captions" if measured.text_rank <= measured.audio_rank else "tracks"
    return Finding(
        id="few-directions",
        severity="problem",
        title=f"The {side} lie on hardly more than a line: the space has collapsed",
        evidence=_said(measured),
        why="What lies on a line can be ordered in one way only, whatever is asked.",
        advice=f"Check that the {side} differ (equal vectors, one caption for everything), then train again.",
        command=case.beside_command() if case.history else "",
    )


def _hub(case: Case, measured: SpaceFigures) -> list[Finding]:
    if measured.n < LEAST_FOR_HUBS or measured.top_hub <= max(LARGE_HUB, 4 * measured.expected):
        return []
    return [
        Finding(
            id="hub",
            severity="warning",
            title="One track is an answer to nearly everything (a hub)",
            evidence=_said(measured),
            why="It pushes better answers down, for every question.",
            advice='Put hubness = "always" into the settings and train again.'
            if case.config.hubness != "always"
            else "Look at that track: silence, noise or a damaged file is often near to everything.",
            command=case.beside_command() if case.history and case.config.hubness != "always" else "",
        )
    ]


def _apart(measured: SpaceFigures) -> list[Finding]:
    """Is one side in a corner of the space, or each in one of its own?"""
    if measured.n < LEAST_FOR_HUBS:
        return []
    advice = "Check that val's {} were embedded as those of training were: the same encoder, version and settings."
    if max(measured.uniformity, measured.text_uniformity) > CROWDED:
        side = "tracks" if measured.uniformity >= measured.text_uniformity else "captions"
        return [
            Finding(
                id="crowded",
                severity="warning",
                title=f"Val's {side} lie close together in a corner of the space",
                evidence=_said(measured),
                why="Small differences decide the order there, and many of them are luck.",
                advice=advice.format(side),
            )
        ]
    if measured.gap < LARGE_MODALITY_GAP:
        return []
    return [
        Finding(
            id="modality-gap",
            severity="warning",
            title="Val's captions and tracks lie in two places of the space (modality gap)",
            evidence=_said(measured),
            why="A cosine between words and a track then means another thing than one between two tracks, so that a "
            "query of both is answered by one of them.",
            advice=advice.format("captions and tracks"),
        )
    ]


def pairs(case: Case) -> list[Finding]:
    """Are the vectors alive, from one source, and do captions tell tracks apart?"""
    given = case.pairs
    if given is None:
        return []
    return [
        *_narrow(case),
        *_still(case),
        *_shifted(case),
        *_twins(case),
        *_few_negatives(case),
    ]


def _narrow(case: Case) -> list[Finding]:
    given = case.pairs
    assert given is not None
    rank, side = min((given.text_rank, "captions'"), (given.audio_rank, "tracks'"))
    if not few_directions(rank, case.n_train):
        return []
    return [
        Finding(
            id="narrow-vectors",
            severity="problem",
            title=f"The training {side} vectors lie on hardly more than a line",
            evidence=f"effective rank {given.text_rank:.1f} (captions) and {given.audio_rank:.1f} (tracks), as the "
            "encoders gave them",
            why="What lies on a line can be ordered in one way only, whatever is asked.",
            advice=f"Look at what the {side} vectors were made of: texts that hardly differ, silence, a wrong import.",
        )
    ]


def _still(case: Case) -> list[Finding]:
    given = case.pairs
    assert given is not None
    if given.still <= STILL_SHARE * given.size:
        return []
    return [
        Finding(
            id="dead-features",
            severity="warning",
            title=f"{given.still:,} of {given.size:,} numbers of the audio vectors never change",
            evidence=f"the same in all {case.n_train} training tracks",
            why="They say nothing; many of them mean that the encoder or the import went wrong.",
            advice="Look at how the vectors were made: a constant block is often padding, or a layer that was not "
            "run; of imported ones also numbers so small that half precision, in which they are kept, loses them.",
        )
    ]


def _shifted(case: Case) -> list[Finding]:
    given = case.pairs
    assert given is not None
    shift, side = max((given.shift, "tracks'"), (given.text_shift, "captions'"))
    if shift < FAR:
        return []
    return [
        Finding(
            id="shifted",
            severity="warning",
            title=f"The val {side} vectors lie elsewhere than those of training",
            evidence=f"their mean is {shift:.1f} times as far from that of training as those of as many training "
            f"groups are, 95 times in 100{_in_shared_space(case)}",
            why="A model is good only near what it was trained on, and val then says little about the rest.",
            advice="Check that all were embedded alike (format, loudness, encoder version), and that the splits "
            "mix what belongs together.",
            command=case.command("ingest", "MANIFEST"),
        )
    ]


def _in_shared_space(case: Case) -> str:
    """What comes of another source there, where it is to be seen."""
    echoes = [] if case.space is None or case.space.collapsed else _apart(case.space)
    return "".join(f"; {each.title[0].lower()}{each.title[1:]}" for each in echoes)


def duplicates(case: Case) -> list[Finding]:
    """Are recordings on both sides of a split?"""
    found = case.duplicates
    if found is None or not found.pairs:
        return []
    shown = "; ".join(f"{_short(held)} and {_short(trained)}" for held, trained in found.pairs[:SHOWN])
    return [
        Finding(
            id="duplicates-across-splits",
            severity="warning",
            title=f"{counted(len(found.pairs), 'track')} of val and test sound the same as a training track",
            evidence=f"of {found.held_out} that were looked at beside {found.trained} of training, for example {shown}",
            why="What was learned by heart then counts as found, and figures are too good.",
            advice="Ingest again: duplicates join one group, which stays in one split. Then train again.",
            command=case.command("ingest", "MANIFEST"),
        )
    ]


def _twins(case: Case) -> list[Finding]:
    given = case.pairs
    assert given is not None
    if given.twins < MANY_TWINS or not given.shown:
        return []
    shown = "; ".join(f"“{_short(a)}” and “{_short(b)}”" for a, b in given.shown)
    return [
        Finding(
            id="false-negatives",
            severity="note",
            title=f"{100 * given.twins:.0f}% of training captions have a near twin on another track",
            evidence=f"for example {shown}",
            why="Training pushes such a track away from a caption that fits it, and a search that finds it is counted "
            "as wrong: the figures are lower than the answers are good.",
            advice="soft_weight above 0 lets near captions share the target"
            + (f" (it is {case.config.soft_weight:g})." if case.config.soft_weight is not None else ".")
            + " Pairs that are judged the same are right answers in the next training.",
            command=case.command("review", "--split", "train"),
        )
    ]


def _few_negatives(case: Case) -> list[Finding]:
    given = case.pairs
    assert given is not None
    if given.fewest >= FEWEST_NEGATIVES or case.solved:
        return []
    return [
        Finding(
            id="few-negatives",
            severity="warning",
            title=f"A step tells each caption from only about {max(given.fewest, 0)} other tracks",
            evidence=f"batch_size {case.config.batch_size}, {case.n_train} training tracks; captions may be shared",
            why="InfoNCE learns from wrong answers; with so few, most steps have nothing to teach.",
            advice="Raise batch_size."
            if (case.config.batch_size or 0) < case.n_train
            else "Add tracks, or captions that tell them apart.",
            command=case.beside_command() if (case.config.batch_size or 0) < case.n_train else "",
        )
    ]


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57].rstrip()}…"
