"""Languages by their codes (ISO 639) and names, as they are said in English."""

from __future__ import annotations

_TABLE = """
ara ar Arabic;hye arm hy Armenian;aze az Azerbaijani;bel be Belarusian;ben bn Bengali;bos bs Bosnian;
bul bg Bulgarian;cat ca Catalan;zho chi zh cmn Chinese;yue Cantonese;hrv hr Croatian;ces cze cs Czech;dan da Danish;
nld dut nl Dutch;eng en English;est et Estonian;fao fo Faroese;fin fi Finnish;fra fre fr French;glg gl Galician;
kat geo ka Georgian;deu ger de German;ell gre el Greek;haw Hawaiian;heb he iw Hebrew;hin hi Hindi;hun hu Hungarian;
isl ice is Icelandic;ind id Indonesian;gle ga Irish;ita it Italian;jpn ja jp Japanese;kaz kk Kazakh;kor ko Korean;
kur ku Kurdish;lat la Latin;lav lv Latvian;lit lt Lithuanian;mkd mac mk Macedonian;msa may ms Malay;mal ml Malayalam;
mon mn Mongolian;nor no nb nn nob nno Norwegian;oci oc Occitan;fas per fa Persian;pol pl Polish;por pt Portuguese;
pan pa Punjabi;que qu Quechua;ron rum ro Romanian;rus ru Russian;gla gd Gaelic;srp sr scr Serbian;slk slo sk Slovak;
slv sl Slovenian;som so Somali;spa es Spanish;swa sw Swahili;swe sv Swedish;tam ta Tamil;tel te Telugu;tha th Thai;
bod tib bo Tibetan;tur tr Turkish;ukr uk Ukrainian;urd ur Urdu;uzb uz Uzbek;vie vi Vietnamese;cym wel cy Welsh;
wol wo Wolof;yid yi Yiddish;yor yo Yoruba;zul zu Zulu;eus baq eu Basque;afr af Afrikaans;bre br Breton;
mri mao mi Maori;amh am Amharic;bam bm Bambara;epo eo Esperanto
"""
_ENTRIES = [entry.split() for entry in _TABLE.split(";")]
_NAMES = {code: entry[-1] for entry in _ENTRIES for code in (*entry[:-1], entry[-1].casefold())}
NO_WORDS = frozenset({"zxx", "instrumental", "no linguistic content", "none"})
"""What is written for music without words."""


def language_name(text: str) -> str:
    """``"fra"``, ``"fr-FR"``, ``"French"`` → "French"; "" for what names no language.

    >>> language_name("pt-BR"), language_name("und")
    ('Portuguese', '')
    """
    plain = text.strip().casefold()
    return _NAMES.get(plain) or _NAMES.get(plain.replace("_", "-").split("-")[0].split("(")[0].strip(), "")
