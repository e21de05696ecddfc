"""Who plays what: invented artists with a house style, their albums and titles, and every piece's recipe.

About one piece in a hundred is a copy of an earlier one under another artist's name: half a tone higher, a little
faster, or the same in another format. Only the title says so. A split must keep a copy on its original's side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from antiphon.demo.language.names import album_name, artist_name, piece_title
from antiphon.demo.recipe import COLOURS, CONTOURS, SCALES, SPACES, TEMPI, TEXTURES, PieceRecipe
from antiphon.demo.sound.instruments import ARPEGGIO_PLAYERS, CHORD_PLAYERS, DRONE_PLAYERS, LEADS, PATCHES
from antiphon.errors import ConfigError

COPY_EVERY = 100
T = TypeVar("T")

GROOVES_BY_TEMPO = {
    "slow": ("half time", "shuffle", "backbeat"),
    "moderate": ("backbeat", "shuffle", "latin", "breakbeat", "march", "four on the floor", "tom-toms"),
    "fast": ("four on the floor", "backbeat", "latin", "tom-toms", "breakbeat", "march"),
}


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One row of the library: what it is called and what it is made of. ``number`` counts from 1."""

    number: int
    title: str
    artist: str
    album: str
    recipe: PieceRecipe

    @property
    def track_id(self) -> str:
        """The id in the manifest, ``d0001`` and on."""
        return f"d{self.number:04d}"

    @property
    def audio(self) -> str:
        """The file, relative to the manifest."""
        words = "".join(c if c.isalnum() else " " for c in self.title.lower()).split()
        return f"audio/{self.number:04d}-{'-'.join(words)}.{self.recipe.container}"


@dataclass(frozen=True, kw_only=True)
class Style:
    """What an artist leans towards, without being bound to it."""

    artist: str
    albums: tuple[str, ...]
    leads: tuple[str, ...]
    tempo: str
    mode: str
    space: str
    colour: str


def _pick(rng: np.random.Generator, options: Sequence[T], weights: Sequence[float] | None = None) -> T:
    share = None if weights is None else np.array(weights) / sum(weights)
    return options[int(rng.choice(len(options), p=share))]


def _leaning(rng: np.random.Generator, favourite: T, share: float, options: Sequence[T], weights: Sequence[float]) -> T:
    """The favourite with probability ``share``, else any."""
    return favourite if rng.random() < share else _pick(rng, options, weights)


MODES = tuple(SCALES)
MODE_WEIGHTS = (0.3, 0.28, 0.1, 0.1, 0.11, 0.11)
SPACE_WEIGHTS = (0.3, 0.4, 0.3)
COLOUR_WEIGHTS = (0.64, 0.12, 0.12, 0.12)

# What people own more of is there more often.
LEAD_WEIGHTS = [
    {"piano": 3.0, "acoustic guitar": 2.0, "strings": 1.7, "distorted guitar": 1.5}.get(n, 1.0) for n in LEADS
]
# Mostly the two that are quick to write; now and then another format, those partly in stereo.
CONTAINERS = ("flac", "ogg", "mp3", "m4a", "wav")
CONTAINER_WEIGHTS = (0.47, 0.45, 0.03, 0.03, 0.02)
STEREO = ("mp3", "m4a", "wav")


def draw_style(rng: np.random.Generator) -> Style:
    """An artist: three favourite instruments, a favourite tempo, mode, room and colour."""
    return Style(
        artist=artist_name(rng),
        albums=tuple(album_name(rng) for _ in range(int(rng.integers(1, 3)))),
        leads=tuple(
            str(n) for n in rng.choice(LEADS, size=3, replace=False, p=np.array(LEAD_WEIGHTS) / sum(LEAD_WEIGHTS))
        ),
        tempo=_pick(rng, tuple(TEMPI)),
        mode=_pick(rng, MODES, MODE_WEIGHTS),
        space=_pick(rng, SPACES, SPACE_WEIGHTS),
        colour=_pick(rng, COLOURS, COLOUR_WEIGHTS),
    )


def _backing(rng: np.random.Generator, texture: str, lead: str) -> str:
    if texture == "solo" or (texture == "arpeggio" and lead in ARPEGGIO_PLAYERS and rng.random() < 0.5):
        return ""
    players = {"arpeggio": ARPEGGIO_PLAYERS, "drone": DRONE_PLAYERS}.get(texture, CHORD_PLAYERS)
    return _pick(rng, [name for name in players if name != lead])


def _texture(rng: np.random.Generator, density: str) -> str:
    weights = {
        "sparse": (0.34, 0.33, 0.0, 0.33, 0.0),
        "medium": (0.14, 0.22, 0.2, 0.12, 0.32),
        "busy": (0.2, 0.18, 0.15, 0.1, 0.37),
    }
    return _pick(rng, TEXTURES, weights[density])


