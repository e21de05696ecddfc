"""What people type for a name, right and wrong, and descriptions that name nothing."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from antiphon.captions.words.lexicon import GENRES, INSTRUMENTS, MOODS, THEMES
from benchmarks.names.made import FIRST, Track

LONG = 5
"""Letters of a word from which it is misspelt."""


class Typed(NamedTuple):
    """A query and the tracks that it means."""

    text: str
    correct: frozenset[int]


BY_HAND = """
bjork|Björk|
acdc|AC/DC|
ac dc|AC/DC|
ac-dc back in black|AC/DC|Back in Black
jay z|Jay-Z|
jayz 99 problems|Jay-Z|99 Problems
beetles|The Beatles|
the beetles|The Beatles|
beatles|The Beatles|
the beatles yesterday|The Beatles|Yesterday
yesterday by the beatles|The Beatles|Yesterday
beatels yesteday|The Beatles|Yesterday
here comes the sun|The Beatles|Here Comes the Sun - Remastered 2009
sigur ros|Sigur Rós|
sigurros|Sigur Rós|
radio head|Radiohead|
radiohed|Radiohead|
radio head karma police|Radiohead|Karma Police
guns and roses|Guns N' Roses|
guns n roses|Guns N' Roses|
sweet child of mine|Guns N' Roses|Sweet Child O' Mine
simon and garfunkel|Simon & Garfunkel|
simon garfunkle|Simon & Garfunkel|
rem|R.E.M.|
r e m losing my religion|R.E.M.|Losing My Religion
nwa|N.W.A|
motorhead|Motörhead|
beyonce halo|Beyoncé|Halo
royksopp|Röyksopp|
sinead oconnor|Sinéad O'Connor|
blue oyster cult|Blue Öyster Cult|
dont fear the reaper|Blue Öyster Cult|(Don't Fear) The Reaper
кино|Кино|
група крови|Кино|Группа крови
宇多田ヒカル|宇多田ヒカル|
戦場のメリークリスマス|坂本龍一|戦場のメリークリスマス
led zepelin|Led Zeppelin|
zeppelin|Led Zeppelin|
stairway to heavan|Led Zeppelin|Stairway to Heaven
pink floid|Pink Floyd|
dark side of the moon|Pink Floyd|Time
bowie|David Bowie|
bowie heroes|David Bowie|Heroes (2017 Remaster)
bohemian rapsody|Queen|Bohemian Rhapsody - Remastered 2011
hendrix|Jimi Hendrix|
hendrix jimi|Jimi Hendrix|
metalica|Metallica|
depeche moda|Depeche Mode|
enjoy the silense|Depeche Mode|Enjoy the Silence
tchaikovsky|Tchaikovsky, Pyotr Ilyich|
pyotr ilyich tchaikovsky|Tchaikovsky, Pyotr Ilyich|
johann sebastian bach|Bach, Johann Sebastian|
davis miles|Miles Davis|
calm mils davis|Miles Davis|
joni mitchel|Joni Mitchell|
die arzte|Die Ärzte|
ärzte|Die Ärzte|
edith piaf|Édith Piaf|
non je ne regrette rien|Édith Piaf|Non, je ne regrette rien
antonio carlos jobim|Antônio Carlos Jobim|
aguas de marco|Antônio Carlos Jobim|Águas de Março
fleetwod mac|Fleetwood Mac|
red hot chilli peppers|Red Hot Chili Peppers|
massiv attack|Massive Attack|
nick cave and the bad seeds|Nick Cave & The Bad Seeds|
nick cave|Nick Cave & The Bad Seeds|
earth wind and fire|Earth, Wind & Fire|
siouxie and the banshees|Siouxsie and the Banshees|
brittney spears|Britney Spears|
songs by johnny cash|Johnny Cash|
amy whinehouse|Amy Winehouse|
"""
SENTENCES = """
dark side piano
calm piano for a rainy evening
slow blue notes
something to fall asleep to
music for a long drive at night
upbeat song for cooking
sunny afternoon in the garden
angry guitars and loud drums
whispering voice over strings
a happy whistle
blue mood
stormy weather at sea
dancing in the kitchen
smoky bar after midnight
heavy riffs, no vocals
women singing in harmony
snow falling outside
driving through the desert
a train leaving the station
breezy
stormy
moody
punchy
crunchy
dusty
foggy
snowy
windy
frosty
bluesy
jazzy
folksy
funky
grungy
poppy
rocky
silky
sugary
sunlit
thunderous
wintry
walking
waking up
crying
laughing
lovely
heartbroken
lonesome
desolate
homesick
nocturnal
oceanic
cosmic
shimmering
sparkling
glittering
floating
drifting
soaring
crackling vinyl
children laughing
marching
stomping
clapping
church bells
crickets at night
waves on the beach
soft rain on a window
fast and furious
sweet and slow
broken and small
old radio sound
golden hour
silver flutes
wild horses running
empty city streets
black metal with choir
white noise
red wine and candles
green fields
a quiet place to think
first dance at a wedding
last song of the night
party until dawn
winter morning coffee
summer love
rainy sunday
deep space
strange lights in the sky
tender goodbye
music to remember somebody
new day rising slowly
"""


def wanted(tracks: Sequence[Track], count: int, seed: int = 1) -> dict[str, list[Typed]]:
    """Kind of query → queries, ``count`` of each that is drawn."""
    draw = random.Random(seed)
    rows = [row for row, track in enumerate(tracks) if len(key(track.title)) >= LONG]
    sung = [row for row, track in enumerate(tracks) if track.lyrics]
    chosen, singing = (draw.sample(some, min(count, len(some))) for some in (rows, sung))
    groups = _Groups(tracks)
    found: dict[str, list[Typed]] = {"by hand": list(_by_hand(tracks))}
    for kind, write in _WAYS.items():
        queries = []
        for row in singing if "lyrics" in kind else chosen:
            text, meant = write(draw, tracks[row])
            if text:
                queries.append(Typed(text, groups.of(tracks[row], meant)))
        found[kind] = queries
    return found


def descriptions() -> dict[str, list[str]]:
    """Queries that name nothing: words of music, pairs of them, and sentences."""
    draw = random.Random(2)
    words = sorted({word.casefold() for word in MOODS | THEMES | GENRES | INSTRUMENTS})
    pairs = [f"{draw.choice(sorted(MOODS))} {draw.choice(words)}" for _ in range(200)]
    typed = SENTENCES.strip().splitlines()
    return {
        "one word, by hand": [text for text in typed if " " not in text],
        "sentences, by hand": [text for text in typed if " " in text],
        "words of music": draw.sample(words, 200),
        "two of them": pairs,
    }


def key(text: str) -> str:
    """Letters and digits alone."""
    return "".join(filter(str.isalnum, text.casefold()))


def _by_hand(tracks: Sequence[Track]) -> Iterable[Typed]:
    for line in BY_HAND.strip().splitlines():
        text, artist, title = line.split("|")
        rows = {row for row, each in enumerate(tracks) if each.artist == artist and title in ("", each.title)}
        if rows:
            yield Typed(text, frozenset(rows))


class _Groups:
    """Which tracks share what a query means: artist, title, album, lyrics, or several of them."""

    def __init__(self, tracks: Sequence[Track]) -> None:
        self._tracks = tracks
        self._rows: dict[str, dict[tuple[str, ...], frozenset[int]]] = {}

    def of(self, track: Track, meant: str) -> frozenset[int]:
        """Rows of those that share it with a track."""
        if meant not in self._rows:
            rows: dict[tuple[str, ...], list[int]] = {}
            for row, each in enumerate(self._tracks):
                rows.setdefault(_shared(each, meant), []).append(row)
            self._rows[meant] = {name: frozenset(places) for name, places in rows.items()}
        return self._rows[meant][_shared(track, meant)]


def _shared(track: Track, meant: str) -> tuple[str, ...]:
    return tuple(key(bare(str(getattr(track, field)))) for field in meant.split("+"))


def bare(name: str) -> str:
    """A name without the article before it and what is added to it."""
    return re.sub(r"^(The|Die) | - .*$| \(.*\)$| feat\. .*$", "", name)


def misspelt(draw: random.Random, text: str, times: int = 1) -> str:
    """A text with that many letters left out, doubled, exchanged or replaced, in words of five and more letters."""
    words = text.split()
    long = [place for place, word in enumerate(words) if len(word) >= LONG and word.isalpha()]
    for place in draw.sample(long, min(times, len(long))):
        word = words[place]
        at = draw.randrange(1, len(word) - 1)
        words[place] = draw.choice(
            (
                word[:at] + word[at + 1 :],
                word[:at] + word[at] + word[at:],
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                word[:at] + draw.choice(string.ascii_lowercase) + word[at + 1 :],
            )
        )
    return " ".join(words) if long else ""


def _parted(draw: random.Random, text: str) -> str:
    at = draw.randrange(2, max(3, len(text) - 2))
    return text[:at] + " " + text[at:]


def _swapped(name: str) -> str:
    first, _, last = name.partition(" ")
    return f"{last} {first}" if last and " " not in last and first != "The" else ""


def _last_name(track: Track) -> str:
    first, _, last = track.artist.partition(" ")
    return last if first in _PERSONS else ""


def _line(draw: random.Random, lyrics: str) -> str:
    return draw.choice(lyrics.split("\n")) if lyrics else ""


_PERSONS = frozenset(FIRST)
_Write = Callable[[random.Random, Track], tuple[str, str]]
_WAYS: dict[str, _Write] = {
    "artist": lambda _, t: (t.artist.lower(), "artist"),
    "title": lambda _, t: (bare(t.title).lower(), "title"),
    "album": lambda _, t: (t.album.lower(), "album"),
    "artist title": lambda _, t: (f"{bare(t.artist)} {bare(t.title)}".lower(), "artist+title"),
    "title artist": lambda _, t: (f"{bare(t.title)} by {t.artist}".lower(), "artist+title"),
    "calm artist": lambda _, t: (f"calm {t.artist}".lower() if " " in bare(t.artist) else "", "artist"),
    "artist, 1 wrong": lambda d, t: (misspelt(d, t.artist.lower()), "artist"),
    "title, 1 wrong": lambda d, t: (misspelt(d, bare(t.title).lower()), "title"),
    "album, 1 wrong": lambda d, t: (misspelt(d, t.album.lower()), "album"),
    "artist, 2 wrong": lambda d, t: (misspelt(d, t.artist.lower(), 2) if len(key(t.artist)) >= 9 else "", "artist"),
    "title, 2 wrong": lambda d, t: (misspelt(d, bare(t.title).lower(), 2) if len(key(t.title)) >= 9 else "", "title"),
    "artist title, 1 wrong each": lambda d, t: (
        f"{misspelt(d, t.artist.lower()) or t.artist.lower()} {misspelt(d, bare(t.title).lower()) or bare(t.title)}",
        "artist+title",
    ),
    "calm artist, 1 wrong": lambda d, t: (
        f"calm {misspelt(d, t.artist.lower())}" if " " in bare(t.artist) else "",
        "artist",
    ),
    "artist without spaces": lambda _, t: (key(t.artist), "artist"),
    "title without spaces": lambda _, t: (key(bare(t.title)), "title"),
    "artist, a space too many": lambda d, t: (_parted(d, t.artist.lower()), "artist"),
    "last first": lambda _, t: (_swapped(t.artist.lower()), "artist"),
    "last name": lambda _, t: (_last_name(t).lower(), "artist"),
    "line of lyrics": lambda d, t: (_line(d, t.lyrics), "lyrics"),
    "line of lyrics, 1 wrong": lambda d, t: (misspelt(d, _line(d, t.lyrics)), "lyrics"),
}
