"""A bundle's card: what it is, how good, what it was made of and what it holds, in words and in a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from antiphon import registry
from antiphon.align.checkpoint.bundle import Bundle
from antiphon.errors import EncoderError
from antiphon.library.vectors.joined import source_names
from antiphon.metrics.figures import DIRECTIONS, label, written
from antiphon.printed import counted
from antiphon.registry import EncoderCard
from antiphon.search.bundle.examples import Held
from antiphon.search.bundle.standing import STANDINGS, Standing

WAYS = {"t2a": "text to audio", "a2t": "audio to text"}
SPDX = {"Apache-2.0": "apache-2.0", "MIT": "mit", "ISC": "isc", "CC-BY-NC-4.0": "cc-by-nc-4.0"}
"""How model hubs write a licence."""


def card(bundle: Bundle, *, title: str, figures: Mapping[str, Any], standing: Standing, holds: Held, text_side: str,
         lost: Mapping[str, float], tracks: int) -> str:  # fmt: skip
    """The text of a bundle's ``README.md``.

    Parameters
    ----------
    title : what the bundle is called.
    figures, standing : as :mod:`antiphon.search.bundle.sealing` gives them.
    holds : what of the training's data is in it.
    text_side : a sentence on how it reads texts.
    lost : MRR of the ``whole`` checkpoint and ``without`` its training examples, where these were left out.
    tracks : that it was trained on.
    """
    return "\n".join(
        [
            *_front_matter(bundle),
            "",
            f"# {title}",
            "",
            f"Searches music in words: {bundle.encoder} vectors of sound and {bundle.text_encoder} vectors of text, in "
            f"one space of {bundle.dim} dimensions. Made with Antiphon {bundle.antiphon}.",
            "",
            *_use(),
            *_quality(figures, standing),
            *_data(bundle, tracks),
            *_holds(holds, lost),
            "## What it is made of",
            "",
            text_side,
            "",
            *_licences(bundle),
            "",
        ]
    )


def _cards(bundle: Bundle) -> list[EncoderCard]:
    """Cards of the encoders that are known by name here."""
    named = [("audio", name) for name in dict.fromkeys(source_names(bundle.encoder))]
    named += [("text", name) for name in source_names(bundle.text_encoder)]
    found = []
    for kind, name in named:
        try:
            found.append(registry.find(name, kind).card)  # type: ignore[arg-type]
        except EncoderError:
            continue
    return found


def _front_matter(bundle: Bundle) -> list[str]:
    closed = [card.licence for card in _cards(bundle) if card.non_commercial]
    licence = SPDX.get(closed[0].split()[0], "other") if closed else "other"
    return [
        "---",
        "library_name: antiphon",
        f"license: {licence}",
        "tags:",
        "- music",
        "- music-information-retrieval",
        "- text-to-music-retrieval",
        "---",
    ]


def _use() -> list[str]:
    return [
        "```python",
        "import antiphon",
        "",
        'model = antiphon.load("PATH")  # this folder, or hf://NAME/OF-IT',
        'words = model.embed_text(["slow sad piano"])',
        "```",
        "",
        "A library of your own, with vectors of the same audio encoder: `antiphon index PATH`, then "
        "`antiphon search --checkpoint PATH slow sad piano`.",
        "",
    ]


def _quality(figures: Mapping[str, Any], standing: Standing) -> list[str]:
    lines = ["## How good it is", "", f"**{STANDINGS[standing]}**"]
    if not figures:
        return [*lines, ""]
    asked = figures["t2a"]["n_queries"]
    lines += [
        "",
        figures["verdict"],
        "",
        f"Measured on the {figures['split']} split of the library that it comes from:",
    ]
    of = f"{counted(asked, 'caption')}, {counted(figures['t2a']['n_items'], 'track')}"
    lines[-1] += f" {of}. Brackets: 95 % intervals."
    names = list(figures["t2a"]["chance"])
    lines += ["", f"| | {' | '.join(map(label, names))} |", f"|---|{'---|' * len(names)}"]
    systems = {"this bundle": figures, **figures["baselines"]}
    for name, own in systems.items():
        lines += [_row(f"{name}, {WAYS[way]}", own[way], names) for way in DIRECTIONS]
    lines += [_row(f"chance, {WAYS[way]}", figures[way]["chance"], names) for way in DIRECTIONS]
    return [*lines, "", *(f"- {warning}" for warning in figures.get("warnings", [])), ""]


def _row(name: str, figures: Mapping[str, Any], names: list[str]) -> str:
    return f"| {name} | {' | '.join(_cell(key, figures) for key in names)} |"


def _cell(key: str, figures: Mapping[str, Any]) -> str:
    ends = figures.get("ci95", {}).get(key)
    value = written(key, figures[key])
    return value if ends is None or None in ends else f"{value} [{written(key, ends[0])}, {written(key, ends[1])}]"


def _data(bundle: Bundle, tracks: int) -> list[str]:
    kinds = (bundle.config.caption_kinds or "human").replace("+", " and ")
    lines = ["## What it was trained on", "", f"{tracks:,} tracks of one library, with captions of kind: {kinds}."]
    if bundle.refitted_on_val:
        lines[-1] += f" {bundle.refitted_on_val:,} of them were its val split, added once everything was chosen."
    return [*lines, "Recordings are not in it; who made them keeps all rights to them.", ""]


def _holds(holds: Held, lost: Mapping[str, float]) -> list[str]:
    lines = ["## What of the training data is in it", ""]
    if not holds:
        lines.append("Nothing but what was learned: no ids, no captions, no vectors of tracks or captions.")
    if holds.track_ids:
        lines.append(f"- the ids of {holds.track_ids:,} training tracks (often file names)")
    if holds.landmarks:
        lines.append(
            f"- vectors of {holds.landmarks:,} training captions and as many of tracks (landmarks of its kernel CCA): "
            "from a caption's vector its words can be guessed"
        )
    if any(holds.references):
        lines.append(
            f"- {holds.references[0]:,} captions and {holds.references[1]:,} tracks in the shared space, by which "
            "scores are corrected"
        )
    if lost:
        lines.append(f"\nTraining examples were left out: MRR {lost['without']:.3f} in place of {lost['whole']:.3f}.")
    elif holds:
        lines.append("\n`antiphon bundle --without-examples` leaves them out, and says what that costs.")
    return [*lines, ""]


def _licences(bundle: Bundle) -> Iterator[str]:
    for own in _cards(bundle):
        note = "; **not for commercial use**" if own.non_commercial else ""
        yield f"- {own.name}: {own.summary.rstrip('.')}. Licence of its weights: {own.licence}{note}."
    yield (
        "- The heads: whoever trained them decides; this card does not. Of the encoders at most the text encoder's "
        "weights are in this folder."
    )
