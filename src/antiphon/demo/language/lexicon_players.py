"""The words of the captions for who plays: instruments, drums, accompaniment. Places as in :mod:`lexicon`."""

from __future__ import annotations

from antiphon.demo.language.lexicon import Wording

# Singular names take an article and "plays", plural ones (marked *) neither.
INSTRUMENTS: dict[str, str] = {
    "piano": "piano|grand piano|pianoforte|upright piano",
    "electric piano": "electric piano|Rhodes-like electric piano|e-piano",
    "acoustic guitar": "acoustic guitar|steel-string guitar|unplugged guitar|plucked guitar",
    "distorted guitar": "distorted guitar|overdriven electric guitar|fuzzy electric guitar|rock guitar",
    "harp": "harp|concert harp|orchestral harp",
    "harpsichord": "harpsichord|baroque harpsichord|cembalo",
    "strings": "*strings|string section|string orchestra|*violins|*bowed strings",
    "cello": "cello|violoncello|bowed cello",
    "flute": "flute|breathy flute|wooden flute",
    "clarinet": "clarinet|woody clarinet|reedy clarinet",
    "trumpet": "trumpet|brass trumpet|bright horn",
    "organ": "organ|pipe organ|electric organ|drawbar organ",
    "accordion": "accordion|musette accordion|squeezebox",
    "choir": "choir|*wordless voices|chorus of voices|vocal choir",
    "marimba": "marimba|wooden marimba|*mallets on wood",
    "glockenspiel": "glockenspiel|*tinkling chimes|*orchestral bells",
    "church bells": "*church bells|*tolling bells|*tower bells",
    "music box": "music box|wind-up music box|tiny music box",
    "kalimba": "kalimba|thumb piano|mbira",
    "steel drum": "steel drum|steelpan|Caribbean steelpan",
    "synth lead": "synth lead|analog synthesizer|sawtooth synth|lead synthesizer",
    "chiptune": "chiptune synth|8-bit square wave|video game synth|retro console sound",
    "synth pad": "synth pad|ambient pad|soft synthesizer pad|*swelling synth chords",
}

PLAYERS: dict[str, Wording] = {
    "groove:four on the floor": Wording(
        "club-ready|dancefloor",
        "over a four-on-the-floor beat|with a thumping kick on every beat|on a house beat with claps",
        "A kick drum pounds on every beat.|House drums push it along.",
        "four-on-the-floor|house beat|dance drums",
    ),
    "groove:backbeat": Wording(
        "rocking|drum-driven",
        "over a rock backbeat|with snare on two and four|on a straight pop drum beat",
        "Kick and snare lay down a backbeat.|A rock drum kit keeps time.",
        "backbeat|rock drums|drum kit",
    ),
    "groove:shuffle": Wording(
        "swinging|shuffling|jazzy",
        "over a swung shuffle|with brushes and a ride cymbal|on a jazz shuffle",
        "The drums swing softly with brushes.|A shuffle feel carries it.",
        "swing|brushes|shuffle",
    ),
    "groove:latin": Wording(
        "Latin|tropical",
        "over congas and shaker|with Latin hand percussion|on a conga groove",
        "Congas, shaker and wood block keep it moving.|Latin percussion bubbles underneath.",
        "congas|latin percussion|shaker",
    ),
    "groove:half time": Wording(
        "heavy-footed|half-time",
        "over a half-time drum beat|with one big snare a bar|on spacious, heavy drums",
        "The drums play half time.|A lone snare lands in the middle of each bar.",
        "half-time drums|heavy beat",
    ),
    "groove:march": Wording(
        "marching|military",
        "over a marching snare|with a parade drum|to a military drum roll",
        "A snare drum marches along.|Parade drums keep step.",
        "march|snare drum|military drums",
    ),
    "groove:breakbeat": Wording(
        "funky|hip-hop-flavoured",
        "over a breakbeat|with chopped, syncopated drums|on a funky break",
        "A syncopated breakbeat rolls underneath.|The drums play a funky break.",
        "breakbeat|funky drums",
    ),
    "groove:tom-toms": Wording(
        "tribal|pounding",
        "over rolling tom-toms|with pounding toms|to ritual-like drums",
        "Tom-toms pound away.|Deep drums roll below.",
        "tom-toms|tribal drums",
    ),
    "groove:waltz": Wording(
        "waltzing",
        "over waltz drums with brushes|with brushed drums in three|to a waltzing kit",
        "Brushes play a waltz.|The drums go one-two-three.",
        "waltz drums|brushes|3/4",
    ),
    "texture:solo": Wording(
        "solo|unaccompanied|lone",
        "all alone|without any accompaniment|as a single unaccompanied line",
        "Nothing else plays.|It is a solo from start to end.",
        "solo|unaccompanied|monophonic",
    ),
    "texture:chords": Wording(
        "",
        "over chords from {backing}|with {backing} underneath|backed by {backing}|while {backing} holds the harmony",
        "Behind it {backing} fills in the chords.|The accompaniment comes from {backing}.",
        "{backing} chords|{backing}",
    ),
    "texture:arpeggio": Wording(
        "arpeggiated|rippling",
        "over rippling arpeggios from {backing}|with broken chords from {backing}|while {backing} spins arpeggios",
        "Below, {backing} ripples in broken chords.|Arpeggios from {backing} run underneath.",
        "{backing} arpeggios|{backing}, broken chords",
    ),
    "texture:fingerpicked": Wording(
        "arpeggiated|rippling|chiming",
        "in rolling broken chords|as one endless arpeggio|spelling out the chords note by note",
        "There is no tune, only rolling arpeggios.|Broken chords run up and down.",
        "arpeggios|broken chords",
    ),
    "texture:drone": Wording(
        "drone-based|hypnotic",
        "above a drone from {backing}|over one held chord of {backing}|while {backing} sustains a drone",
        "Underneath, {backing} never changes its note.|A drone from {backing} lies below.",
        "{backing} drone|drone",
    ),
    "texture:band": Wording(
        "full-band|band-backed",
        "with bass and {backing} behind|together with {backing} and bass|in a group with {backing}, bass and drums",
        "Bass and {backing} complete the band.|The group has bass, drums and {backing}.",
        "{backing}, bass and drums|full band",
    ),
    "bass:yes": Wording(
        "",
        "with a bass line below|anchored by a bass",
        "A bass walks underneath.|There is a bass guitar too.",
        "bass line|bass",
    ),
}
