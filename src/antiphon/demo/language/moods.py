"""Moods and scenes that follow from what is audible: tempo, mode, articulation, room, instruments."""

from __future__ import annotations

from antiphon.demo.language.lexicon import Wording
from antiphon.demo.recipe import PieceRecipe

SOFT = ("harp", "synth pad", "choir", "music box", "electric piano", "flute", "kalimba", "strings", "glockenspiel")
GRAND = ("trumpet", "organ", "choir", "strings", "church bells")

MOODS: dict[str, Wording] = {
    "sad": Wording(
        "sad|mournful|melancholy|sorrowful|grieving|heartbroken|sombre",
        "full of sorrow|with a heavy heart|like a lament|weighed down by grief",
        "It sounds like someone has gone away.|The mood is sad.|It aches.",
        "sad|melancholy|lament",
    ),
    "calm": Wording(
        "calm|peaceful|tender|serene|soothing|gentle|restful",
        "in a peaceful mood|like a lullaby|to calm the mind|at ease with the world",
        "It soothes.|The mood is calm and kind.|Everything is at rest.",
        "calm|relaxing|peaceful",
    ),
    "happy": Wording(
        "cheerful|happy|joyful|sunny|upbeat|merry|exuberant",
        "in high spirits|bursting with joy|with a smile|full of good cheer",
        "It makes you want to dance.|The mood is happy.|Pure joy.",
        "happy|cheerful|feel-good",
    ),
    "tense": Wording(
        "tense|urgent|agitated|nervous|restless|driven",
        "full of tension|on the edge of panic|with nervous energy|as in a pursuit",
        "Something is after you.|The mood is tense.|It never lets go.",
        "tense|urgent|suspense",
    ),
    "content": Wording(
        "warm-hearted|easygoing|friendly|good-natured|relaxed|hopeful",
        "in an easy mood|with a light heart|content with the day|without a worry",
        "It feels like a good day.|The mood is friendly.",
        "easygoing|friendly|hopeful",
    ),
    "wistful": Wording(
        "wistful|pensive|bittersweet|nostalgic|brooding|thoughtful",
        "lost in thought|in a pensive mood|looking back at something lost|with quiet longing",
        "It remembers something.|The mood is wistful.",
        "wistful|pensive|nostalgic",
    ),
    "dark": Wording(
        "dark|ominous|menacing|brooding|sinister|haunted",
        "with a sense of threat|like something in the dark|in an ominous mood",
        "Something lurks in it.|The mood is dark.",
        "dark|ominous|menacing",
    ),
    "swagger": Wording(
        "swaggering|rollicking|cocky|streetwise|gritty",
        "with a swagger|with plenty of attitude|in a barroom mood",
        "It struts.|It has attitude.",
        "swagger|barroom|gritty",
    ),
    "smoky": Wording(
        "smoky|late-night|weary|lowdown|world-weary",
        "in a late-night mood|as the bar is closing|with tired eyes",
        "It is long past midnight.|The mood is smoky and tired.",
        "late night|smoky|lowdown",
    ),
    "dreamy": Wording(
        "dreamy|floating|ethereal|weightless|hazy",
        "as in a dream|drifting through clouds|half asleep",
        "It floats.|The mood is dreamy.",
        "dreamy|ethereal|floating",
    ),
    "majestic": Wording(
        "majestic|grand|ceremonial|noble|epic",
        "with great dignity|as if for a coronation|on a grand scale",
        "It stands tall.|The mood is solemn and grand.",
        "majestic|epic|ceremonial",
    ),
    "playful": Wording(
        "playful|cheeky|bouncy|mischievous|cartoonish",
        "in a playful mood|with a wink|skipping along",
        "It skips.|The mood is playful.",
        "playful|bouncy|quirky",
    ),
}

SCENES: dict[str, str] = {
    "sad": "a rainy funeral|a farewell at the station|an empty house|the last page of a tragedy",
    "calm": "a quiet sunrise|falling asleep|a slow Sunday morning|a still lake at dawn",
    "happy": "a summer fair|a birthday party|a road trip in the sun|a children's parade",
    "tense": "a chase through the city|a ticking bomb|a heist|running from a storm",
    "content": "a walk in the park|cooking with friends|a garden in spring|a village café",
    "wistful": "old photographs|an autumn window|a letter never sent|the last train home",
    "dark": "a haunted castle|a tunnel at night|a witch's kitchen|an approaching army",
    "swagger": "a pool hall|a getaway car|a gambler's entrance|a crowded saloon",
    "smoky": "a jazz cellar at three in the morning|a lonely detective|an empty bar|neon in the rain",
    "dreamy": "floating in space|an underwater ballet|a snow globe|watching the stars",
    "majestic": "a royal procession|a film's closing titles|a mountain at sunrise|a knight's return",
    "playful": "a puppet show|a cat chasing yarn|a toy shop|a silent comedy",
}


def moods_of(recipe: PieceRecipe) -> list[str]:
    """The moods that a recipe supports, the plainest first; at least one."""
    major = not recipe.minor_third
    if recipe.mode == "blues":
        moods = ["smoky"] if recipe.tempo == "slow" else ["swagger"]
    elif recipe.mode == "phrygian" and recipe.tempo != "fast":
        moods = ["dark"]
    else:
        by_tempo = {"slow": ("calm", "sad"), "moderate": ("content", "wistful"), "fast": ("happy", "tense")}
        moods = [by_tempo[recipe.tempo][0 if major else 1]]
    soft = recipe.lead in SOFT and recipe.space == "hall" and not recipe.groove
    if soft and recipe.tempo != "fast" and recipe.density != "busy":
        moods.append("dreamy")
    if recipe.lead in GRAND and recipe.tempo != "fast" and (recipe.dynamics == "swelling" or recipe.groove == "march"):
        moods.append("majestic")
    if major and recipe.tempo != "slow" and recipe.articulation == "staccato":
        moods.append("playful")
    return moods
