"""Genres by their number in ID3v1 and Winamp's extension of it: ``(17)`` in a tag is "Rock"."""

from __future__ import annotations

import re

_NAMES = """
Blues;Classic Rock;Country;Dance;Disco;Funk;Grunge;Hip-Hop;Jazz;Metal;New Age;Oldies;Other;Pop;R&B;Rap;Reggae;Rock;
Techno;Industrial;Alternative;Ska;Death Metal;Pranks;Soundtrack;Euro-Techno;Ambient;Trip-Hop;Vocal;Jazz Funk;Fusion;
Trance;Classical;Instrumental;Acid;House;Game;Sound Clip;Gospel;Noise;Alternative Rock;Bass;Soul;Punk;Space;
Meditative;Instrumental Pop;Instrumental Rock;Ethnic;Gothic;Darkwave;Techno-Industrial;Electronic;Pop-Folk;Eurodance;
Dream;Southern Rock;Comedy;Cult;Gangsta;Top 40;Christian Rap;Pop Funk;Jungle;Native American;Cabaret;New Wave;
Psychedelic;Rave;Showtunes;Trailer;Lo-Fi;Tribal;Acid Punk;Acid Jazz;Polka;Retro;Musical;Rock & Roll;Hard Rock;Folk;
Folk Rock;National Folk;Swing;Fast Fusion;Bebop;Latin;Revival;Celtic;Bluegrass;Avantgarde;Gothic Rock;
Progressive Rock;Psychedelic Rock;Symphonic Rock;Slow Rock;Big Band;Chorus;Easy Listening;Acoustic;Humour;Speech;
Chanson;Opera;Chamber Music;Sonata;Symphony;Booty Bass;Primus;Porn Groove;Satire;Slow Jam;Club;Tango;Samba;Folklore;
Ballad;Power Ballad;Rhythmic Soul;Freestyle;Duet;Punk Rock;Drum Solo;A Cappella;Euro-House;Dancehall;Goa;Drum & Bass;
Club-House;Hardcore;Terror;Indie;Britpop;Worldbeat;Polsk Punk;Beat;Christian Gangsta Rap;Heavy Metal;Black Metal;
Crossover;Contemporary Christian;Christian Rock;Merengue;Salsa;Thrash Metal;Anime;J-Pop;Synthpop;Abstract;Art Rock;
Baroque;Bhangra;Big Beat;Breakbeat;Chillout;Downtempo;Dub;EBM;Eclectic;Electro;Electroclash;Emo;Experimental;Garage;
Global;IDM;Illbient;Industro-Goth;Jam Band;Krautrock;Leftfield;Lounge;Math Rock;New Romantic;Nu-Breakz;Post-Punk;
Post-Rock;Psytrance;Shoegaze;Space Rock;Trop Rock;World Music;Neoclassical;Audiobook;Audio Theatre;
Neue Deutsche Welle;Podcast;Indie Rock;G-Funk;Dubstep;Garage Rock;Psybient
"""
GENRES = tuple(name.strip() for name in _NAMES.replace("\n", "").split(";"))
_MARKS = {"RX": "Remix", "CR": "Cover"}
_NUMBERED = re.compile(r"\((\d{1,3}|RX|CR)\)|^(\d{1,3})$")


def without_numbers(genre: str) -> list[str]:
    """The genres of a tag: numbers as their names, then what else stands there.

    >>> without_numbers("(17)(4)Eurodisco")
    ['Rock', 'Disco', 'Eurodisco']
    >>> without_numbers("(17)Rock"), without_numbers("255")
    (['Rock'], [])
    """
    found = [_name(match[1] or match[2]) for match in _NUMBERED.finditer(genre.strip())]
    rest = _NUMBERED.sub("", genre.strip()).strip()
    return [name for name in dict.fromkeys([*found, rest]) if name]


def _name(number: str) -> str:
    if number in _MARKS:
        return _MARKS[number]
    return GENRES[int(number)] if int(number) < len(GENRES) else ""
