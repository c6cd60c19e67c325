"""Which column is to be called: by its name and by what is in it, or a question if two could be.

Faxes, pagers and the numbers of contracts and customers are never called. The numbers of agents, owners and branches never win
without a person: they reach someone else than the contact.
"""

import re
from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple, Protocol

from voisoadmin.contacts.other_people_words import BEGINNINGS, OTHER_PEOPLE, STEMS
from voisoadmin.contacts.phone_column_words import (
    FAX,
    FAX_WORDS,
    ID_COMPOUNDS,
    IDS,
    INFLECTED_IDS,
    MOBILE,
    MOBILE_WORDS,
    NO_LONGER,
    NO_LONGER_STEMS,
    NUMBER,
    OWN,
    PHONE,
    PHONE_WORDS,
    SMALL_WORDS,
)
from voisoadmin.contacts.questions import OTHER_PHONES, SENTENCES, SEVERAL_PHONES
from voisoadmin.contacts.synonyms import plain

NO_PHONE = "no_phone_column"
CERTAIN = 90  # from this score on the name decides; below it, the content must agree
PHONES_SHARE = 0.6  # share of the filled cells from which a column holds phone numbers
NUMBERS_SHARE = 0.9  # share from which a column holds hardly anything else
PLAUSIBLE_SHARE = 0.5
HARDLY_ANY = 0.1
BUSINESS_PHONE = re.compile(r"\b(?:telefone|telefono|celular|movil|fone|tel|tlf) comercial\b")
INITIALS, INITIAL_OF_FAX = frozenset({"t", "tel", "tf", "tlf"}), "f"
POOR = 60  # up to this score a name says little


_PARTS = sorted({*OWN, *PHONE, *MOBILE, *(word for word in NUMBER if len(word) > 3)}, key=len, reverse=True)
PARTS = re.compile(rf"{'|'.join(_PARTS)}|\d+")


class PhoneContent(Protocol):
    """Of a column: how many cells are filled, and which shares of them are, or look like, phone numbers."""

    @property
    def filled(self) -> int: ...
    @property
    def phones(self) -> float: ...
    @property
    def phone_like(self) -> float: ...


class Unsure(NamedTuple):
    """Why no column is taken for the phone."""

    code: str
    problem: str
    candidates: tuple[int, ...] = ()


class Kind(Enum):
    USUAL = "usual"
    MOBILE = "mobile"
    NOT_THEIRS = "not theirs"  # of another person, of a fax as well, or an old number
    NEVER = "never"  # a fax, a pager, or no phone at all


def kind_of(name: str) -> Kind:
    """What the name of a column says about the numbers in it."""
    words = set(plain(name).split())
    joined = plain(name).replace(" ", "")
    is_phone = is_named_phone(name)
    if _is_fax(joined) or words & FAX_WORDS:
        apart = words & PHONE_WORDS or any(stem in word for word in words for stem in PHONE if not _is_fax(word))
        return Kind.NOT_THEIRS if apart else Kind.NEVER
    if is_of_others(name) or _is_no_longer_theirs(name):
        return Kind.NOT_THEIRS
    if not is_phone and (any(stem in joined for stem in ID_COMPOUNDS) or _is_id(words)):
        return Kind.NEVER
    if words & MOBILE_WORDS or any(stem in joined for stem in MOBILE):
        return Kind.MOBILE
    return Kind.USUAL


def is_never_called(name: str) -> bool:
    """Whether the column is for faxes or pagers, or for phones of other people than the contact."""
    words = plain(name)
    is_fax = _is_fax(words.replace(" ", "")) or bool(set(words.split()) & FAX_WORDS)
    return is_fax or (is_of_others(name) and is_named_phone(name))


def may_be_their_phone(name: str) -> bool:
    return kind_of(name) in {Kind.USUAL, Kind.MOBILE}


def is_named_phone(name: str) -> bool:
    words = plain(name)
    return bool(set(words.split()) & PHONE_WORDS) or any(stem in words.replace(" ", "") for stem in PHONE)


def _is_no_longer_theirs(name: str) -> bool:
    words = set(plain(name).split())
    is_number = is_named_phone(name) or bool(words & NUMBER)
    return is_number and bool(words & NO_LONGER or any(stem in plain(name) for stem in NO_LONGER_STEMS))


def _is_id(words: set[str]) -> bool:
    about = {word for word in words if word in IDS or word.startswith(INFLECTED_IDS)}
    return bool(about) and bool("id" in words or words & NUMBER or len(words) == 1)


def is_plainly_theirs(name: str) -> bool:
    """Whether each word of the name is known to speak of the contact's own phone; “witness” is none of them."""
    known = PHONE_WORDS | MOBILE_WORDS | NUMBER | SMALL_WORDS
    return all(word in known or not PARTS.sub("", word) for word in plain(name).split())


