"""Numbers in tags as words: years as decades, beats a minute as a pace, keys as they are said."""

from __future__ import annotations

import re
from collections.abc import Collection

from antiphon.captions.words.lexicon import word_set

FIRST_YEAR, LAST_YEAR = 1890, 2099
SLOW, MEDIUM, BRISK = 80.0, 120.0, 140.0
"""Beats a minute from which a tempo is no longer slow, mid-tempo, up-tempo."""
UNSURE_BELOW, UNSURE_ABOVE = 70.0, 160.0
"""Where a number may well be half or twice what people feel."""
FAST_MUSIC = word_set("""
drum and bass;jungle;breakcore;footwork;gabber;hardcore;hardstyle;happy hardcore;speed metal;thrash metal;
death metal;black metal;power metal;metalcore;metal;heavy metal;punk;punk rock;hardcore punk;skate punk;pop punk;ska;
techno;psytrance;trance;bluegrass;bebop;hard bop;swing;klezmer;polka;rockabilly;hi-nrg;goa;fast;energetic;merengue;
gypsy jazz;surf rock;balkan
""")
SLOW_MUSIC = word_set("""
ballad;hip-hop;trap;R&B;reggae;roots reggae;dub;ambient;soul;neo soul;downtempo;chillout;chill;lo-fi;dubstep;
trip-hop;slow;calm;relaxing;relaxed;peaceful;sad;melancholic;mellow;gentle;meditative;meditation;sleep;soft;lullaby;
doom metal;slowcore;quiet;soothing;dark ambient;new age;phonk;drill;lo-fi hip-hop;blues;dreamy;serene;tender;
singer-songwriter
""")
_SEMITONES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_CAMELOT = {
    "A": ("Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#"),
    "B": ("B", "F#", "C#", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E"),
}
"""The wheel of keys that DJs number: 1A is A flat minor, 1B is B major."""
_KEY = re.compile(
    r"([A-Ga-g])\s*(#|♯|b|♭|-?\s?sharp|-?\s?flat|is|es)?[\s:,_-]*(major|minor|maj|min|dur|moll|m|M|ionian|aeolian)?"
)
_WHEEL = re.compile(r"0?(\d{1,2})\s*([ABabdm])")


def decade_of(text: str) -> str:
    """``"1974-05-01"`` → "1970s"; "" where no year of recorded music stands first.

    >>> decade_of("1974"), decade_of("74"), decade_of("0000")
    ('1970s', '', '')
    """
    found = re.match(r"(\d{4})(?!\d)", text.strip())
    year = int(found[1]) if found else 0
    return f"{year // 10 * 10}s" if FIRST_YEAR <= year <= LAST_YEAR else ""


def pace_of(bpm: float, words: Collection[str]) -> str:
    """Slow, mid-tempo, up-tempo or fast; "" where a tempo may be half or twice what is felt and nothing tells.

    Parameters
    ----------
    bpm : beats a minute as a program or person wrote them.
    words : genres and moods of the track. Programs count drum and bass at 87 and a ballad at 140.
    """
    if not 30 <= bpm <= 300:
        return ""
    is_fast, is_slow = bool(FAST_MUSIC.intersection(words)), bool(SLOW_MUSIC.intersection(words))
    if bpm > UNSURE_ABOVE or (bpm >= BRISK and is_slow):
        if is_fast == is_slow:
            return ""
        bpm = bpm if is_fast else bpm / 2
    elif is_fast and not is_slow and (bpm < UNSURE_BELOW or (bpm < 100 and "drum and bass" in words)):
        bpm *= 2
    return "slow" if bpm < SLOW else "mid-tempo" if bpm < MEDIUM else "up-tempo" if bpm < BRISK else "fast"


def key_name(text: str, mode: str = "") -> str:
    """A key as it is said: "A minor"; "" for what is none.

    Parameters
    ----------
    text : "Am", "F#", "Db maj", "c-moll", "8A" (Camelot), "1m" (Open Key), or a pitch class 0–11 with a mode.
    mode : 1 or "major", 0 or "minor", of a pitch class.

    >>> key_name("Am"), key_name("8B"), key_name("9", "0"), key_name("off key")
    ('A minor', 'C major', 'A minor', '')
    """
    plain = text.strip()
    if re.fullmatch(r"\d{1,2}", plain):
        said = {"1": "major", "major": "major", "0": "minor", "minor": "minor"}.get(mode.strip().casefold(), "")
        return f"{_SEMITONES[int(plain)]} {said}" if said and int(plain) < 12 else ""
    if wheel := _WHEEL.fullmatch(plain):
        return _on_wheel(int(wheel[1]), wheel[2])
    found = _KEY.fullmatch(plain)
    if found is None:
        return ""
    sign = {"#": "#", "♯": "#", "sharp": "#", "is": "#", "b": "b", "♭": "b", "flat": "b", "es": "b"}.get(
        (found[2] or "").strip(" -"), ""
    )
    minor = found[3] in ("m", "min", "minor", "moll", "aeolian") or (not found[3] and found[1].islower())
    return f"{found[1].upper()}{sign} {'minor' if minor else 'major'}"


def _on_wheel(number: int, letter: str) -> str:
    if not 1 <= number <= 12:
        return ""
    minor = letter in "Aam"
    if letter in "md":  # Open Key starts at C, Camelot seven steps earlier
        number = (number + 6) % 12 + 1
    return f"{_CAMELOT['A' if minor else 'B'][number - 1]} {'minor' if minor else 'major'}"
