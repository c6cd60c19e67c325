"""The country that a word means: a code of two or three letters, a calling code, or a name in any language.

The names come with phonenumbers and Babel, the codes with Babel; they are loaded when a file has a column of countries.
"""

import re
import unicodedata
from functools import cache, lru_cache
from importlib import import_module

from babel.core import Locale, get_global

from voisoadmin.phones.countries import countries
from voisoadmin.phones.kinds import main_region
from voisoadmin.phones.plans import code_of

LONGEST = 60  # characters of a country's name
SAME_AS = "*"  # begins the name of another language, in the names of phonenumbers
MORE = """
GB: uk, u k, anglia, anglie, velka britanie, great britain, britain, england, scotland, wales, northern ireland,
vereinigtes konigreich, grossbritannien, великобритания, англия, велика британія, wielka brytania, grande
bretagne, gran bretagna, gran bretana, inglaterra, angleterre, inghilterra; US: usa, u s a, アメリカ, my, amerika,
amerikai egyesult allamok, u s, america, united states of america, vereinigte staaten, estados unidos de
america, eua, eeuu, ee uu, сша, stany zjednoczone, etats unis d amerique, stati uniti d america, verenigde
staten van amerika, abd; AE: uae, emirates; KR: korea, korea south, south korea, republic of korea; RU: russia,
russian federation, россия, рф; CZ: czechia, czech republic, cesko; TR: turkiye, turkey; VN: vietnam, viet nam;
NL: holland, the netherlands, niederlande; CI: ivory coast; TW: taiwan; HK: hong kong; MO: macau, macao; BO:
bolivia; VE: venezuela; TZ: tanzania; IR: iran; SY: syria; TL: east timor; KP: korea north; AS: samoa american;
VC: st vincent; VG: virgin islands uk; VI: virgin islands us; CG: congo rep; CF: central african rep; BQ:
caribbean nl; SX: st maarten; TC: turks caicos is; LA: laos; MD: moldova; PS: palestine; BR: brasil; DE:
deutschland, brd, bundesrepublik deutschland, d; AT: osterreich, a; CH: schweiz, suisse, svizzera; MK:
macedonia; CD: dr congo, drc, congo dem rep; SZ: swaziland; MM: burma; XK: kosovo; IE: eire, republic of
ireland; CN: china, prc; FR: f; IT: i; ES: e; BE: b; PT: p; SE: s; LU: l
"""
LANGUAGES = """
ar bg cs da de el es et fa fi fr he hi hr hu id it ja ko lt lv nb nl pl pt ro ru sk sl sr sr_Latn sv th tr uk vi zh zh_Hant
"""
FORMER = frozenset({"BUR", "DDR", "FXX", "TMP", "YMD", "ZAR"})  # of countries that are gone; ZAR is a currency today


@lru_cache(maxsize=4096)
def country_of(text: str) -> str:
    """The two letters of the country that this word means; "" for none."""
    text = text.strip()[: LONGEST + 1]
    if not text or len(text) > LONGEST:
        return ""
    if re.fullmatch(r"(?:\+|00)?[1-9]\d{0,2}(?:\.0)?", text):
        digits = re.sub(r"\D", "", text.removesuffix(".0")).removeprefix("00")
        return main_region(digits) if code_of(digits) == digits else ""
    if len(text) == 2 and text.upper() in countries():
        return text.upper()
    return _three_letters().get(text.upper(), "") or _names().get(_plain(text), "")


@cache
def _three_letters() -> dict[str, str]:
    aliases = get_global("territory_aliases")
    return {
        code: now[0]
        for code, now in aliases.items()
        if len(code) == 3 and code.isalpha() and code not in FORMER and len(now) == 1 and now[0] in countries()
    }


@cache
def _names() -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for region, name in countries().items():
        found.setdefault(_plain(name.rpartition(" +")[0]), set()).add(region)
    for region, names in import_module("phonenumbers.geodata.locale").LOCALE_DATA.items():
        for name in names.values():
            if region in countries() and not name.startswith(SAME_AS):
                found.setdefault(_plain(name), set()).add(region)
    for entry in " ".join(MORE.split("\n")).split(";"):
        region, _, names = entry.partition(":")
        found |= {_plain(name): {region.strip()} for name in names.split(",")}
    return {name: next(iter(regions)) for name, regions in (_in_other_languages() | found).items() if len(regions) == 1}


def _in_other_languages() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for language in LANGUAGES.split():
        for region, name in Locale.parse(language).territories.items():
            if region in countries():
                found.setdefault(_plain(name), set()).add(region)
    return found


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    return " ".join(re.sub(r"[\W_]+", " ", "".join(char for char in letters if not unicodedata.combining(char))).split())
