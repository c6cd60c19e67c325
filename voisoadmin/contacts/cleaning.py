"""Which cells are valid for a field: each cleaner returns the value, a problem's code and a warning's code ("" if none).

A blank cell gives None: its field is omitted. A problem keeps the row back, so only fields that decide who is called have any;
an optional field never costs the contact: its cell is repaired, or left out, and a warning says so.
"""

import html
import re
from collections.abc import Callable
from functools import lru_cache, partial
from typing import NamedTuple

from voisoadmin.contacts.priority_words import priority_of_word
from voisoadmin.phones.spelling import NOT_FILLED
from voisoadmin.sheets.formula_guard import unguarded

MAX_TEXT = 255
MAX_URL = 2048
MAX_PRIORITY = 1000
REMEMBERED = 2048  # cells of columns with repeated values

Value = str | int | bool
Cleaned = tuple[Value | None, str, str]
Clean = Callable[[str], Cleaned]


class ContactLimits(NamedTuple):
    """What differs from one connection, and from one upload, to another."""

    lowest_priority: int = 0
    put_back: frozenset[str] = frozenset()  # warnings of repairs that a person doesn't want


Cleaner = Callable[[ContactLimits], Clean]
"""Makes the function for the cells of one check."""

CONTROL = re.compile("[\0-\x08\x0e-\x1f\x7f]")
HOST = re.compile(r"(?://)?((?:[^\W_](?:[\w-]*[^\W_])?\.)+(?:[^\W\d_]{2,}|xn--[\w-]+)(?::\d{1,5})?(?:[/?#][^\s<>\"]*)?)")
WEB = re.compile(r"https?://[^\s/?#\\<>\"@:\[\]]+(?::\d{1,5})?(?:[/?#][^\s<>\"]*)?", re.IGNORECASE)
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(?!\d)", re.IGNORECASE)
WHOLE = re.compile(r"([0-9]{1,9})(?:[.,]0{1,2})?")
ACTIVE_UNCLEAR = "active_unclear"  # the cell is asked about
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
ENTITIES_IN_ENTITIES = 2  # “&amp;eacute;” was written by two programs
URL_SCHEME_ADDED, PRIORITY_WORD = "url_scheme_added", "priority_word"  # repairs
TEXT_REPAIRS = ("cut", "cleaned", "decoded")


def text(field: str, *, longest: int = MAX_TEXT, repeats: bool = False) -> Cleaner:
    """One line without control characters, cut where it is too long. `repeats`: the column holds few different cells.

    The warnings begin with the field's name: `…_cut`, `…_cleaned` and `…_decoded` are repairs; with `…_too_long` and
    `…_control_character` the field is left out.
    """

    def cleaner(limits: ContactLimits) -> Clean:
        kept = frozenset(repair for repair in TEXT_REPAIRS if f"{field}_{repair}" in limits.put_back)
        clean = partial(clean_text, field, longest, kept)
        return lru_cache(maxsize=REMEMBERED)(clean) if repeats else clean

    return cleaner


def always(clean: Clean) -> Cleaner:
    """For a field whose cells are valid for every connection, or for none."""
    return lambda limits: clean


def is_filled(text: str) -> bool:
    """“Null” and “Na” are names; what a database writes for nothing isn't one."""
    return bool(text) and text.strip() not in NOT_FILLED


def clean_text(field: str, longest: int, kept: frozenset[str], text: str) -> Cleaned:
    """One line, no blanks around it, single ones in it: a name that an export guarded must come back as it was cleaned.

    `kept`: the repairs that a person doesn't want.
    """
    warning = ""
    if "&" in text and "decoded" not in kept and ENTITY.search(text):
        text, warning = _decoded(text), f"{field}_decoded"
    if not text.isprintable() or "'" in text or "  " in text or text[:1] == " " or text[-1:] == " ":
        text = unguarded(text)
        if CONTROL.search(text):
            if "cleaned" in kept:
                return None, "", f"{field}_control_character"
            text, warning = CONTROL.sub("", text), f"{field}_cleaned"
        text = " ".join(text.split())
    if not text or text in NOT_FILLED:
        return None, "", ""
    if len(text) <= longest:
        return text, "", warning
    return (text[:longest].rstrip(), "", f"{field}_cut") if "cut" not in kept else (None, "", f"{field}_too_long")


def _decoded(text: str) -> str:
    """The text with the letters that HTML's entities mean."""
    for _ in range(ENTITIES_IN_ENTITIES):
        text = ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    return text