def _articulation(rng: np.random.Generator, lead: str, density: str) -> str:
    if not PATCHES[lead].sustained:
        return "plain"
    return _pick(rng, ("plain", "legato", "staccato"), (0.3, 0.4, 0.3) if density != "sparse" else (0.4, 0.6, 0.0))


def draw_recipe(rng: np.random.Generator, style: Style) -> PieceRecipe:
    """A piece by an artist of that style; every field is drawn, within what fits together musically."""
    lead = _leaning(rng, _pick(rng, style.leads), 0.5, LEADS, LEAD_WEIGHTS)
    tempo = _leaning(rng, style.tempo, 0.3, tuple(TEMPI), (1.0, 1.0, 1.0))
    density = _pick(rng, ("sparse", "medium", "busy"), (0.28, 0.4, 0.32))
    texture = _texture(rng, density)
    metre = 3 if rng.random() < 0.18 else 4
    groove = ""
    if texture == "band":
        groove = "waltz" if metre == 3 else _pick(rng, GROOVES_BY_TEMPO[tempo])
    low, high = TEMPI[tempo]
    shift = int(_pick(rng, (-12, 0, 12), (0.2, 0.6, 0.2)))
    centre = PATCHES[lead].centre + shift
    if not 43 <= centre <= 91:
        centre -= shift
    container = _pick(rng, CONTAINERS, CONTAINER_WEIGHTS)
    return PieceRecipe(
        seed=int(rng.integers(2**31)),
        lead=lead,
        backing=_backing(rng, texture, lead),
        texture=texture,
        bass=texture == "band" or (texture == "chords" and density != "sparse" and rng.random() < 0.35),
        groove=groove,
        tempo=tempo,
        bpm=round(float(rng.uniform(low, high)), 1),
        metre=metre,
        mode=_leaning(rng, style.mode, 0.3, MODES, MODE_WEIGHTS),
        tonic=int(rng.integers(12)),
        density=density,
        centre=centre,
        articulation=_articulation(rng, lead, density),
        contour=_pick(rng, CONTOURS),
        space=_leaning(rng, style.space, 0.4, SPACES, SPACE_WEIGHTS),
        dynamics=_pick(rng, ("steady", "swelling", "fading"), (0.7, 0.16, 0.14)),
        colour=_leaning(rng, style.colour, 0.3, COLOURS, COLOUR_WEIGHTS),
        container=container,
        stereo=container in STEREO and bool(rng.random() < 0.5),
    )


def _copy(number: int, original: Piece, style: Style) -> Piece:
    """A near-duplicate of an earlier piece under another name."""
    recipe = original.recipe
    other = "ogg" if recipe.container != "ogg" else "flac"
    kind = (number // COPY_EVERY) % 3
    changed, note = [
        (replace(recipe, container=other), "copied"),
        (replace(recipe, transpose=recipe.transpose + 1), "half a tone up"),
        (replace(recipe, bpm=round(recipe.bpm * 1.04, 1)), "a little faster"),
    ][kind]
    return Piece(
        number=number, title=f"{original.title} ({note})", artist=style.artist, album=style.albums[0], recipe=changed
    )


def make_catalogue(pieces: int, seed: int) -> list[Piece]:
    """The pieces of a library, artist after artist (two to five pieces each), shuffled.

    A larger library of the same seed does not begin with a smaller one.

    Raises
    ------
    ConfigError : ``seed`` is negative.
    """
    if seed < 0:
        raise ConfigError(f"seed is {seed}, out of range.", fix="Use 0 or more.")
    rng = np.random.default_rng([seed, pieces])
    originals: list[tuple[Style, str]] = []
    titles: set[str] = set()
    artists: set[str] = set()
    while len(originals) < pieces:
        style = draw_style(rng)
        if style.artist in artists:
            continue
        artists.add(style.artist)
        originals += [(style, piece_title(rng, titles)) for _ in range(int(rng.integers(2, 6)))]
    order = rng.permutation(pieces)
    catalogue: list[Piece] = []
    for number, index in enumerate(order, start=1):
        style, title = originals[index]
        if number % COPY_EVERY == 0:
            others = [p for p in catalogue if p.artist != style.artist and "(" not in p.title]
            catalogue.append(_copy(number, others[int(rng.integers(len(others)))], style))
            continue
        catalogue.append(
            Piece(
                number=number,
                title=title,
                artist=style.artist,
                album=_pick(rng, style.albums),
                recipe=draw_recipe(rng, style),
            )
        )
    return catalogue
