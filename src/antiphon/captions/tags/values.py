"""Lists of words in a field, cleaned: what is a word about music, one by one, as people write it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from antiphon.captions.words.id3_genres import without_numbers
from antiphon.captions.words.lexicon import RESPELT, spelt, word_set

LONGEST_WORDS = 4
LONGEST = 40
NOTHING = word_set("""
unknown;other;others;misc;miscellaneous;various;various artists;none;no genre;nogenre;genre;n/a;na;null;nan;general;
default;undefined;unclassifiable;unclassified;uncategorized;untagged;todo;tbd;test;not specified;not set;-;?;music;
song;songs;track;tracks;audio;sound;file;album;single;my music;favorite;favorites;favourite;favourites;
favorite songs;favourite songs;loved;love at first listen;seen live;albums i own;want to see live;to listen;check;
checked;rated;best;awesome;good;great;amazing;bad;top;hit;hits;new;old;downloaded;purchased;bought;ripped;promo;
playlist;spotify;itunes;youtube;soundcloud;bandcamp;beatport;amazon;tidal;deezer;vinyl;cd;cassette;flac;mp3;lossless;
hi-res;explicit;clean;advisory;mono;stereo;vocal type;top 40;sound clip;pranks;primus;cult;yes;no;true;false;
original;standard;import;unsorted;sort;temp;new music;audiobook
""")
"""What stands in such fields and says nothing of the music."""
_PREFIX = re.compile(r"^(genre|instrument|mood/theme|mood|theme|style|tag)s?(---|:)\s*", re.IGNORECASE)
_JUNK = re.compile(
    r"https?:|www\.|\.(com|net|org|info)\b|@|\d{4,}|^\d+$|\d ?stars?\b|\brat(ed|ing)\b|[\x00-\x1f{}<>\\|=#]|^\W+$",
    re.IGNORECASE,
)


def words_in(values: Iterable[str], *, genres: bool = False) -> list[str]:
    """The words of a field, each once.

    Parameters
    ----------
    values : as the field holds them; one may hold several, between ``; , | /``.
    genres : whether numbers are those of ID3v1.
    """
    found: dict[str, str] = {}
    for value in values:
        for piece in _pieces(value, genres=genres):
            word = spelt(piece)
            if says_something(word):
                found.setdefault(word.casefold(), word)
    return list(found.values())


def _pieces(value: str, *, genres: bool) -> list[str]:
    pieces = []
    for piece in re.split(r"[;,|\0\n]", value):
        text = _PREFIX.sub("", piece.rpartition("---")[2].strip().removeprefix("&").strip())
        named = without_numbers(text) if genres else [text]
        pieces += [part for name in named for part in _split_slash(name)]
    return [piece.strip(" .\"'") for piece in pieces]


def _split_slash(text: str) -> list[str]:
    """``Hip-Hop/Rap`` is two, ``pop/rock`` is one that has a name, ``R/B`` is one."""
    if " ".join(text.casefold().split()) in RESPELT:
        return [text]
    parts = [part.strip() for part in text.split("/")]
    return parts if all(len(part) > 2 for part in parts) else [text]


def says_something(word: str) -> bool:
    """Whether a word may be about music: no rating, address or number, and not longer than a word or a few."""
    short = len(word) <= LONGEST and len(word.split()) <= LONGEST_WORDS
    letters = sum(mark.isalpha() for mark in word)
    return short and letters >= 2 and word.casefold() not in NOTHING and not _JUNK.search(word)
