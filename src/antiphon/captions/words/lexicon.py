"""Words that are said of music, by what they say, and how they are written.

A word of a free list of tags ("piano, melancholic, summer") finds its place in a sentence here; a comment or grouping
that has none of these words is taken for something else than a description.
"""

from __future__ import annotations

import re

from antiphon.captions.phrases import Phrase, Slot
from antiphon.captions.words.id3_genres import GENRES as ID3_GENRES


def word_set(text: str) -> frozenset[str]:
    """The words of a text that are parted by semicolons; lines may end anywhere between two of them."""
    return frozenset(" ".join(name.split()) for name in text.split(";"))


INSTRUMENTS = word_set("""
accordion;acoustic guitar;bagpipes;balalaika;bandoneon;banjo;baritone saxophone;bass;bass clarinet;bass guitar;
bassoon;bells;bongos;bouzouki;brass;brass band;cello;celesta;clarinet;clavichord;concertina;conga;congas;cornet;
darbuka;didgeridoo;djembe;double bass;drum machine;drum kit;drums;duduk;electric bass;electric guitar;electric piano;
english horn;erhu;fiddle;flugelhorn;flute;french horn;glockenspiel;guitar;guitars;gong;hammond organ;handpan;
harmonica;harmonium;harp;harpsichord;horn;horns;hurdy-gurdy;kalimba;keyboard;keyboards;kora;koto;lap steel guitar;
lute;lyre;mandolin;marimba;mellotron;moog;music box;oboe;ocarina;orchestra;organ;oud;pan flute;pedal steel guitar;
percussion;piano;piccolo;pipe organ;recorder;rhodes;sarod;saxophone;saz;shakuhachi;shamisen;sitar;slide guitar;
soprano saxophone;steel drums;steelpan;string quartet;strings;synth;synths;synthesizer;tabla;tambourine;
tenor saxophone;theorbo;theremin;timpani;tin whistle;toms;trombone;trumpet;tuba;turntables;ukulele;upright bass;
vibraphone;viola;viola da gamba;violin;violins;vocoder;whistle;woodwinds;wurlitzer;xylophone;zither;808;sub bass;
hand claps
""")
MOODS = word_set("""
aggressive;airy;angry;anthemic;anxious;atmospheric;beautiful;bittersweet;bleak;bouncy;bright;brooding;calm;carefree;
catchy;cheerful;chill;chilled;cinematic;cold;cool;cosy;cozy;dark;deep;delicate;depressing;dramatic;dreamy;driving;
droning;eerie;elegant;emotional;energetic;epic;ethereal;euphoric;exciting;fierce;fiery;fun;funny;gentle;gloomy;grand;
gritty;groovy;happy;hard;haunting;heavy;heroic;hopeful;hypnotic;inspiring;inspirational;intense;intimate;
introspective;ironic;joyful;laid-back;lazy;light;lively;lonely;lush;magical;majestic;martial;mechanical;meditative;
melancholic;melancholy;mellow;melodic;menacing;mournful;motivational;mysterious;mystical;nervous;noisy;nostalgic;
ominous;optimistic;passionate;peaceful;pensive;playful;poignant;positive;powerful;pulsating;quiet;quirky;raw;
reflective;relaxed;relaxing;restless;rebellious;romantic;rousing;sad;sensual;sentimental;serene;sexy;sinister;sleepy;
smooth;sombre;somber;soft;solemn;soothing;sparse;spiritual;spooky;strange;sweet;suspenseful;tender;tense;thoughtful;
tranquil;trippy;triumphant;twangy;uplifting;upbeat;urgent;warm;weird;whimsical;wild;wistful;yearning;minimal;
minimalist;psychedelic;hard-hitting;retro;vintage;lo-fi;repetitive;complex;simple;loud;acoustic;unplugged;slow;fast;
mid-tempo;up-tempo
""")
THEMES = word_set("""
action;adventure;advertising;background;beach;breakup;children;chillout;christmas;cleaning;club;coding;commercial;
cooking;corporate;dinner;documentary;drama;driving;evening;film;focus;game;gym;halloween;holiday;horror;kids;
late night;lounge bar;love;meditation;morning;movie;nature;night;night drive;party;rain;rainy day;road trip;running;
science fiction;sleep;space;sport;sports;spring;study;studying;summer;autumn;sunday;sunset;television;theatre;
trailer;training;travel;tv;war;wedding;western;winter;work;workout;yoga;barbecue;bbq;lullaby
""")
VOICES = word_set("""
a cappella;choir;children's choir;female vocals;instrumental;male vocals;spoken word;vocals;rap vocals;soprano;tenor;
falsetto;beatboxing;throat singing;whispering;harmonies
""")
VERSIONS = word_set("live;remix;demo;unplugged;cover;soundtrack;medley")
_MORE_GENRES = """
adult contemporary;afrobeat;afrobeats;afro house;alt-country;alternative metal;alternative hip-hop;americana;arabic;
art pop;balkan;bachata;balearic;ballet;barbershop;baroque pop;bassline;blues rock;bolero;bollywood;boogie;bossa nova;
breakcore;brazilian;britpop;c-pop;calypso;cantopop;chamber pop;chanson française;chicago house;chillwave;chiptune;
choral;city pop;cloud rap;concerto;contemporary classical;contemporary jazz;cool jazz;country rock;cumbia;dance-pop;
dance-punk;dark ambient;death metal;deep house;delta blues;desert rock;disco house;dixieland;doom metal;downtempo;
dream pop;drill;drone;dub techno;early music;easy listening;edm;electric blues;electronica;electro swing;electropop;
ethio-jazz;europop;fado;field recordings;film score;flamenco;folktronica;footwork;free jazz;french house;funk rock;
future bass;future garage;future jazz;gabber;glam rock;glitch;glitch hop;gnawa;grime;gypsy jazz;hard bop;
hardcore punk;hardstyle;heartland rock;hi-nrg;highlife;hip hop;hyperpop;impressionist;indian;indian classical;
indie folk;indie pop;industrial metal;irish;italo disco;j-rock;jangle pop;jazz-funk;jazz fusion;jump blues;k-pop;
kizomba;klezmer;kuduro;latin jazz;latin pop;liquid drum and bass;lo-fi hip-hop;mambo;mandopop;mariachi;
melodic techno;metalcore;microhouse;minimal techno;minimalism;modal jazz;modern classical;mpb;musique concrète;
neo soul;neofolk;new orleans;nordic;nu jazz;nu metal;nu-disco;oi;operetta;orchestral;outlaw country;persian;phonk;
piano blues;pop punk;pop rock;post-bop;post-metal;power metal;power pop;progressive house;progressive metal;
progressive trance;psychedelic pop;quiet storm;qawwali;raga;ragga;ragtime;rai;reggaeton;renaissance;rock and roll;
rockabilly;rocksteady;roots reggae;rumba;salsa;sea shanty;singer-songwriter;skate punk;sludge metal;slowcore;
smooth jazz;soca;soft rock;son cubano;soul jazz;speed metal;spirituals;stoner rock;surf;surf rock;symphonic;
symphonic metal;synthwave;tech house;technical death metal;tex-mex;traditional;trap;tropical house;turkish;uk garage;
vaporwave;vocal jazz;waltz;witch house;world;yacht rock;zouk;zydeco;score;string quartet music;video game music;
drum and bass;krautrock;exotica;library music;skiffle;doo-wop;motown;gamelan
"""
_NO_GENRES = word_set("""
other;pranks;sound clip;cult;top 40;comedy;primus;satire;terror;speech;humour;vocal;instrumental;bass;acoustic;dream;
beat;club;chorus;duet;space;retro;trailer;game;revival;global;abstract;eclectic;slow jam;cover;remix;anime;podcast;
meditative;leftfield;soundtrack;psychedelic;drum solo;crossover;native american;porn groove;lo-fi;audiobook
""")
GENRES = (word_set(_MORE_GENRES) | {name.casefold() for name in ID3_GENRES}) - _NO_GENRES
_UPPER = (
    "Hammond;Indian;Latin;Celtic;Irish;Brazilian;African;Turkish;Persian;Arabic;Nordic;R&B;EDM;IDM;MPB;EBM;AOR;UK;US;TV;DJ;J-Pop;"
    "K-Pop;C-Pop;J-Rock;BBQ"
)
UPPER = {name.casefold(): name for name in word_set(_UPPER)}
"""Words that are not written small."""
ADJECTIVES = word_set("""
acoustic;african;alternative;ambient;arabic;balkan;baroque;brazilian;celtic;choral;classical;contemporary classical;
electronic;ethnic;experimental;folk;gothic;impressionist;indian;indian classical;indie;industrial;instrumental;irish;
latin;meditative;modern classical;neoclassical;nordic;orchestral;persian;progressive;psychedelic;romantic;symphonic;
traditional;tribal;turkish;world;new age;dance;christian;sacred;vocal;contemporary;native american
""")
"""Genres that are said of "music" and do not stand alone."""
_RESPELT = """
acousticguitar=acoustic guitar;electricguitar=electric guitar;classicalguitar=classical guitar;
drummachine=drum machine;doublebass=double bass;contrabass=double bass;contra bass=double bass;
electricpiano=electric piano;pipeorgan=pipe organ;bassguitar=bass guitar;sax=saxophone;synthesiser=synthesizer;
synthesizers=synthesizer;e-guitar=electric guitar;hip hop=hip-hop;hiphop=hip-hop;hip-hop/rap=hip-hop;
rap/hip-hop=hip-hop;triphop=trip-hop;trip hop=trip-hop;drumnbass=drum and bass;drum n bass=drum and bass;
drum'n'bass=drum and bass;drum & bass=drum and bass;dnb=drum and bass;d&b=drum and bass;rnb=R&B;r'n'b=R&B;r n b=R&B;
rhythm and blues=rhythm and blues;rock & roll=rock and roll;rock n roll=rock and roll;rock 'n' roll=rock and roll;
rock'n'roll=rock and roll;easylistening=easy listening;newage=new age;postrock=post-rock;post rock=post-rock;
postpunk=post-punk;post punk=post-punk;heavymetal=heavy metal;hardrock=hard rock;classicrock=classic rock;
deephouse=deep house;synth pop=synthpop;synth-pop=synthpop;darkambient=dark ambient;punkrock=punk rock;
singersongwriter=singer-songwriter;singer/songwriter=singer-songwriter;lofi=lo-fi;lo fi=lo-fi;popfolk=folk pop;
poprock=pop rock;pop/rock=pop rock;indierock=indie rock;indiepop=indie pop;worldmusic=world music;
bossanova=bossa nova;drumandbass=drum and bass;avantgarde=avant-garde;alternativerock=alternative rock;
alt rock=alternative rock;instrumentalpop=instrumental pop;instrumentalrock=instrumental rock;
symphonicrock=symphonic rock;chill out=chillout;chill-out=chillout;down tempo=downtempo;downbeat=downtempo;
uptempo=up-tempo;up tempo=up-tempo;midtempo=mid-tempo;mid tempo=mid-tempo;medium tempo=mid-tempo;
melancholia=melancholic;happiness=happy;sadness=sad;anger=angry;joy=joyful;energy=energetic;high energy=energetic;
relaxation=relaxing;relax=relaxing;romance=romantic;tenderness=tender;nostalgia=nostalgic;mystery=mysterious;
sadcore=slowcore;film music=film;movie=film;xmas=christmas;voice=vocals;vocal=vocals;singing=vocals;singer=vocals;
male voice=male vocals;female voice=female vocals;male vocal=male vocals;female vocal=female vocals;
male vocalist=male vocals;female vocalist=female vocals;male vocalists=male vocals;female vocalists=female vocals;
male singer=male vocals;female singer=female vocals;man singing=male vocals;woman singing=female vocals;
no vocals=instrumental;no vocal=instrumental;no voice=instrumental;instrumentals=instrumental;acapella=a cappella;
a capella=a cappella;a-cappella=a cappella;spokenword=spoken word;soundscape=ambient;ost=soundtrack;
original soundtrack=soundtrack;score=film score;electro-pop=electropop;holidays=holiday;kids=children;
children's music=children;children's=children;videogame=video game music;laid back=laid-back;70's=seventies;
r & b=R&B;prog rock=progressive rock;prog=progressive rock;psych rock=psychedelic rock;trad=traditional;dj=club;
coldwave=cold wave;live recording=live;klassik=classical;classical music=classical;jazz music=jazz
"""
RESPELT = dict(pair.split("=", 1) for pair in (" ".join(part.split()) for part in _RESPELT.split(";")))
"""How data sets and programs write a word → how people do."""
_PLACES: tuple[tuple[Slot, frozenset[str]], ...] = (
    ("pace", word_set("slow;mid-tempo;up-tempo;fast")),
    ("instrument", INSTRUMENTS),
    ("voice", VOICES),
    ("genre", GENRES),
    ("version", VERSIONS | {"acoustic"}),
    ("theme", THEMES),
    ("mood", MOODS),
)