def is_of_others(name: str) -> bool:
    """Whether the column is about an agent, an owner, a branch: not about the contact."""
    words = BUSINESS_PHONE.sub("", plain(name))
    if any(word.startswith(BEGINNINGS) for word in words.split()):
        return True
    return bool(set(words.split()) & OTHER_PEOPLE) or any(stem in words.replace(" ", "") for stem in STEMS)


def _is_fax(word: str) -> bool:
    return any(stem in word for stem in FAX)


def without_number(name: str) -> str:
    """“Phone 2” ranks like “Phone”."""
    return re.sub(r"(?<![A-Za-z])\d+|\d+(?![\dA-Za-z])", " ", name).strip() or name


def find_phone(
    columns: Sequence[str],
    scores: Sequence[int],
    contents: Sequence[PhoneContent],
    free: Sequence[int],
    may_hold_numbers: Sequence[Sequence[int]],
    *,
    named: bool,
) -> int | Unsure:
    """The column to call, or why a person must choose it.

    `may_hold_numbers`: columns without a name for phones that hold some, those of the first list before those of the second.
    """
    kinds = {at: kind_of(columns[at]) if named else Kind.USUAL for at in free}
    if named and INITIALS.intersection(map(plain, columns)):
        kinds |= {at: Kind.NEVER for at in free if plain(columns[at]) == INITIAL_OF_FAX}
    good = [at for at in free if scores[at] and _agrees(scores[at], contents[at])]
    # An empty column proves nothing, whatever its name, if another one holds numbers.
    filled = [at for at in good if contents[at].filled] or good
    by_content = [[at for at in places if kinds[at] in {Kind.USUAL, Kind.MOBILE}] for places in may_hold_numbers]
    surely = [at for at in {*filled, *by_content[0]} if contents[at].phones >= PHONES_SHARE and kinds[at] is not Kind.NEVER]
    own = [at for at in filled if kinds[at] in {Kind.USUAL, Kind.MOBILE} and not _is_beaten(at, scores, contents, surely)]
    exact = [at for at in own if scores[at] >= CERTAIN and kinds[at] is Kind.USUAL]
    most = max((contents[at].filled for at in exact), default=0)
    ranks: list[list[int]] = [
        [
            at
            for at in own
            if kinds[at] is Kind.MOBILE and contents[at].filled >= most and (not exact or _is_clear(columns[at], scores[at]))
        ],
        exact,
        [at for at in own if is_named_phone(columns[at])],
        # “NHS Number” says no more about a phone than a name that says nothing.
        list(dict.fromkeys(at for places in (own, *by_content) for at in places)),
    ]
    best = next((places for places in ranks if places), [])
    if len(best) == 1 and kinds[best[0]] is Kind.MOBILE:
        # A mobile that most contacts don't have is no answer for the others.
        fuller = [at for at in own if contents[at].filled > 2 * contents[best[0]].filled]
        best = [*best, *fuller]
    if best and not any(_is_clear(columns[at], scores[at]) for at in best):
        # Numbers of another name, or of a “witness”, are no answer where the file has a column for the phone, but a blank one.
        blank = [at for at in good if scores[at] >= CERTAIN and not contents[at].filled]
        best = [*best, *(at for at in blank if kinds[at] in {Kind.USUAL, Kind.MOBILE})]
    if len(best) == 1:
        return best[0]
    if best:
        return _ask(SEVERAL_PHONES, columns, sorted(best))
    strangers = [at for at in free if kinds[at] is Kind.NOT_THEIRS and contents[at].phones >= PHONES_SHARE]
    if strangers:
        return _ask(OTHER_PHONES, columns, strangers)
    return Unsure(NO_PHONE, "No phone column found. Choose the column with the phone numbers.")


def _is_clear(name: str, score: int) -> bool:
    return score >= CERTAIN or (score > 0 and is_plainly_theirs(name))


def _agrees(score: int, content: PhoneContent) -> bool:
    return score >= CERTAIN or not content.filled or content.phone_like >= PLAUSIBLE_SHARE


def _is_beaten(at: int, scores: Sequence[int], contents: Sequence[PhoneContent], surely: Sequence[int]) -> bool:
    """Whether another column holds phone numbers, and this one doesn't, whatever it is called."""
    if at in surely or not surely:
        return False
    return contents[at].phone_like < HARDLY_ANY or scores[at] <= POOR


def _ask(code: str, columns: Sequence[str], places: Sequence[int]) -> Unsure:
    return Unsure(code, SENTENCES[code].format(names=in_words(columns, places)), tuple(places))


def in_words(columns: Sequence[str], places: Sequence[int]) -> str:
    """The first of these columns; those of the same name with their numbers."""
    return " and ".join(
        f"“{columns[at]}”" if columns.count(columns[at]) == 1 else f"“{columns[at]}” (column {at + 1})" for at in places[:3]
    )
