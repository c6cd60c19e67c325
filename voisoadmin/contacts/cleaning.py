"""Which cells are valid for a field: each cleaner returns the value, a problem's code and a warning's code ("" if none).

A blank cell gives None: its field is omitted.
"""

import re
from collections.abc import Callable
from functools import lru_cache, partial
from typing import NamedTuple

from voisoadmin.sheets.formula_guard import unguarded

MAX_TEXT = 255
MAX_URL = 2048
MAX_PRIORITY = 1000
REMEMBERED = 2048  # cells of columns with repeated values

Value = str | int | bool
Cleaned = tuple[Value | None, str, str]
Clean = Callable[[str], Cleaned]


class ContactLimits(NamedTuple):
    """What differs from one connection to another."""

    lowest_priority: int = 0


Cleaner = Callable[[ContactLimits], Clean]
"""Makes the function for the cells of one check."""

CONTROL = re.compile("[\0-\x08\x0e-\x1f\x7f]")
WEB = re.compile(r"https?://[^\s/?#\\<>\"@:\[\]]+(?::\d{1,5})?(?:[/?#][^\s<>\"]*)?", re.IGNORECASE)
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(?!\d)", re.IGNORECASE)
WHOLE = re.compile(r"([0-9]{1,9})(?:[.,]0{1,2})?")
ACTIVE_UNCLEAR = "active_unclear"  # the cell is asked about


def text(too_long: str, *, longest: int = MAX_TEXT, repeats: bool = False) -> Cleaner:
    """One line without control characters. `too_long`: the problem's code; `repeats`: the column holds few different cells."""
    clean = partial(clean_text, too_long, longest)
    return always(lru_cache(maxsize=REMEMBERED)(clean) if repeats else clean)


def always(clean: Clean) -> Cleaner:
    """For a field whose cells are valid for every connection, or for none."""
    return lambda limits: clean


def clean_text(too_long: str, longest: int, text: str) -> Cleaned:
    """One line, no blanks around it, single ones in it: a name that an export guarded must come back as it was cleaned."""
    if not text.isprintable() or "'" in text or "  " in text or text[:1] == " " or text[-1:] == " ":
        text = unguarded(text)
        if CONTROL.search(text):
            return None, "control_character", ""
        text = " ".join(text.split())
    return (text or None, "", "") if len(text) <= longest else (None, too_long, "")


def clean_url(text: str) -> Cleaned:
    if len(text) <= MAX_URL and WEB.fullmatch(text) and "'" not in text:
        return text, "", ""
    text = unguarded(text).strip()
    if not text:
        return None, "", ""
    if len(text) > MAX_URL:
        return None, "url_too_long", ""
    if WEB.fullmatch(text):
        return text, "", ""
    scheme = SCHEME.match(text)
    if scheme:
        return None, "url_malformed" if scheme[1].lower() in {"http", "https"} else "url_not_web", ""
    return None, "url_malformed" if " " in text else "url_without_scheme", ""


def priority(limits: ContactLimits) -> Clean:
    return lru_cache(maxsize=REMEMBERED)(partial(clean_priority, lowest=limits.lowest_priority))


def clean_priority(text: str, lowest: int) -> Cleaned:
    """A priority in the generation's range; if the range begins at 1, a 0 is kept as a warning instead of being dropped."""
    text = text.strip()
    if not text:
        return None, "", ""
    match = WHOLE.fullmatch(text)
    if not match:
        return None, "priority_not_whole", ""
    priority = int(match[1])
    if priority > MAX_PRIORITY:
        return None, "priority_out_of_range", ""
    if priority < lowest:
        return lowest, "", "priority_zero_raised"
    return priority, "", ""


@lru_cache(maxsize=REMEMBERED)
def clean_active(text: str) -> Cleaned:
    known = YES_OR_NO.get(text)
    if known is not None:
        return known, "", ""
    text = text.strip().casefold()
    if not text:
        return None, "", ""
    known = YES_OR_NO.get(text)
    return known, "" if known is not None else ACTIVE_UNCLEAR, ""


YES = """
1 y yes yeah true t on active enabled x ✓ ✔ ☑ ✅ ja j wahr aktiv aktiviert oui o vrai actif active
activé si sí s verdadero cierto activo activa sì vero attivo attiva sim verdadeiro ativo ativa tak
prawda aktywny aktywna waar actief jo sand aktivt sant aktivní ano pravda áno aktívny igen igaz
aktív da adevărat activ kyllä tosi aktiivinen jah tõene aktiivne jā patiess aktīvs taip aktyvus evet
doğru aktif ναι αληθές ενεργό ενεργή ενεργός да истина активен активный так активний 是 はい 예 نعم כן
"""
NO = """
0 n no nope false f off inactive disabled ✗ ✘ ☐ ❌ nein falsch inaktiv deaktiviert non faux inactif
inactive désactivé falso inactivo inactiva inattivo inattiva não nao inativo inativa nie fałsz
nieaktywny nieaktywna nee onwaar inactief niet nej nei falsk usand inaktivt usant ne nepravda
neaktivní neaktívny nem hamis inaktív nu fals inactiv ei epätosi nē neaktīvs neaktyvus hayır hayir
yanlış pasif όχι ψευδές ανενεργό не нет ложь неактивен неактивный ні неактивний 否 いいえ 아니요 لا לא
"""
YES_OR_NO = {**dict.fromkeys(map(str.casefold, YES.split()), True), **dict.fromkeys(map(str.casefold, NO.split()), False)}
