"""Made libraries: names as music has them, well-known ones first, then drawn ones, whose words may describe music."""

from __future__ import annotations

import random
from typing import NamedTuple


class Track(NamedTuple):
    """What a track is called, and what is sung in it."""

    artist: str
    title: str
    album: str
    lyrics: str = ""


KNOWN = """
Björk|Jóga|Homogenic
AC/DC|Back in Black|Back in Black
AC/DC|Highway to Hell|Highway to Hell
Jay-Z|99 Problems|The Black Album
The Beatles|Yesterday|Help!
The Beatles|Here Comes the Sun - Remastered 2009|Abbey Road (Super Deluxe Edition)
Sigur Rós|Svefn-g-englar|Ágætis byrjun
Radiohead|Karma Police|OK Computer
Guns N' Roses|Sweet Child O' Mine|Appetite for Destruction
Simon & Garfunkel|The Sound of Silence|Sounds of Silence
R.E.M.|Losing My Religion|Out of Time
N.W.A|Express Yourself|Straight Outta Compton
P!nk|So What|Funhouse
Motörhead|Ace of Spades|Ace of Spades
Beyoncé|Halo|I Am... Sasha Fierce
Röyksopp|Eple|Melody A.M.
Sinéad O'Connor|Nothing Compares 2 U|I Do Not Want What I Haven't Got
Blue Öyster Cult|(Don't Fear) The Reaper|Agents of Fortune
Кино|Группа крови|Группа крови
Земфира|Искала|Прости меня моя любовь
宇多田ヒカル|First Love|First Love
坂本龍一|戦場のメリークリスマス|戦場のメリークリスマス
Led Zeppelin|Stairway to Heaven|Led Zeppelin IV
Pink Floyd|Time|The Dark Side of the Moon
Pink Floyd|Wish You Were Here|Wish You Were Here
David Bowie|Heroes (2017 Remaster)|"Heroes"
Queen feat. David Bowie|Under Pressure|Hot Space
Queen|Bohemian Rhapsody - Remastered 2011|A Night at the Opera
Jimi Hendrix|Purple Haze|Are You Experienced
Metallica|Nothing Else Matters|Metallica
Nirvana|Smells Like Teen Spirit|Nevermind
Depeche Mode|Enjoy the Silence|Violator
Tchaikovsky, Pyotr Ilyich|Swan Lake: Scene|Ballets
Bach, Johann Sebastian|Air on the G String|Orchestral Suites
Miles Davis|So What|Kind of Blue
Miles Davis|Blue in Green|Kind of Blue
Joni Mitchell|Blue|Blue
Donna Summer|Hot Stuff|Bad Girls
Happy Mondays|Step On|Pills 'n' Thrills and Bellyaches
Pharrell Williams|Happy|G I R L
Die Ärzte|Schrei nach Liebe|Die Bestie in Menschengestalt
Édith Piaf|Non, je ne regrette rien|Platinum Collection
Antônio Carlos Jobim|Águas de Março|Matita Perê
Fleetwood Mac|Dreams|Rumours
Red Hot Chili Peppers|Under the Bridge|Blood Sugar Sex Magik
Kraftwerk|Autobahn|Autobahn
Daft Punk|Around the World|Homework
Massive Attack|Teardrop|Mezzanine
Nick Cave & The Bad Seeds|Into My Arms|The Boatman's Call
Creedence Clearwater Revival|Bad Moon Rising|Green River
Earth, Wind & Fire|September|The Best of Earth, Wind & Fire, Vol. 1
Air|La femme d'argent|Moon Safari
Low|Sunflower|Things We Lost in the Fire
Calexico|Crystal Frontier|Even My Sure Things Fall Through
Siouxsie and the Banshees|Spellbound|Juju
Britney Spears|Toxic|In the Zone
Johnny Cash|Hurt|American IV: The Man Comes Around
Nina Simone|Feeling Good|I Put a Spell on You
Leonard Cohen|Suzanne|Songs of Leonard Cohen
Amy Winehouse|Back to Black|Back to Black
"""
_FIRST = """
Adele Albert Alice Amina Anders Andrea Angus Anja Antonio Astrid Ben Bettina Boris Brenda Bruce Carla Carlos Cecilia
Chloe Clara Claude Connor Daria Dennis Dolores Duncan Edgar Elena Elias Ella Emily Enrique Esther Fabian Fatou Felix
Fiona Frank Freya George Gloria Gustav Hannah Harold Helena Henry Ibrahim Ingrid Irene Isabel Ivan Jacques Janet
Jasper Joanna Johan Jorge Judith Julian Karin Kenji Kirsten Lars Laura Leila Leon Linda Louis Lucia Magnus Marcel
Maria Martha Mateo Michael Miriam Mohamed Nadia Nathan Nora Oliver Olga Oscar Pablo Patricia Pedro Petra Philip Priya
Quentin Rachel Rafael Ravi Rebecca Robert Rosa Salma Samuel Sandra Sergei Sofia Stefan Sven Tamara Teresa Thomas
Tobias Ursula Valerie Victor Walter Wanda William Yara Yuki Yusuf Zoe
"""
_LAST = """
Abbott Adeyemi Almeida Andersson Armstrong Baker Barbosa Becker Bergman Bernstein Blackwood Bradley Brown Bush
Campbell Carter Cash Castillo Chambers Clark Cohen Coleman Cooper Costa Crawford Cruz Dalton Davies Delgado Diaz
Donovan Douglas Dubois Duncan Edwards Ellington Eriksson Evans Fernandez Fischer Fitzgerald Fleming Foster Franklin
Garcia Gibson Gonzalez Graham Greene Hamilton Hansen Harris Hayes Henderson Hernandez Hoffman Holiday Hughes Ivanov
Jackson Jensen Johnson Kaplan Keller Kimura King Kowalski Larsen Lawrence Lennox Lewis Lindqvist Lopez Love Martin
Martinez Mason Mendes Miller Mitchell Monroe Morrison Murphy Nakamura Nelson Newman Novak Okafor Oliveira Olsen Parker
Petrov Pettersson Price Quinn Ramirez Reed Richter Rivera Robinson Rossi Russell Sanders Santos Schneider Simmons
Smith Sokolov Stevens Stone Summers Suzuki Tanaka Taylor Thompson Torres Turner Vargas Vaughan Wagner Walker Watanabe
Waters Weber West White Williams Winter Wolf Wright Yamamoto Young Zimmermann
"""
_THINGS = """
Angels Arrows Birds Bones Bridges Buffalo Cactus Candles Cathedrals Caves Children Circus Cities Clouds Crows Deer
Desert Diamonds Dogs Dragons Eagles Echoes Elephants Engines Falcons Fire Flames Flowers Foxes Gardens Ghosts Giants
Gods Hearts Heroes Horses Hunters Islands Kings Kites Knives Lanterns Leaves Lions Lizards Lovers Machines Magnets
Mirrors Monkeys Moons Mountains Needles Oceans Orphans Owls Palaces Panthers Parrots Pilots Pirates Planets Poets
Queens Rabbits Radios Ravens Rebels Rivers Robots Roses Sailors Saints Satellites Shadows Sharks Sisters Skies Smiths
Snakes Soldiers Sparrows Spiders Stars Stones Strangers Swans Thieves Tigers Towers Trains Travellers Vampires Velvet
Voices Volcano Wheels Whales Windows Wolves Zebras
"""
_KINDS = """
Ancient Arctic Beautiful Black Blue Broken Burning Calm Chemical Cold Crystal Dark Deep Distant Drunken Eastern
Electric Empty Eternal Fallen Fast Final Flaming Foreign Frozen Gentle Golden Grateful Green Happy Hidden Hollow Holy
Hungry Invisible Iron Little Lonely Lost Lucky Magnetic Midnight Modern Naked New Noisy Old Orange Pale Paper Plastic
Purple Quiet Radical Rainy Red Restless Royal Sacred Sad Scarlet Secret Silent Silver Sleepy Slow Small Smooth Soft
Solar Southern Strange Sunny Sweet Talking Tender Tiny Transparent Twisted Velvet Violent Warm Wandering White Wild
Winter Wooden Yellow
"""
_PLAIN = """
after again alone always angel another away baby beautiful believe better between black blue body boy breathe bring
broken burning calm change city close cold come crazy cry dance dark day days dead dear deep down dream dreams drive
end evening ever every everything eyes face fall fast feel fight fire first fly forever free friend garden gentle girl
give gone good goodbye happy hard heart heaven here high hold home house hurt inside into jazz keep kind kiss know
land last late leave letter life light like little live lonely long lost love lover made magic man mercy mind moment
money moon morning mother move music never new night nothing ocean old one only open over paradise party piano people
perfect place play please quiet radio rain ready remember ride right river road rock room run sad secret shadow shine
silence sing sky sleep slow small smile smoke soft somebody someone something song soul sound space spring stand star
stay still stop storm story strange street strong summer sun sunday sunset sweet take tears tender thing time today
together tomorrow tonight touch train true under universe walk wall want water way whisper wild wind window winter
without woman wonder world young yesterday
"""
_LINES = """
{0} and I {1} the {2} when the {3} is {4}
I never {0} your {1} in the {2} of {3}
take me {0} to the {1} where we {2} {3}
there is a {0} {1} inside my {2} tonight {3}
"""
FIRST, LAST, THINGS, KINDS, PLAIN = (words.split() for words in (_FIRST, _LAST, _THINGS, _KINDS, _PLAIN))
LINES = _LINES.strip().splitlines()
ADDED = (" - Remastered 2011", " (Live in Berlin)", " (Radio Edit)", " feat. Ella King", " (Deluxe Edition)")
TITLES = ("{0}", "{0} {1}", "The {0}", "{0} of {1}", "{0} in the {1}", "My {0} {1}", "{0} {1} {2}", "{0} and {1}")


