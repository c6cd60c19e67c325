"""The fields of a contact, and which cells are valid for them.

Every cleaner returns the value, a problem's code ("" if none) and a warning's code. A blank cell omits its field.
"""

import re
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from voisoadmin import phones
from voisoadmin.phones import Words
from voisoadmin.sheets.guarding import unguarded

MAX_TEXT = 255
MAX_URL = 2048
MAX_PRIORITY = 1000
REMEMBERED = 2048  # cells of columns with repeated values


class Field(StrEnum):
    PHONE = "phone"
    NAME = "name"
    SOURCE = "source"
    URL = "url"
    PRIORITY = "priority"
    ACTIVE = "active"


LABELS = {
    Field.PHONE: "Phone",
    Field.NAME: "Name",
    Field.SOURCE: "Source",
    Field.URL: "URL",
    Field.PRIORITY: "Priority",
    Field.ACTIVE: "Active",
}

PROBLEMS: dict[str, Words] = {
    **phones.PROBLEMS,
    "unanswered": Words("A question about this row is open.", "Answer the question on the upload's page."),
    "name_too_long": Words(f"The name is longer than {MAX_TEXT} characters.", "Shorten it."),
    "source_too_long": Words(f"The source is longer than {MAX_TEXT} characters.", "Shorten it."),
    "control_character": Words("The text contains a control character.", "Type the text again."),
    "url_too_long": Words(f"The URL is longer than {MAX_URL} characters.", "Use a shorter URL."),
    "url_without_scheme": Words("The URL doesn't start with http:// or https://.", "Add https:// in front of it."),
    "url_not_web": Words("The URL isn't a web address.", "Use an address that starts with http:// or https://."),
    "url_malformed": Words("The URL is incomplete or contains spaces.", "Copy the whole address, without spaces."),
    "priority_not_whole": Words("The priority isn't a whole number.", f"Enter a whole number up to {MAX_PRIORITY}."),
    "priority_out_of_range": Words(
        "The priority is higher than Voiso accepts.", f"Enter a whole number up to {MAX_PRIORITY}; the lowest goes first."
    ),
    "active_unclear": Words("It's unclear whether the contact is active.", "Enter yes or no."),
}

WARNINGS: dict[str, Words] = {
    **phones.WARNINGS,
    "priority_zero_raised": Words(
        "Priority 0 is sent as 1, the lowest this connection accepts.", "Nothing to do; 0 and 1 now rank the same."
    ),
}


class Problem(NamedTuple):
    """Why a row isn't sent, for one of its fields."""

    code: str
    field: str
    sentence: str
    advice: str


def problem(field: Field, code: str) -> Problem:
    return _PROBLEMS[field, code]


_PROBLEMS = {
    (field, code): Problem(code, field.value, words.sentence, words.advice)
    for field in Field
    for code, words in PROBLEMS.items()
}

CONTROL = re.compile("[\0-\x08\x0e-\x1f\x7f]")
WEB = re.compile(r"https?://[^\s/?#\\<>\"@:\[\]]+(?::\d{1,5})?(?:[/?#][^\s<>\"]*)?", re.IGNORECASE)
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(?!\d)", re.IGNORECASE)
WHOLE = re.compile(r"([0-9]{1,9})(?:[.,]0{1,2})?")


def clean_name(text: str) -> tuple[str, str]:
    return _clean_text(text, "name_too_long")


@lru_cache(maxsize=REMEMBERED)
def clean_source(text: str) -> tuple[str, str]:
    return _clean_text(text, "source_too_long")


def _clean_text(text: str, too_long: str) -> tuple[str, str]:
    """One line, no blanks around it, single ones in it: a name that an export guarded must come back as it was cleaned."""
    if not text.isprintable() or "'" in text or "  " in text or text[:1] == " " or text[-1:] == " ":
        text = unguarded(text)
        if CONTROL.search(text):
            return "", "control_character"
        text = " ".join(text.split())
    return (text, "") if len(text) <= MAX_TEXT else ("", too_long)


def clean_url(text: str) -> tuple[str, str]:
    if len(text) <= MAX_URL and WEB.fullmatch(text) and "'" not in text:
        return text, ""
    text = unguarded(text).strip()
    if not text:
        return "", ""
    if len(text) > MAX_URL:
        return "", "url_too_long"
    if WEB.fullmatch(text):
        return text, ""
    scheme = SCHEME.match(text)
    if scheme:
        return "", "url_malformed" if scheme[1].lower() in {"http", "https"} else "url_not_web"
    return "", "url_malformed" if " " in text else "url_without_scheme"


@lru_cache(maxsize=REMEMBERED)
def clean_priority(text: str, lowest: int) -> tuple[int | None, str, str]:
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
def clean_active(text: str) -> tuple[bool | None, str]:
    known = ACTIVE.get(text)
    if known is not None:
        return known, ""
    text = text.strip().casefold()
    if not text:
        return None, ""
    known = ACTIVE.get(text)
    return known, "" if known is not None else "active_unclear"


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
ACTIVE = {**dict.fromkeys(map(str.casefold, YES.split()), True), **dict.fromkeys(map(str.casefold, NO.split()), False)}
