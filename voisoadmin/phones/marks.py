"""What people and programs write beside a number that leaves it whole: `p:`, `tel:`, “Mobile:”, a decimal `.0`.

A label that names a fax, another person or an old number is a reason not to call it; of any other label a person says
whether the number may be called.
"""

import re
from collections.abc import Set
from typing import NamedTuple

LINKS = ("p:", "tel:", "callto:")
CALLING_CODE_FOLLOWS = "whatsapp:"
CALLING_CODE_BEFORE = ("@s.whatsapp.net", "@c.us")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


OWN = _words(
    """
    mobile mobil mob cell cellphone cellular tel telephone phone ph home work office private business landline
    handy telefon telefonnummer rufnummer festnetz privat dienstlich geschäftlich arbeit móvil movil celular cel
    teléfono telefono casa trabajo oficina fijo téléphone portable domicile fixe bureau travail telemóvel
    telemovel telefone trabalho escritório cellulare ufficio lavoro fisso mobiel telefoon thuis werk telefoni
    komórka komórkowy dom praca телефон тел моб мобильный мобільний домашний рабочий puhelin matkapuhelin
    mobiltelefon hem arbete hjem arbejde tél gsm cep handphone hp whatsapp kom kontakt contact direct main primary number
    num no nr numéro número numero nummer numer номер раб дом tlf puh mobilnr mobilní mobilný komór κιν τηλ κινητό τηλέφωνο
    手机 手機 电话 電話 携帯 携帯電話 휴대폰 전화 핸드폰 연락처 đt sđt جوال هاتف موبايل טלפון נייד טל โทร มือถือ
    """
)
ON_CARDS = frozenset("mtpchwd")
"""Single letters for a phone, as on a business card; `f` is a fax. Not `o`: it may be a mistyped zero."""
FAX = _words(
    """
    f fax homefax workfax otherfax facsimile telefax telefaks faks télécopie telecopie télécopieur факс 传真 傳真
    ファックス 팩스 pager beeper telex пейджер
    """
)
OTHER_PERSON = _words(
    """
    wife husband spouse partner mother father mom mum dad parent parents son daughter brother sister guardian
    neighbour neighbor assistant secretary agent manager emergency frau mann ehefrau ehemann mutter vater eltern
    sohn tochter assistentin assistent sekretariat esposa esposo madre padre hijo hija femme mari mère père moglie
    marito жена муж мать отец жены мужа мама папа сын дочь брат сестра дружина чоловік marido mujer mãe pai filho filha
    irmão irmã figlio figlia fratello sorella fils fille frère sœur soeur hermano hermana bruder schwester nachbar nachbarin
    kollege kollegin voisin voisine vecino vicino vrouw echtgenoot echtgenote zoon dochter moeder vader broer zus buurman żona
    żony mąż męża matka matki ojciec syn córka feleség felesége férj férje anyja apja manžel manželka eşi karısı kocası annesi
    babası hustru maka kone mor vaimo äiti isä σύζυγος μητέρα πατέρας friend colleague boss carer caregiver landlord driver
    lawyer receptionist 妻 夫 母 父 家族 老婆 老公 妻子 丈夫 妈妈 爸爸 家属 아내 남편 어머니 아버지 엄마 아빠 vợ chồng
    زوجة زوجته زوجها אשתו אישה בעלה אמא אבא
    """
)
OLD = _words(
    """
    old former previous outdated disconnected alt früher ehemalig viejo antiguo ancien vieux vecchio старый
    """
)

FAX_NUMBER = "fax_number"
NEVER_CALLED = ((FAX, FAX_NUMBER), (OTHER_PERSON, "other_person"), (OLD, "old_number"))
DIGIT = re.compile(r"[+0-9]")
WORD = re.compile(r"[^\W\d_]+")
AROUND_LABELS = frozenset(" .,:-()")
UNKNOWN_LABEL = "unknown_label"
WHOLE_NUMBER = 7  # digits: with fewer, the words aren't beside a number
IN_LABELS = frozenset("'&/")
DECIMAL_ZERO = re.compile(r"(\+?[0-9]{7,15})[.,]00?")


