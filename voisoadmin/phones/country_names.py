"""The country that a word means: a code of two or three letters, a calling code, or a name in any language.

The names come with phonenumbers; they are loaded when a file has a column of countries.
"""

import re
import unicodedata
from functools import cache, lru_cache
from importlib import import_module

from voisoadmin.phones.countries import countries
from voisoadmin.phones.kinds import main_region
from voisoadmin.phones.plans import code_of

LONGEST = 60  # characters of a country's name
SAME_AS = "*"  # begins the name of another language, in the names of phonenumbers
MORE = """
GB: uk, great britain, britain, england, scotland, wales, northern ireland, vereinigtes konigreich, grossbritannien,
великобритания, англия, велика британія, wielka brytania, grande bretagne, gran bretagna, gran bretana, inglaterra,
angleterre, inghilterra; US: usa, u s a, u s, america, united states of america, vereinigte staaten, estados unidos de
america, eua, eeuu, ee uu, сша, stany zjednoczone, etats unis d amerique, stati uniti d america, verenigde staten van
amerika, abd; AE: uae, emirates; KR: korea, south korea, republic of korea; RU: russia, russian federation, россия, рф;
CZ: czechia, czech republic, cesko; TR: turkiye, turkey; VN: vietnam, viet nam; NL: holland, the netherlands,
niederlande; CI: ivory coast; TW: taiwan; HK: hong kong; MO: macau, macao; BO: bolivia; VE: venezuela; TZ: tanzania; IR:
iran; SY: syria; LA: laos; MD: moldova; PS: palestine; BR: brasil; DE: deutschland; AT: osterreich; CH: schweiz, suisse,
svizzera; MK: macedonia; CD: dr congo, drc; SZ: swaziland; MM: burma; XK: kosovo; IE: eire, republic of ireland; CN:
china, prc
"""
THREE_LETTERS = """
AFG AF ALB AL DZA DZ AND AD AGO AO ARG AR ARM AM AUS AU AUT AT AZE AZ BHS BS BHR BH BGD BD BRB BB BLR BY BEL BE BLZ BZ BEN BJ
BTN BT BOL BO BIH BA BWA BW BRA BR BRN BN BGR BG BFA BF BDI BI CPV CV KHM KH CMR CM CAN CA CAF CF TCD TD CHL CL CHN CN COL CO
COM KM COG CG COD CD CRI CR CIV CI HRV HR CUB CU CYP CY CZE CZ DNK DK DJI DJ DMA DM DOM DO ECU EC EGY EG SLV SV GNQ GQ ERI ER
EST EE SWZ SZ ETH ET FJI FJ FIN FI FRA FR GAB GA GMB GM GEO GE DEU DE GHA GH GRC GR GRD GD GTM GT GIN GN GNB GW GUY GY HTI HT
HND HN HKG HK HUN HU ISL IS IND IN IDN ID IRN IR IRQ IQ IRL IE ISR IL ITA IT JAM JM JPN JP JOR JO KAZ KZ KEN KE KIR KI PRK KP
KOR KR KWT KW KGZ KG LAO LA LVA LV LBN LB LSO LS LBR LR LBY LY LIE LI LTU LT LUX LU MAC MO MDG MG MWI MW MYS MY MDV MV MLI ML
MLT MT MRT MR MUS MU MEX MX FSM FM MDA MD MCO MC MNG MN MNE ME MAR MA MOZ MZ MMR MM NAM NA NRU NR NPL NP NLD NL NZL NZ NIC NI
NER NE NGA NG MKD MK NOR NO OMN OM PAK PK PLW PW PSE PS PAN PA PNG PG PRY PY PER PE PHL PH POL PL PRT PT PRI PR QAT QA ROU RO
RUS RU RWA RW SAU SA SEN SN SRB RS SYC SC SLE SL SGP SG SVK SK SVN SI SLB SB SOM SO ZAF ZA SSD SS ESP ES LKA LK SDN SD SUR SR
SWE SE CHE CH SYR SY TWN TW TJK TJ TZA TZ THA TH TLS TL TGO TG TON TO TTO TT TUN TN TUR TR TKM TM UGA UG UKR UA ARE AE GBR GB
USA US URY UY UZB UZ VUT VU VEN VE VNM VN YEM YE ZMB ZM ZWE ZW
"""


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
    words = THREE_LETTERS.split()
    return dict(zip(words[::2], words[1::2], strict=True))


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
    return {name: next(iter(regions)) for name, regions in found.items() if len(regions) == 1}


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    return " ".join(re.sub(r"[\W_]+", " ", "".join(char for char in letters if not unicodedata.combining(char))).split())
