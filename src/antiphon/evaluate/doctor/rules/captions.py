"""Whose captions the figures stand on, and whether the text encoder can read them."""

from __future__ import annotations

from antiphon.evaluate.doctor.case import Case
from antiphon.evaluate.doctor.findings import Finding
from antiphon.library.captions import FEWEST_DESCRIBED

MEASURING = 50
"""Tracks with captions by people from which an interval of the MRR is about ±0.1: 1.96 · 0.35 / √50, where 0.35 is the
standard deviation of 1/rank that the sets of ``docs/results.md`` have."""
HELPING = 20
"""Tracks of the training split with captions by people that lift a library of machine captions noticeably
(``docs/experiments/caption-kinds.md``)."""
WRITE = "Write them into the file that this command makes, ingest it, embed and train again."
LISTED = ("caption", "--out", "captions.csv")


def only_made(case: Case) -> list[Finding]:
    """Was val judged by captions that Antiphon made itself?"""
    if not case.val_only_made or not case.judged:
        return []
    return [
        Finding(
            id="only-made-captions",
            severity="warning",
            title="No person's caption in val: these figures say how well the model repeats its own words",
            evidence=f"all captions of the {case.n_val} val tracks were made from tags or from the sound; "
            f"{_taught(case)}",
            advice=f"Captions by people for about {MEASURING} tracks of val would measure it (MRR within about ±0.1), "
            f"and for {HELPING} training tracks would likely make it better. {WRITE}",
            command=case.command(*LISTED),
        )
    ]


def few_people(case: Case) -> list[Finding]:
    """Are people's captions of val too few to ask its questions alone?"""
    if not case.val_few_people or not case.judged:
        return []
    return [
        Finding(
            id="few-people-in-val",
            severity="warning",
            title="People described few tracks of val: in part its figures say how well the model repeats its words",
            evidence=f"{case.val_few_people} of {case.n_val} val tracks have captions by people, fewer than "
            f"{FEWEST_DESCRIBED}, so all captions are asked; {_taught(case)}",
            advice=f"From {FEWEST_DESCRIBED} tracks on people's captions ask alone; about {MEASURING} measure it (MRR "
            f"within about ±0.1). {WRITE}",
            command=case.command(*LISTED),
        )
    ]


def _taught(case: Case) -> str:
    return f"{case.n_human} of {case.n_train} training tracks have captions by people"


def in_another_language(case: Case) -> list[Finding]:
    """Are many captions in a language that the text encoder was not trained to read?"""
    if case.unread is None:
        return []
    language, share = case.unread
    return [
        Finding(
            id="captions-not-read",
            severity="warning",
            title=f"Captions look {language}, a language that {case.text_encoder} was not trained to read",
            evidence=f"{share:.0%} of the training captions, by their script or their function words",
            why="the text encoder sees letters where it should see words",
            advice="Take a text encoder that reads the language, for captions and queries alike: use-multilingual "
            "reads 16, others are on the model hub (docs/guides/text-encoders.md). Embed, and train again.",
            command=case.command("embed", "--text", "use-multilingual"),
        )
    ]
