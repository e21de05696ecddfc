"""The words of the captions: for every audible attribute, several ways to say it in each place of a sentence.

``adjectives`` stand before a noun, ``phrases`` follow it, ``sentences`` stand alone, ``tags`` stand in a list.
Alternatives are separated by a bar. ``{backing}`` is the second instrument with its article, ``{key}`` the key's
name, ``{bpm}`` the beats per minute rounded to five.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Wording:
    """Ways to say one attribute, by place in the sentence."""

    adjectives: str = ""
    phrases: str = ""
    sentences: str = ""
    tags: str = ""

    def options(self, place: str) -> list[str]:
        """The alternatives for a place (the name of a field)."""
        text: str = getattr(self, place)
        return text.split("|") if text else []


WORDS: dict[str, Wording] = {
    "tempo:slow": Wording(
        "slow|unhurried|leisurely|slow-moving|lingering",
        "at a slow tempo|at a crawl|taken very slowly|at an unhurried pace|around {bpm} BPM",
        "The tempo is slow.|Nothing is in a hurry here.|It moves slowly, near {bpm} beats a minute.|The pulse plods.",
        "slow|slow tempo|adagio|{bpm} bpm",
    ),
    "tempo:moderate": Wording(
        "mid-tempo|moderately paced|walking-pace|steady",
        "at a medium tempo|at a walking pace|at a comfortable mid-tempo|around {bpm} BPM",
        "The pace is moderate.|It strolls along at a middling speed.|The tempo sits near {bpm} beats a minute.",
        "mid-tempo|medium tempo|andante|{bpm} bpm",
    ),
    "tempo:fast": Wording(
        "fast|quick|rapid|brisk|high-speed|up-tempo",
        "at a fast tempo|at full speed|at a quick clip|at a racing pace|around {bpm} BPM",
        "The tempo is fast.|It races ahead.|The beat rushes by at about {bpm} a minute.|Everything moves quickly.",
        "fast|up-tempo|presto|{bpm} bpm",
    ),
    "mode:major": Wording(
        "major-key",
        "in a major key|in {key}|on plain major chords|with bright major harmony",
        "The harmony is major.|It stays in {key}.|The chords are open-hearted and major.",
        "major key|{key}|major chords",
    ),
    "mode:minor": Wording(
        "minor-key",
        "in a minor key|in {key}|on minor chords|with shadowed minor harmony",
        "The harmony is minor.|It stays in {key}.|Minor chords colour everything.",
        "minor key|{key}|minor chords",
    ),
    "mode:dorian": Wording(
        "dorian|modal, folk-like|medieval-sounding",
        "in the dorian mode|in {key}|with a minor scale whose sixth is raised|on modal harmony",
        "The scale is dorian.|The harmony is modal, minor with a lighter sixth.|It is in {key}.",
        "dorian|modal|{key}",
    ),
    "mode:phrygian": Wording(
        "phrygian|Spanish-tinged|flamenco-coloured",
        "in the phrygian mode|in {key}|with a dark flat second|with a Spanish, phrygian colour",
        "The scale is phrygian.|A lowered second step darkens the harmony.|It is in {key}.",
        "phrygian|spanish flavour|{key}",
    ),
    "mode:pentatonic": Wording(
        "pentatonic|five-note|East Asian-sounding",
        "on a five-note scale|in a pentatonic scale|in {key}|without a single semitone",
        "Only five notes to the scale.|The scale is pentatonic.|Open pentatonic harmony all through.",
        "pentatonic|five-note scale|{key}",
    ),
    "mode:blues": Wording(
        "bluesy|blues-flavoured|blue-note",
        "on the blues scale|with blue notes|over dominant seventh chords|in {key}",
        "Blue notes bend the tune.|The scale is the blues scale.|It is a blues in all but name.",
        "blues|blue notes|{key}",
    ),
    "density:sparse": Wording(
        "sparse|spacious|minimal|uncluttered|bare",
        "with few notes and much silence|with long, sparse notes|leaving plenty of space|with only a handful of notes",
        "Notes are few and far between.|There is plenty of space between the notes.|Very little happens, and slowly.",
        "sparse|minimal|few notes|space",
    ),
    "density:busy": Wording(
        "busy|dense|bustling|nimble|note-filled",
        "with a flood of notes|with rapid running notes|full of quick figures|with hardly a pause between notes",
        "The notes come thick and fast.|The playing is busy and virtuosic.|There is hardly a gap between the notes.",
        "busy|many notes|running notes|virtuosic",
    ),
    "register:low": Wording(
        "low-pitched|deep|low-lying",
        "deep in the low register|down in the bass range|on its lowest notes",
        "The melody lies low.|Everything happens in the deep register.",
        "low register|deep notes",
    ),
    "register:high": Wording(
        "high-pitched|treble|high-lying",
        "high up in the treble|in a high register|on its top notes",
        "The tune sits high in the treble.|The register is high.",
        "high register|treble",
    ),
    "articulation:legato": Wording(
        "smooth|legato|flowing|singing",
        "with smoothly joined notes|played legato|in long connected lines",
        "The notes melt into one another.|The playing is smooth and legato.",
        "legato|smooth",
    ),
    "articulation:staccato": Wording(
        "staccato|clipped|short-noted|pointed",
        "with short detached notes|played staccato|in clipped little notes",
        "Every note is cut short.|The playing is staccato throughout.",
        "staccato|short notes",
    ),
    "contour:rising": Wording(
        "climbing|ascending|upward-reaching",
        "in lines that climb|rising step by step|with ascending phrases",
        "The melody keeps climbing.|Each phrase rises.",
        "rising melody|ascending lines",
    ),
    "contour:falling": Wording(
        "descending|falling|downward-drifting",
        "in lines that fall|sinking step by step|with descending phrases",
        "The melody keeps descending.|Each phrase sinks.",
        "falling melody|descending lines",
    ),
    "contour:winding": Wording(
        "winding|meandering|gently turning",
        "in a winding line|moving by small steps|with a stepwise tune",
        "The melody winds up and down in small steps.|The tune wanders stepwise.",
        "stepwise melody|winding line",
    ),
    "contour:leaping": Wording(
        "angular|leaping|jumpy",
        "with wide leaps|in an angular line|jumping between far-apart notes",
        "The melody jumps about in wide leaps.|The line is angular and full of leaps.",
        "wide leaps|angular melody",
    ),
    "contour:riff": Wording(
        "repetitive|riff-based|looping",
        "on a repeated riff|built on a short looping figure|around one catchy riff",
        "A short riff repeats again and again.|One little figure loops all the way.",
        "riff|ostinato|repeated figure",
    ),
    "space:dry": Wording(
        "dry|close-miked|intimate",
        "with no reverb at all|recorded close and dry|as if right beside you",
        "There is no echo: the sound is dry.|It is recorded up close.",
        "dry|no reverb|close",
    ),
    "space:hall": Wording(
        "reverberant|echoing|cavernous|cathedral-like",
        "drenched in reverb|in a huge echoing hall|with a long reverb tail|as if in a cathedral",
        "Long reverb surrounds everything.|It echoes as in a great hall.",
        "reverb|big hall|echo",
    ),
    "dynamics:swelling": Wording(
        "swelling|building|growing",
        "growing from a whisper to full volume|in one long crescendo|getting louder and louder",
        "It swells from almost nothing.|The volume builds to the end.",
        "crescendo|building up",
    ),
    "dynamics:fading": Wording(
        "fading|receding|dying-away",
        "fading into silence|in a long diminuendo|getting softer and softer",
        "It fades away little by little.|The volume sinks to nothing at the end.",
        "fade-out|diminuendo",
    ),
    "colour:warm": Wording(
        "mellow|muffled|dark-toned|velvety",
        "with a mellow, rounded tone|with the treble rolled off|in dark, soft colours",
        "The tone is mellow and dark.|The highs are softened.",
        "mellow tone|dark sound",
    ),
    "colour:bright": Wording(
        "bright-toned|crisp|sparkling|glassy",
        "with a crisp, bright tone|with sparkling highs|in sharp, glittering colours",
        "The tone is bright and crisp.|The highs glitter.",
        "bright tone|crisp",
    ),
    "colour:lo-fi": Wording(
        "lo-fi|crackling|old-record|dusty",
        "with vinyl crackle|as if from an old radio|through lo-fi hiss and crackle",
        "Vinyl crackles in the background.|It sounds like a worn old record.",
        "lo-fi|vinyl crackle|old radio",
    ),
    "metre:3": Wording(
        "waltz-time|three-four",
        "in three-four time|in waltz time|lilting in threes",
        "It counts in three.|The metre is a waltz.",
        "3/4|waltz|triple time",
    ),
}
