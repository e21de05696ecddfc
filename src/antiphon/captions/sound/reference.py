"""What small libraries are compared with: the traits that have words, and the spread of a fixed set of music.

The set: 161 pieces of 20 to 60 seconds, of many genres, that text-to-music models made (the published examples of
google-research/noise2music), as the encoders hear them since November 2026: median and interquartile range of the
traits, mean and standard deviation of MusiCNN's mean logits.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from antiphon.captions.phrases import Phrase
from antiphon.captions.sound.standing_out import Spread
from antiphon.captions.sound.traits import Trait

TRAITS: tuple[Trait, ...] = (
    Trait(
        name="pulse",
        encoder="rhythm",
        block="onsets",
        place=1,
        low=Phrase("quality", "beatless"),
        high=Phrase("instrument", "steady beat"),
        centre=0.285,
        sigma=0.142,
    ),
    Trait(
        name="tempo",
        encoder="rhythm",
        block="tempo",
        place=0,
        low=Phrase("pace", "slow"),
        high=Phrase("pace", "fast"),
        centre=0.177,
        sigma=0.321,
    ),
    Trait(
        name="density",
        encoder="rhythm",
        block="onsets",
        place=0,
        low=Phrase("quality", "sparse"),
        high=Phrase("quality", "busy"),
        centre=0.818,
        sigma=0.253,
    ),
    Trait(
        name="loudness",
        encoder="timbre",
        block="level",
        place=0,
        low=Phrase("quality", "quiet"),
        high=Phrase("quality", "loud"),
        centre=-0.54,
        sigma=0.301,
    ),
    Trait(
        name="brightness",
        encoder="timbre",
        block="cepstrum",
        place=0,
        low=Phrase("quality", "bright"),
        high=Phrase("quality", "dark"),
        centre=1.243,
        sigma=0.411,
    ),
    Trait(
        name="depth",
        encoder="timbre",
        block="shape",
        place=0,
        low=Phrase("instrument", "deep bass"),
        high=None,
        centre=-1.169,
        sigma=0.886,
    ),
    Trait(
        name="mode",
        encoder="harmony",
        block="key",
        place=2,
        low=Phrase("key", "minor key"),
        high=Phrase("key", "major key"),
        centre=0.134,
        sigma=0.507,
    ),
)
"""``pulse`` first: where no beat is clear, a tempo is no word's worth. Brightness is the tilt of the spectrum (the
first coefficient of the cepstrum: more of it is darker), depth the weight of the lowest octaves."""
_TAGS: dict[str, str] = {
    "msd": """
rock -2.4 1.0;pop -2.8 1.1;alternative -3.0 0.7;indie -2.6 0.9;electronic -2.5 1.4;female vocalists -2.8 1.1;
dance -4.1 1.6;00s -4.1 0.5;alternative rock -4.4 1.0;jazz -3.4 1.8;beautiful -4.4 0.9;metal -5.5 1.5;
chillout -3.8 1.2;male vocalists -4.9 0.6;classic rock -4.9 1.3;soul -3.9 1.5;indie rock -4.0 1.1;Mellow -4.6 1.0;
electronica -3.9 1.3;80s -4.9 1.3;folk -4.1 1.5;90s -4.8 0.7;chill -4.5 0.9;instrumental -3.7 1.4;punk -5.3 1.6;
oldies -5.5 1.4;blues -4.4 1.6;hard rock -5.8 1.7;ambient -4.3 1.7;acoustic -4.8 1.3;experimental -3.4 1.0;
female vocalist -5.0 1.0;guitar -4.9 1.0;Hip-Hop -4.6 1.5;70s -5.5 1.1;party -5.7 1.1;country -6.0 1.5;
easy listening -5.3 1.0;sexy -5.2 0.9;catchy -5.7 0.8;funk -4.5 1.5;electro -4.8 1.6;heavy metal -6.6 1.7;
Progressive rock -4.8 1.3;60s -5.6 1.3;rnb -5.1 1.9;indie pop -4.6 1.0;sad -5.6 1.0;House -5.5 1.7;happy -6.0 0.7
""",
    "mtt": """
guitar -2.3 1.5;classical -5.6 2.4;slow -3.1 1.5;techno -3.2 2.0;strings -4.8 1.7;drums -2.4 1.2;electronic -3.0 1.4;
rock -3.0 1.9;fast -3.0 1.3;piano -3.9 1.8;ambient -4.4 1.6;beat -3.1 1.5;violin -5.7 1.9;vocal -2.8 1.3;
synth -3.4 1.1;female -3.4 1.5;indian -4.9 1.4;opera -7.2 2.2;male -3.6 1.5;singing -3.3 1.4;vocals -3.0 1.2;
no vocals -3.6 0.6;harpsichord -7.9 1.9;loud -3.4 1.7;quiet -5.8 1.8;flute -5.6 1.6;woman -3.8 1.6;
male vocal -3.7 1.5;no vocal -3.7 0.6;pop -3.2 1.6;soft -5.0 1.6;sitar -6.7 1.7;solo -5.4 1.4;man -4.2 1.5;
classic -7.5 2.0;choir -6.8 2.0;voice -3.6 1.1;new age -4.9 1.2;dance -5.0 1.6;male voice -4.1 1.4;
female vocal -4.2 1.6;beats -4.6 1.5;harp -7.6 2.1;cello -7.6 2.1;no voice -4.3 0.6;weird -4.3 0.9;country -5.3 2.1;
metal -6.3 1.7;female voice -4.5 1.5;choral -7.1 1.9
""",
}
"""Model → its tags, each with the mean and the standard deviation of its logits."""


def tag_reference(names: Sequence[str]) -> Spread:
    """Mean and standard deviation of tags' logits; those of all others together for a tag that is not listed.

    Parameters
    ----------
    names : (t,) as ``msd:rock``.
    """
    known = {
        f"{model}:{name}": (float(mean), float(sigma))
        for model, table in _TAGS.items()
        for name, mean, sigma in (entry.strip().rsplit(" ", 2) for entry in table.split(";"))
    }
    common = np.mean(list(known.values()), axis=0)
    found = np.array([known.get(name, common) for name in names], np.float64).reshape(-1, 2)
    return Spread(found[:, 0], found[:, 1])