def made_library(n: int, seed: int = 0) -> list[Track]:
    """The names of ``n`` tracks: well-known ones, then drawn ones, eleven tracks an artist on the mean."""
    draw = random.Random(seed)
    known = [Track(*line.split("|")) for line in KNOWN.strip().splitlines()]
    artists = [_artist(draw) for _ in range(max(1, n // 11))]
    found = list(known[:n])
    while len(found) < n:
        artist, album = draw.choice(artists), _title(draw)
        for _ in range(min(draw.randint(1, 14), n - len(found))):
            title = _title(draw) + (draw.choice(ADDED) if draw.random() < 0.15 else "")
            found.append(Track(artist, title, album))
    return [track._replace(lyrics=_lyrics(draw)) if draw.random() < 0.1 else track for track in found]


def _artist(draw: random.Random) -> str:
    person = f"{draw.choice(FIRST)} {draw.choice(LAST)}"
    band = f"{draw.choice(KINDS)} {draw.choice(THINGS)}"
    return draw.choice((person, person, f"The {draw.choice(THINGS)}", band, f"The {band}", draw.choice(KINDS)))


def _title(draw: random.Random) -> str:
    return draw.choice(TITLES).format(*(draw.choice(PLAIN).title() for _ in range(3)))


def _lyrics(draw: random.Random) -> str:
    return "\n".join(draw.choice(LINES).format(*draw.choices(PLAIN, k=5)) for _ in range(20))