class Unmarked(NamedTuple):
    """The cell without its marks. With a `problem` it must not be called."""

    text: str
    problem: str = ""
    changed: bool = False


def without_marks(text: str) -> Unmarked:
    """`text` has at most LONGEST_CELL characters and single blanks."""
    if text.lower().startswith(LINKS) and ";" in text:
        return Unmarked(text)  # parameters of a link may hold other numbers
    bare, problem = _without_labels(_without_link(text))
    whole = DECIMAL_ZERO.fullmatch(bare)
    if whole:
        bare = whole[1]
    return Unmarked(bare, problem, bare != text)


def label_of(text: str) -> tuple[str, str]:
    """The words beside a number, and the number without them; blank if the cell isn't a number with a label."""
    before, number, after = _parts(_without_link(text))
    words = " ".join(WORD.findall(f"{before} {after}"))
    return words, _joined(before, number, after)


def problem_of_label(text: str) -> str:
    """Why a number with this label in another cell must not be called; "" if it may be."""
    return _problem_of({word.lower() for word in WORD.findall(text)})


def is_label(text: str) -> bool:
    """Whether these words say what a number is, and nothing else."""
    words = {word.lower() for word in WORD.findall(text)}
    return bool(words) and words <= OWN | FAX


def _problem_of(words: Set[str]) -> str:
    return next((problem for labels, problem in NEVER_CALLED if words & labels), "")


def _without_link(text: str) -> str:
    lower = text.lower()
    for mark in LINKS:
        if lower.startswith(mark):
            return text[len(mark) :].removeprefix("//").strip()
    if lower.startswith(CALLING_CODE_FOLLOWS):
        return _international(text[len(CALLING_CODE_FOLLOWS) :])
    for mark in CALLING_CODE_BEFORE:
        if lower.endswith(mark):
            return _international(text[: -len(mark)])
    return text


def _international(text: str) -> str:
    text = text.strip()
    return f"+{text}" if text[:1].isdigit() and not text.startswith("0") else text


def _without_labels(text: str) -> tuple[str, str]:
    """The text without labels that mean the contact's own number; why it must not be called, if a label says so."""
    before, number, after = _parts(text)
    if not number or (text.isascii() and not any(map(str.isalpha, text))):
        return text, ""
    unknown = False
    for part, at_digits in ((before, before[-1:]), (after, after[:1])):
        words = {word.lower() for word in WORD.findall(part)}
        problem = _problem_of(words)
        if problem:
            return text, problem
        beside = set(WORD.sub("", part))
        labels = OWN | ON_CARDS if beside else OWN
        if words and not (words <= labels and beside <= AROUND_LABELS):
            # A letter directly at the digits may be a mistyped digit; in between, a part of another number.
            is_word = not at_digits.isalpha() and beside <= AROUND_LABELS | IN_LABELS
            if not is_word or WORD.search(number) or sum(map(str.isdigit, number)) < WHOLE_NUMBER:
                return text, ""
            unknown = True
    return (text, UNKNOWN_LABEL) if unknown else (_joined(before, number, after), "")


def _parts(text: str) -> tuple[str, str, str]:
    """What is before the first digit or +, up to the last digit, and behind it; the number is blank if there is none."""
    places = [found.start() for found in DIGIT.finditer(text)]
    if not places:
        return text, "", ""
    first, end = places[0], places[-1] + 1
    return text[:first], text[first:end], text[end:]


def _joined(before: str, number: str, after: str) -> str:
    """The number with the bracket that opens or closes in it, without words."""
    if WORD.search(before):
        before = "(" if before.rstrip().endswith("(") and number.count(")") > number.count("(") else ""
    if WORD.search(after):
        after = ")" if number.count("(") > number.count(")") and after.lstrip().startswith(")") else ""
    return (before + number + after).strip()
