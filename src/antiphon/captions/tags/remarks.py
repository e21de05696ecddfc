"""The useful part of comments and groupings: what a person says of the music, and not what a program wrote there.

A comment is cut into sentences. One that has a mark of a program, a shop or a ripper is no description; one that has
no word about music (:mod:`antiphon.captions.words.lexicon`) is about something else, more often than not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from antiphon.captions.tags.values import says_something
from antiphon.captions.words.lexicon import speaks_of_music, spelt

MOST_WORDS = 40
_JUNK = re.compile(
    r"""
    https?: | www\. | \b\w[\w-]*\.(com|net|org|info|ru|de|co|tv|io|me|to)\b | @\w | \w@\w
    | \b(ripp?(ed|er|ping)?|encod(ed|er|ing)|transcod\w+|upload\w*|download\w*|converted|tagged|purchased|bought)\b
    | \b(exact\ audio\ copy|eac|lame|flac|mp3|m4a|aac|vorbis|opus|wav|alac|ogg|vbr|cbr|[vq][02]|k(bps|bit|hz)|bit)\b
    | \b(itun\w+|accuraterip|replay\ ?gain|cddb|freedb|discid|discogs|musicbrainz|audiograbber|cdex|dbpoweramp)\b
    | \b(copyright|all\ rights|rights\ reserved|licensed?|promo(tional)?|not\ for\ (re)?sale|courtesy|published\ by)\b
    | \b(amazon|bandcamp|beatport|juno|traxsource|youtube|soundcloud|spotify|napster|deezer|tidal|qobuz)\b
    | \b(facebook|instagram|catalog\w*|cat\.?\ ?(no|\#)|barcode|upc|ean|isrc|asin|crc|md5|sha1|id3|disc\ ?\d+|cd\ ?\d)\b
    | \b(tracks?\ ?(\#|no\.?|id)?\ ?\d+|visit|click|subscribe|follow|check\ out|greetz?|torrent|kb/s)\b
    | \b(created\ (with|by|using)|released?\ by|(provided|powered)\ by)\b
    | © | ℗ | \(c\)\ ?\d | \b[0-9a-f]{8,}\b | \b\d{5,} | \b\w+\d+\w*\d\w*\b
    | energy\ \d | ^\d+[abdm]\b | \d\s*db\b | ^\W*$
    """,
    re.IGNORECASE | re.VERBOSE,
)
_ENDS = re.compile(r"(?<=[.!?…])\s+|[\n\r]+|;\s")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def useful_remarks(text: str) -> str:
    """The sentences of a comment that describe music, as one text; "" where none does.

    >>> useful_remarks("Ripped by DJ X. A sad piano piece for rainy evenings. http://example.com")
    'A sad piano piece for rainy evenings.'
    """
    kept = [part for part in map(str.strip, _ENDS.split(text)) if _describes(part)]
    return " ".join(part if part[-1] in ".!?…" else f"{part}." for part in kept)


def _describes(part: str) -> bool:
    words = part.split()
    if not 2 <= len(words) <= MOST_WORDS or _JUNK.search(part) or _CONTROL.search(part):
        return False
    letters = sum(mark.isalpha() or mark.isspace() for mark in part)
    return letters > 0.8 * len(part) and speaks_of_music(part)


def useful_labels(values: Iterable[str]) -> list[str]:
    """Short labels that an owner sorts music with ("Workout; Late night"); names of works and numbers are none."""
    parts = (spelt(part.strip()) for value in values for part in re.split(r"[;,|\n]", value))
    found = [part for part in parts if len(part.split()) <= 3 and says_something(part) and not _JUNK.search(part)]
    return [part for part in dict.fromkeys(found) if not re.search(r"\d|\b(op|no|bwv|vol|pt|part)\b", part.casefold())]
