"""Invented names of artists, albums and pieces. They say nothing about the sound."""

from __future__ import annotations

import numpy as np

FIRST = [
    "Ada", "Bela", "Cosmo", "Dorit", "Edda", "Fenno", "Greta", "Hollis", "Ivo", "Jorun", "Kaspar", "Livia",
    "Milo", "Nadja", "Orin", "Petra", "Quill", "Rosa", "Silas", "Tilde", "Ursa", "Viggo", "Wanda", "Xenia",
    "Yarrow", "Zeno", "Anselm", "Brita", "Corin", "Delphine", "Emrys", "Freya", "Gideon", "Hedda", "Ilse",
    "Jasper", "Klara", "Leopold", "Mara", "Nils",
]  # fmt: skip
LAST = [
    "Alder", "Birchwood", "Calloway", "Dunmore", "Eastley", "Farrow", "Grange", "Hathersage", "Innes", "Juniper",
    "Kestrel", "Lindqvist", "Marlow", "Northcote", "Oakden", "Pellwright", "Quarry", "Rowan", "Sandoval",
    "Thackeray", "Underhill", "Vance", "Whitlock", "Yardley", "Zimmer", "Ashby", "Brandt", "Castellane", "Dreyer",
    "Ellery", "Foxglove", "Holm", "Ibarra", "Jessop", "Kovar", "Lark", "Montrose", "Nighy", "Osei", "Prior",
]  # fmt: skip
ADJECTIVES = [
    "Amber", "Borrowed", "Candid", "Distant", "Early", "Folded", "Gilded", "Hidden", "Idle", "Jagged", "Kindled",
    "Lantern", "Mended", "Narrow", "Open", "Paper", "Quarter", "Restless", "Silver", "Tangled", "Unsent",
    "Velvet", "Winter", "Yellow", "Zigzag", "Crooked", "Driftwood", "Copper", "Faded", "Hollow", "Second",
    "Seventh", "Last", "Northern", "Painted", "Quiet", "Rusted", "Salt", "Tidal", "Wandering",
]  # fmt: skip
NOUNS = [
    "Almanac", "Bridge", "Cabinet", "Doorway", "Errand", "Ferry", "Garden", "Harbour", "Island", "Journey",
    "Kitchen", "Ladder", "Meadow", "Notebook", "Orchard", "Postcard", "Quarry", "River", "Staircase", "Train",
    "Umbrella", "Valley", "Window", "Yard", "Atlas", "Beacon", "Compass", "Dial", "Envelope", "Field",
    "Glasshouse", "Hillside", "Ink", "Jetty", "Key", "Library", "Mirror", "Nest", "Observatory", "Parade",
    "Relay", "Signal", "Threshold", "Village", "Weathervane",
]  # fmt: skip
BANDS = ("The {a} {n}s", "{n} & {m}", "{a} {n} Society", "{f} {l} Ensemble", "{f} & the {a} {n}s")
TITLES = (
    "{a} {n}",
    "{n} of the {a} {m}",
    "The {a} {n}",
    "{n} and {m}",
    "{an} {n} for {f}",
    "{a} {n}, {a2} {m}",
    "{l} {n}",
)


def _words(rng: np.random.Generator) -> dict[str, str]:
    first, last = str(rng.choice(FIRST)), str(rng.choice(LAST))
    adjective, another = (str(w) for w in rng.choice(ADJECTIVES, size=2, replace=False))
    noun, other = (str(w) for w in rng.choice(NOUNS, size=2, replace=False))
    article = "An" if noun[0] in "AEIOU" else "A"
    return {"f": first, "l": last, "a": adjective, "a2": another, "n": noun, "m": other, "an": article}


def artist_name(rng: np.random.Generator) -> str:
    """A person's or a band's name."""
    words = _words(rng)
    return str(rng.choice(BANDS)).format(**words) if rng.random() < 0.55 else f"{words['f']} {words['l']}"


def album_name(rng: np.random.Generator) -> str:
    """An album's name."""
    words = _words(rng)
    return str(rng.choice(["{a} {n}", "{n} Songs", "The {n} Tapes", "{a} {n} Sessions", "Under the {n}"])).format(
        **words
    )


def piece_title(rng: np.random.Generator, taken: set[str]) -> str:
    """A title that is not in ``taken``, to which it is added."""
    while True:
        title = str(rng.choice(TITLES)).format(**_words(rng))
        if title not in taken:
            taken.add(title)
            return title
