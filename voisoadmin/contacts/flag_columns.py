"""Which columns of a file say who must not be called.

By a phrase that is known as a whole, or by its parts: a word for calls beside one that forbids or allows, where the cells are
verdicts. Columns for remarks, such as a status, say so only with a cell that is such a phrase.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from voisoadmin.contacts.cleaning import REMEMBERED, YES_OR_NO
from voisoadmin.contacts.do_not_call_words import (
    ALLOWING,
    BLOCKING,
    CALLS,
    DESCRIBING,
    NOT_FILLED,
    OTHER_CHANNELS,
    SAYS_CALL,
    SAYS_NO_CALLS,
    phrases,
)
from voisoadmin.contacts.flag_column_words import (
    ALLOW_PARTS,
    BLOCK_PARTS,
    BLOCK_WORDS,
    CALL_PARTS,
    CALL_WORDS,
    CONSENT_PARTS,
    CONTACT_PARTS,
    OBJECTION_PARTS,
    OUT_OF_REACH,
    REMARK_PARTS,
    REMARK_WORDS,
    WHETHER_OR_NOT,
    WHOLE_ALLOWING_NAMES,
    WHOLE_NAMES,
)
from voisoadmin.contacts.synonyms import plain

VERDICTS_SHARE = 0.8  # of the filled cells that must be verdicts where only the parts of the name speak of calls
LONGEST_REMARK = 80  # characters of a cell that may be nothing but such a phrase
WHOLE_SAMPLE = 200  # rows: with as many, more may follow


class FlagColumn(NamedTuple):
    column: int
    name: str
    blocks: bool  # yes means: do not call; else no means it
    describes: bool = False  # anything in it means that the flag is set
    remarks: bool = False  # only a cell that is a phrase such as “do not call” means it


_BLOCKING, _ALLOWING = phrases(BLOCKING), phrases(ALLOWING)
_BLOCKING_JOINED = frozenset(phrase.replace(" ", "") for phrase in _BLOCKING if len(phrase) > 7)
_ALLOWING_JOINED = frozenset(phrase.replace(" ", "") for phrase in _ALLOWING if len(phrase) > 9)


def find_flag_columns(
    columns: Sequence[str], taken: Iterable[int], sample: Sequence[Sequence[str]] = ()
) -> tuple[list[FlagColumn], list[str]]:
    """The columns that say who must not be called, and the names of those that speak of other channels only.

    Without a `sample` of the rows only phrases that are known as a whole count.
    """
    found, others = [], []
    used = set(taken)
    for at, name in enumerate(columns):
        if at in used:
            continue
        blocks = _says(name, [cells[at] for cells in sample if at < len(cells)])
        if blocks is None:
            if _is_for_remarks(name) and _may_remark(at, sample):
                found.append(FlagColumn(at, name, blocks=True, remarks=True))
        elif _is_about_others(plain(name).split()):
            others.append(name)
        elif blocks or not _describes(name):
            found.append(FlagColumn(at, name, blocks, _describes(name)))
    return found, others


def is_blocking(text: str) -> bool:
    """Whether these words in plain form say that there must be no call."""
    return _holds(text.split(), _BLOCKING, _BLOCKING_JOINED)


def is_remark_against_calls(text: str) -> bool:
    """Whether a cell, or one of the tags in it, is a phrase such as “do not call”."""
    return len(text) <= LONGEST_REMARK and _is_remark_against_calls(text)


@lru_cache(maxsize=REMEMBERED)
def _is_remark_against_calls(text: str) -> bool:
    parts = [plain(part) for part in re.split("[,;|]", text)]
    return any(part in _BLOCKING or part in OUT_OF_REACH for part in parts)


def _says(name: str, cells: Sequence[str]) -> bool | None:
    """Whether yes in the column means: do not call. None if the column says nothing about it."""
    words = plain(name).split()
    if _holds(words, _BLOCKING, _BLOCKING_JOINED):
        return True
    if _holds(words, _ALLOWING, _ALLOWING_JOINED):
        return any(part in "".join(words) for part in OBJECTION_PARTS)  # “Withdrawn consent”
    return _by_parts(words) if _are_verdicts(cells) else None


def _by_parts(words: Sequence[str]) -> bool | None:
    joined, name = "".join(words), " ".join(words).removeprefix("is ")

    def has(parts: Iterable[str]) -> bool:
        return any(part in joined for part in parts)

    if name in WHOLE_NAMES or has(OBJECTION_PARTS):
        return True
    if name in WHOLE_ALLOWING_NAMES or has(WHETHER_OR_NOT):
        return False
    is_of_calls = bool(CALL_WORDS & set(words)) or has(CALL_PARTS)
    if not is_of_calls and not has(CONTACT_PARTS):
        return False if has(CONSENT_PARTS) else None
    allows = has(ALLOW_PARTS) or has(CONSENT_PARTS)
    negated = bool(BLOCK_WORDS & set(words)) or ("no" in words and (allows or words.index("no") < len(words) - 1))
    if has(BLOCK_PARTS) or (negated and (is_of_calls or allows)):
        return True
    return False if allows else None


def _describes(name: str) -> bool:
    """Whether the column says when or why a flag was set: anything in it means that it is."""
    return bool(DESCRIBING & set(re.sub(r"\b(?:by|via) (?:tele)?phone\b", "", plain(name)).split()))


def _are_verdicts(cells: Sequence[str]) -> bool:
    filled = [text.strip().casefold() for text in cells if plain(text) not in NOT_FILLED or text.strip() in YES_OR_NO]
    known = sum(text in YES_OR_NO or plain(text) in SAYS_NO_CALLS or plain(text) in SAYS_CALL for text in filled)
    return bool(filled) and known >= VERDICTS_SHARE * len(filled)


def _is_about_others(words: Sequence[str]) -> bool:
    is_of_calls = CALLS & set(words) or any(part in "".join(words) for part in CALL_PARTS)
    return bool(OTHER_CHANNELS & set(words)) and not is_of_calls


def _is_for_remarks(name: str) -> bool:
    words = plain(name).split()
    return bool(REMARK_WORDS & set(words)) or any(part in "".join(words) for part in REMARK_PARTS)


def _may_remark(at: int, sample: Sequence[Sequence[str]]) -> bool:
    said = any(at < len(cells) and is_remark_against_calls(cells[at]) for cells in sample)
    return said or len(sample) >= WHOLE_SAMPLE


def _holds(words: Sequence[str], phrases: frozenset[str], joined: frozenset[str]) -> bool:
    runs = (words[first:last] for first in range(len(words)) for last in range(first + 1, min(len(words), first + 6) + 1))
    if any(" ".join(run) in phrases or "".join(run) in joined for run in runs):
        return True
    # In a compound word, as German writes it, and where words aren't separated at all.
    return any(phrase in word for word in words if len(word) > 8 or not word.isascii() for phrase in joined)