def spelt(text: str) -> str:
    """A word as people write it: small, but for names; runs of letters that a data set wrote together apart.

    >>> spelt("Hip_Hop"), spelt("RnB"), spelt("acousticguitar")
    ('hip-hop', 'R&B', 'acoustic guitar')
    """
    plain = " ".join(text.replace("_", " ").casefold().split())
    plain = RESPELT.get(plain, plain)
    return " ".join(UPPER.get(word, word) for word in plain.split())


def place_in_sentence(text: str, default: Slot = "other") -> Phrase:
    """Where a word that is :func:`spelt` stands in a sentence; at ``default`` if nobody here knows it."""
    key = text.casefold()
    if default == "theme" and key in THEMES:
        return Phrase("theme", text)
    slot = next((slot for slot, words in _PLACES if key in words), default)
    if slot == "theme" and default in ("genre", "instrument"):
        slot = default
    if slot == "mood" and default == "genre" and key not in MOODS:
        slot = default
    return Phrase(slot, text)


_KNOWN = INSTRUMENTS | MOODS | THEMES | VOICES | GENRES
_LONGEST = 3


def speaks_of_music(text: str) -> bool:
    """Whether a text has any of these words in it."""
    words = re.findall(r"[\w&'’-]+", text.casefold())
    runs = (" ".join(words[i : i + n]) for n in range(1, _LONGEST + 1) for i in range(len(words) - n + 1))
    return any(run in _KNOWN or RESPELT.get(run, "").casefold() in _KNOWN for run in runs)