def url(limits: ContactLimits) -> Clean:
    return partial(clean_url, adds_scheme=URL_SCHEME_ADDED not in limits.put_back)


def clean_url(text: str, *, adds_scheme: bool = True) -> Cleaned:
    if len(text) <= MAX_URL and WEB.fullmatch(text) and "'" not in text:
        return text, "", ""
    text = unguarded(text).strip()
    if not text or text in NOT_FILLED:
        return None, "", ""
    if len(text) > MAX_URL:
        return None, "", "url_too_long"
    if WEB.fullmatch(text):
        return text, "", ""
    host = HOST.fullmatch(text) if adds_scheme else None
    if host and len(whole := f"https://{host[1]}") <= MAX_URL and WEB.fullmatch(whole):
        return whole, "", URL_SCHEME_ADDED
    scheme = SCHEME.match(text)
    if scheme:
        return None, "", "url_malformed" if scheme[1].lower() in {"http", "https"} else "url_not_web"
    return None, "", "url_malformed" if " " in text else "url_without_scheme"


def priority(limits: ContactLimits) -> Clean:
    knows_words = PRIORITY_WORD not in limits.put_back
    return lru_cache(maxsize=REMEMBERED)(partial(clean_priority, lowest=limits.lowest_priority, knows_words=knows_words))


def clean_priority(text: str, lowest: int, *, knows_words: bool = True) -> Cleaned:
    """A priority in the generation's range; if the range begins at 1, a 0 is kept as a warning instead of being dropped."""
    text = text.strip()
    if not text or text in NOT_FILLED:
        return None, "", ""
    match = WHOLE.fullmatch(text)
    if not match:
        rank = priority_of_word(text) if knows_words else None
        return (rank, "", PRIORITY_WORD) if rank is not None else (None, "", "priority_not_whole")
    priority = int(match[1])
    if priority > MAX_PRIORITY:
        return None, "", "priority_out_of_range"
    if priority < lowest:
        return lowest, "", "priority_zero_raised"
    return priority, "", ""


@lru_cache(maxsize=REMEMBERED)
def clean_active(text: str) -> Cleaned:
    known = YES_OR_NO.get(text) if text not in UNSURE else None
    if known is not None:
        return known, "", ""
    if not is_filled(text):
        return None, "", ""
    text = text.strip().casefold()
    if not text:
        return None, "", ""
    known = YES_OR_NO.get(text)
    if known and text in UNSURE:
        known = None
    return known, "" if known is not None else ACTIVE_UNCLEAR, ""


YES = """
1 y yes yeah true t on active enabled x ✓ ✔ ☑ ✅ ja j wahr aktiv aktiviert oui o vrai actif active
activé si sí s verdadero cierto activo activa sì vero attivo attiva sim verdadeiro ativo ativa tak
prawda aktywny aktywna waar actief jo sand aktivt sant aktivní ano pravda áno aktívny igen igaz
aktív da adevărat activ kyllä tosi aktiivinen jah tõene aktiivne jā patiess aktīvs taip aktyvus evet
doğru aktif ναι αληθές ενεργό ενεργή ενεργός 有效 启用 啟用 有効 활성 да истина активен активный
так активний 是 はい 예 네 نعم כן có ใช่ ya بله हाँ đúng checked var 〇 ○ ◯ -1 e д +
"""
NO = """
0 n no nope false f off inactive disabled ✗ ✘ ☐ ❌ nein falsch inaktiv deaktiviert non faux inactif
inactive désactivé falso inactivo inactiva inattivo inattiva não nao inativo inativa nie fałsz
nieaktywny nieaktywna nee onwaar inactief niet nej nei falsk usand inaktivt usant ne nepravda
neaktivní neaktívny nem hamis inaktív nu fals inactiv ei epätosi nē neaktīvs neaktyvus hayır hayir
yanlış pasif όχι ψευδές ανενεργό не нет ложь неактивен неактивный ні неактивний 否 无效 無效 停用 無効 いいえ
비활성 아니요 아니오 لا לא không ไม่ ไม่ใช่ tidak خیر नहीं sai unchecked yok × ✕ ✖ h
"""
# In one file -1 is how Access writes yes, in another one what was deleted; a cross is a no, or the tick of a form.
UNSURE = frozenset(["-1", "e", "д", "+", "h", "×", "✕", "✖", "✗", "✘", "❌"])
"""Taken as it mostly is only where a number is then not called; otherwise a person says what it means."""
YES_OR_NO = {**dict.fromkeys(map(str.casefold, YES.split()), True), **dict.fromkeys(map(str.casefold, NO.split()), False)}
