"""Captions: a grammar that turns a recipe into natural sentences.

A caption chooses some of what is audible, a frame for a sentence, and a wording for each attribute. It names nothing
that the recipe does not have. A second caption of a piece prefers what the first left out. ``@`` in a frame is the
article that fits the next word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from antiphon.demo.language.lexicon import WORDS, Wording
from antiphon.demo.language.lexicon_players import INSTRUMENTS, PLAYERS
from antiphon.demo.language.moods import MOODS, SCENES, moods_of
from antiphon.demo.recipe import NOTE_NAMES, PieceRecipe

# How often an attribute is chosen, against the others.
WEIGHTS = {
    "mood": 3.0, "tempo": 2.2, "texture": 2.2, "groove": 2.6, "mode": 1.8, "density": 1.6, "space": 1.4, "colour": 1.6,
    "dynamics": 1.4, "contour": 1.0, "articulation": 1.1, "register": 1.2, "metre": 1.6, "bass": 0.5,
}  # fmt: skip
COUNT_SHARES = (
    0.0,
    0.06,
    0.2,
    0.3,
    0.26,
    0.14,
    0.04,
)  # of captions that name 0, 1, 2 … attributes beside the instrument
CAPTION_SHARES = (0.2, 0.6, 0.2)  # of pieces with 1, 2, 3 captions
ALREADY_SAID = 0.15  # weight of an attribute that an earlier caption of the piece named

FRAMES = (
    "@ {adj} {bare} {noun}{posts}",
    "{subject} {plays} @ {adj} {line}{posts}",
    "@ {adj} {noun} for {bare}{posts}",
    "@ {adj} {noun} led by {the}{posts}",
    "{front}, {subject} {plays} @ {adj} {line}{posts}",
    "{adj} {noun} with {subject} up front{posts}",
    "You hear {subject} with @ {adj} {line}{posts}",
    "This {adj} {noun} features {subject}{posts}",
    "@ {adj} {line} on {bare}{posts}",
    "Here {subject} {takes} the lead in @ {adj} {noun}{posts}",
    "{the} {carries} this {adj} {noun}{posts}",
    "{bare}: @ {adj} {line}{posts}",
    "Listen for {the} and its {adj} {line}{posts}",
    "@ {noun} where {subject} {plays} something {adj}{posts}",
)
SCENE_FRAMES = (
    "Music for {scene}: @ {adj} {noun} with {subject}{posts}",
    "Picture {scene}: {subject} {plays} @ {adj} {line}{posts}",
    "It could be the soundtrack to {scene}, this {adj} {noun} for {bare}{posts}",
    "Like {scene}, {subject} {plays} @ {adj} {line}{posts}",
    "{scene}, set to music by {subject} with @ {adj} {line}{posts}",
)
LEADLESS_FRAMES = ("@ {adj} {noun}{posts}", "{adj} music{posts}", "Something {adj}{posts}")
NOUNS = ("piece", "tune", "instrumental", "number", "recording", "composition", "track")
LINES = ("melody", "tune", "theme", "line", "phrase", "part")
# What a phrase has to begin with so that it can also open a sentence.
OPENERS = ("in ", "with ", "over ", "at ", "on ", "as if ", "above ", "deep ", "high ", "without ", "around ")
# (place, share, most in a caption); sentences have room for whatever finds none before.
PLACES = (("adjectives", 0.4, 2), ("phrases", 0.45, 3), ("sentences", 0.15, 6))
# In which order things are said: who plays and how, then what, then where and in what mood.
ORDER = (
    "texture", "bass", "groove", "articulation", "contour", "density", "register", "mode", "metre", "tempo", "space",
    "colour", "dynamics", "mood",
)  # fmt: skip


@dataclass(frozen=True)
class Fact:
    """One audible attribute and the ways to say it; ``axis`` is the kind of attribute."""

    axis: str
    value: str
    wording: Wording


def facts_of(recipe: PieceRecipe, rng: np.random.Generator) -> list[Fact]:
    """Everything about a recipe that a caption may say beside the leading instrument."""
    rolling = recipe.texture == "arpeggio" and not recipe.backing
    values = {
        "tempo": recipe.tempo,
        "mode": recipe.mode,
        "density": "" if rolling else recipe.density,
        "register": recipe.register,
        "articulation": "" if rolling else recipe.articulation,
        "contour": "" if rolling else recipe.contour,
        "space": recipe.space,
        "dynamics": recipe.dynamics,
        "colour": recipe.colour,
        "metre": str(recipe.metre),
        "groove": recipe.groove,
        "texture": "fingerpicked" if rolling else recipe.texture,
        "bass": "yes" if recipe.bass and recipe.texture != "band" else "",
    }
    words = WORDS | PLAYERS
    facts = [Fact(axis, v, words[f"{axis}:{v}"]) for axis, v in values.items() if f"{axis}:{v}" in words]
    mood = _pick(rng, moods_of(recipe))
    return [*facts, Fact("mood", mood, MOODS[mood])]


def write_captions(recipe: PieceRecipe, rng: np.random.Generator) -> list[str]:
    """One to three captions of a piece, on average two, that each say something else."""
    count = int(rng.choice([1, 2, 3], p=CAPTION_SHARES))
    said: set[str] = set()
    captions: list[str] = []
    while len(captions) < count:
        facts = facts_of(recipe, rng)
        weights = np.array([WEIGHTS[f.axis] * (ALREADY_SAID if f.axis in said else 1.0) for f in facts])
        size = min(len(facts), int(rng.choice(len(COUNT_SHARES), p=COUNT_SHARES)))
        chosen = [facts[i] for i in rng.choice(len(facts), size=size, replace=False, p=weights / weights.sum())]
        text = (_tag_list if rng.random() < 0.12 else _sentence)(recipe, chosen, rng)
        if text not in captions:
            captions.append(text)
            said.update(fact.axis for fact in chosen)
    return captions


def _pick(rng: np.random.Generator, options: tuple[str, ...] | list[str]) -> str:
    return options[int(rng.integers(len(options)))]


def _say(recipe: PieceRecipe, fact: Fact, place: str, rng: np.random.Generator) -> str:
    """One wording of a fact, its blanks filled in."""
    text = _pick(rng, fact.wording.options(place))
    names = [name for name in INSTRUMENTS.get(recipe.backing, "").split("|") if name[:1] != "*"]
    backing = _pick(rng, names)
    suffix = {"pentatonic": " major pentatonic"}.get(recipe.mode, f" {recipe.mode}")
    tonic = NOTE_NAMES[(recipe.tonic + recipe.transpose) % 12]
    return text.format(
        backing=backing if place == "tags" else f"@ {backing}",
        key=f"the key of {tonic}" if recipe.mode == "blues" else f"{tonic}{suffix}",
        bpm=5 * round(recipe.bpm / 5),
    )


def _tag_list(recipe: PieceRecipe, facts: list[Fact], rng: np.random.Generator) -> str:
    """The style of tags: ``piano, slow, minor key``."""
    tags = [_say(recipe, fact, "tags", rng) for fact in facts]
    tags.insert(0, _pick(rng, INSTRUMENTS[recipe.lead].split("|")).lstrip("*"))
    return ", ".join(dict.fromkeys(tags))


def _placed(recipe: PieceRecipe, facts: list[Fact], rng: np.random.Generator) -> dict[str, list[str]]:
    """The words of every fact, each in a place that still has room."""
    words: dict[str, list[str]] = {place: [] for place, _, _ in PLACES}
    for fact in sorted(facts, key=lambda fact: ORDER.index(fact.axis)):
        free = [(p, share) for p, share, most in PLACES if fact.wording.options(p) and len(words[p]) < most]
        shares = np.array([share for _, share in free])
        place = free[int(rng.choice(len(free), p=shares / shares.sum()))][0]
        words[place].append(_say(recipe, fact, place, rng))
    return words


def _sentence(recipe: PieceRecipe, facts: list[Fact], rng: np.random.Generator) -> str:
    """One to three sentences in one of the frames."""
    moods = [fact.value for fact in facts if fact.axis == "mood"]
    scene = ""
    if moods and rng.random() < 0.3:
        scene = _pick(rng, SCENES[moods[0]].split("|"))
        facts = [fact for fact in facts if fact.axis != "mood"]
    words = _placed(recipe, facts, rng)
    phrases = words["phrases"]
    openers = [phrase for phrase in phrases if phrase.startswith(OPENERS)]
    frames = [f for f in (SCENE_FRAMES if scene else FRAMES) if ("{front}" not in f or openers) and _fits(f, words)]
    if not scene and words["adjectives"] and rng.random() < 0.08:
        frames = list(LEADLESS_FRAMES)
    frame = _pick(rng, frames)
    front = openers[0] if "{front}" in frame else ""
    if front:
        phrases.remove(front)
    name = _pick(rng, INSTRUMENTS[recipe.lead].split("|"))
    plural, bare = name.startswith("*"), name.lstrip("*")
    text = frame.format(
        adj=_joined(words["adjectives"], rng),
        posts="".join(
            (" " if k == 0 else ", " if k < len(phrases) - 1 else " and ") + p for k, p in enumerate(phrases)
        ),
        bare=bare,
        subject=bare if plural else f"@ {bare}",
        the=f"the {bare}",
        plays="play" if plural else "plays",
        takes="take" if plural else "takes",
        carries="carry" if plural else "carries",
        front=front,
        scene=scene,
        noun=_pick(rng, NOUNS),
        line=_pick(rng, LINES),
    )
    parts = [text, *(s.rstrip(".") for s in words["sentences"])]
    if len(parts) > 1 and rng.random() < 0.2:
        parts = [*parts[1:], text]
    return _tidy(". ".join(part[:1].upper() + part[1:] if part[0] != "@" else part for part in parts), rng)


def _fits(frame: str, words: dict[str, list[str]]) -> bool:
    """``something {adj}`` and ``its {adj}`` need an adjective."""
    return bool(words["adjectives"]) or not ("something" in frame or "{adj} {noun} with" in frame or "its" in frame)


def _joined(adjectives: list[str], rng: np.random.Generator) -> str:
    return (", " if rng.random() < 0.6 else " and ").join(adjectives)


def _tidy(text: str, rng: np.random.Generator) -> str:
    """Right articles, single spaces, capitals after full stops, and mostly a full stop at the end."""
    text = re.sub(r" +", " ", text)
    text = re.sub(r"@ (\w)", lambda m: ("an " if m[1].lower() in "aeiou8" else "a ") + m[1], text)
    text = re.sub(r"(^|\. )([a-z])", lambda m: m[1] + m[2].upper(), text)
    return text + "." if rng.random() < 0.8 else text