_DENIED = frozenset({"no", "without", "not", "non", "lacks", "never", "minus"})
"""Words after which a caption says what there is not."""
_CLAUSES = re.compile(r"[^\w\s&'’/-]+")
_STILL_DENIED = frozenset({"a", "an", "any", "much", "nor", "or", "the"})
"""Words that do not end what was denied."""
_RUNS = {" ".join(run.replace("_", " ").split()): spelt(run) for run in (*_KNOWN, *RESPELT)}
_RUNS = {run: word for run, word in _RUNS.items() if word.casefold() in _KNOWN}
"""Words of music as people write them → how they are spelt."""
_RUN_LENGTHS = {run.split(" ", 1)[0]: run.count(" ") + 1 for run in sorted(_RUNS, key=lambda run: run.count(" "))}
"""First word → words of the longest run that it begins."""


def music_words(text: str) -> list[str]:
    """The words of music in a text as they are :func:`spelt`, each once, the longest where several fit.

    What is denied ("no drums") is left out, unless it is a word of its own ("no vocals" is instrumental).

    >>> music_words("Slow jazz with an electric guitar and no drums or bass, vocals")
    ['slow', 'jazz', 'electric guitar', 'vocals']
    """
    found: dict[str, None] = {}
    for clause in _CLAUSES.split(text.casefold().replace("_", " ")):
        found.update(dict.fromkeys(_in_clause(clause.split())))
    return list(found)


def _in_clause(words: list[str]) -> list[str]:
    """The words of music in a run of words without punctuation between them."""
    found: list[str] = []
    start, denied = 0, False
    while start < len(words):
        word, length = _longest_from(words, start)
        if word and not denied:
            found.append(word)
        elif not word:
            denied = words[start] in _DENIED or (denied and words[start] in _STILL_DENIED)
        start += length
    return found


def _longest_from(words: list[str], start: int) -> tuple[str, int]:
    """The longest word of music that begins there and how many words it has; "" and 1 where none does."""
    for length in range(min(_RUN_LENGTHS.get(words[start], 0), len(words) - start), 0, -1):
        if word := _RUNS.get(" ".join(words[start : start + length])):
            return word, length
    return "", 1
