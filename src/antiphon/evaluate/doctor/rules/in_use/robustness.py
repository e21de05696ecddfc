"""Whether the audio encoders take a file for the same when it is compressed, softer, or has noise in it."""

from __future__ import annotations

from antiphon.embed.robustness.result import Displacement, Robustness
from antiphon.evaluate.doctor.case import Case
from antiphon.evaluate.doctor.findings import Finding

LEVEL = "dB softer"


def holds(case: Case) -> list[Finding]:
    """The encoders whose vectors move too far; nothing where nobody checked them."""
    bad = [each for each in case.robustness if each.broken]
    if case.robustness and not bad:
        names = ", ".join(each.encoder for each in case.robustness)
        said = "; ".join(f"{each.encoder}: {_told(moved)}" for each in case.robustness for moved in each.moved)
        title = f"Vectors of {names} hold under mp3, another level and noise"
        return [Finding(id="robust", severity="good", title=title, evidence=said)]
    return [_finding(case, each) for each in bad]


def _finding(case: Case, found: Robustness) -> Finding:
    worst = found.broken[0]
    return Finding(
        id="changes-with-sound",
        severity="warning",
        title=f"{found.encoder} hears another piece when a file changes: {worst.change}",
        evidence=f"{'; '.join(map(_told, found.moved))} ({found.tracks} tracks)",
        why="The same music in another encoding or level is searched, and grouped with duplicates, as if it were other "
        "music.",
        advice=_advice(found),
        command=case.command("encoders", "--check", found.encoder),
    )


def _told(moved: Displacement) -> str:
    way = f"{moved.way:.0%} of the way between two tracks"
    if moved.to_nearest is not None:
        way = f"{moved.to_nearest:.0%} of the way to the nearest other one"
    return (
        f"{moved.change}: cosine to itself {moved.cosine:.2f}, to other tracks {moved.others:.2f}, nearest to itself "
        f"{moved.itself:.0%}, moved by {way}"
    )


def _advice(found: Robustness) -> str:
    said = []
    if any(LEVEL in moved.change for moved in found.broken):
        said.append("Bring files to one loudness before embedding, for example with ffmpeg's loudnorm.")
    if any(LEVEL not in moved.change for moved in found.broken):
        said.append("Embed files of one kind and quality, or take another encoder.")
    return " ".join(said) + " After that, check again."
