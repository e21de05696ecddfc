"""Words by which languages in Latin script are told: the small frequent ones, and those of a search for music.

Words of music stand here without accents. Left out are those that English texts contain too, as words of English
("suave", "sombre"), of genres ("canción", "chanson", "Schlager"), of scores ("dolce", "lento") or of famous titles
("noche", "amour"): who types those into an English search means them. So are those that English ones become where a
letter is missing ("pian", "tobe") or an accent ("düster").
"""

from __future__ import annotations

from antiphon.encoders._shared.language.language import Language

CZECH, DUTCH = Language("Czech", ("cs",)), Language("Dutch", ("nl",))
DANISH = Language("Danish or Norwegian", ("da", "no", "nb"))
FINNISH, FRENCH = Language("Finnish", ("fi",)), Language("French", ("fr",))
GERMAN, HUNGARIAN = Language("German", ("de",)), Language("Hungarian", ("hu",))
INDONESIAN, ITALIAN = Language("Indonesian", ("id",)), Language("Italian", ("it",))
POLISH, PORTUGUESE = Language("Polish", ("pl",)), Language("Portuguese", ("pt",))
ROMANIAN, SPANISH = Language("Romanian", ("ro",)), Language("Spanish", ("es",))
SWEDISH, TURKISH = Language("Swedish", ("sv",)), Language("Turkish", ("tr",))


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


FUNCTION_WORDS = {
    language: _words(listed)
    for language, listed in {
        DUTCH: "een het van voor niet zijn naar maar ook bij en met op te is uit de die",
        FRENCH: "le la les une des et avec pour dans sur du au aux est qui que pas très sans ce cette où ou mais par "
        "en un de",
        GERMAN: "und der das mit für ein eine einem einen einer eines von zu zum zur im ist nicht auf bei wie ohne "
        "aber sehr nach aus den dem des wird durch oder sich auch die in",
        ITALIAN: "il lo gli una con che del della dello dei delle nel nella sono molto senza ma anche più e al alla "
        "di un la per",
        POLISH: "się nie jest dla przez oraz jak który która z ze na do w i ale bez od",
        PORTUGUESE: "um uma com para por que mais muito sem não em dos das à ao como e o do no na de",
        SPANISH: "el la los las una unos con para por del que como muy más pero sin en es su al y de",
        SWEDISH: "och med för ett på av som är inte till en i från utan",
        TURKISH: "ve bir için ile çok bu gibi",
    }.items()
}
"""Frequent small words."""
ENGLISH = _words("the and with of for a an to that by from is are in on at it this as or not but like")
IN_NAMES = _words(
    "de la el le en met van i do no na in is per die e y al te op di ma bu un du des les los las das den al"
)
"""Those of :data:`FUNCTION_WORDS` that English texts, titles and names contain: they do not count alone."""
MUSIC_WORDS = {
    language: _words(listed)
    for language, listed in {
        CZECH: "klavir kytara housle smutny smutna vesela vesely klidna klidny pomala rychla hudba pisen",
        DANISH: "trommer rolig roligt hurtig langsom langsomt trist klaver sorgmodig",
        DUTCH: "gitaar gitaren viool violen trommels fluit zang rustig rustige vrolijk vrolijke droevig droevige "
        "verdrietig verdrietige langzaam langzame snelle zachte muziek slapen dansen avond zonder",
        FINNISH: "kitara viulu rummut surullinen iloinen rauhallinen hidas nopea musiikki musiikkia laulu",
        FRENCH: "guitare guitares batterie violon violons trompette voix orgue accordeon tambours chanteur triste "
        "tristes joyeuse calme lente rapide melancolique dormir danser pluie soir relaxante apaisante",
        GERMAN: "klavier klaviermusik gitarre gitarren geige geigen streicher schlagzeug trommel trommeln flote "
        "trompete posaune harfe akkordeon stimme gesang sangerin frauenstimme mannerstimme ruhig ruhige ruhiges "
        "ruhiger traurig traurige trauriges frohlich frohliche frohliches langsam langsame langsames schnell schnelle "
        "schnelles leise sanft sanfte sanftes dustere dusteres entspannt entspannte entspannende einschlafen "
        "tanzen melancholisch melancholische vertraumt ohne",
        HUNGARIAN: "zongora gitar hegedu szomoru vidam lassu gyors zene nyugodt",
        INDONESIAN: "gitar sedih ceria tenang lambat cepat lagu",
        ITALIAN: "chitarra chitarre batteria violini flauto tromba allegra triste tristi lenta veloce tranquilla "
        "malinconica dormire ballare pioggia sera tamburi",
        POLISH: "fortepian gitara gitary skrzypce perkusja bebny trabka glos smutny smutna smutne wesola wesoly "
        "spokojna spokojny spokojne szybka szybki wolna muzyka muzyki taniec deszcz wieczor piosenka",
        PORTUGUESE: "violao guitarra guitarras bateria alegre triste tristes calma rapida lenta tranquila tambores "
        "flauta voz dormir dancar chuva cantora cantor melancolica",
        ROMANIAN: "chitara vioara trist trista vesel vesela muzica linistita",
        SPANISH: "guitarra guitarras bateria tambores trompeta flauta voz tranquila tranquilo alegre triste tristes "
        "rapida rapido lenta lluvia dormir bailar relajante oscura oscuro femenina femenino melancolica cuerdas calma",
        SWEDISH: "gitarr fiol trummor lugn lugna sorgsen sorgsna langsam snabb snabba strakar sova dansa kvall",
        TURKISH: "piyano gitar keman davul huzunlu neseli sakin yavas hizli muzik sarki duygusal mutlu",
    }.items()
}
"""Words of who looks for music, without accents."""
