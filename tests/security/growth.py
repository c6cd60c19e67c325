"""How the processor time of a reader grows with its text, and the texts that strangers might make it slow with."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Iterator
from typing import Any

LONG_ENOUGH = 0.05  # seconds
# A reader that takes less even for the longest text it accepts is called again and again, for these seconds or this often.
OF_MANY_CALLS = 0.005
MANY_CALLS = 100
# In a text of this length that is read within this time, or this for each character, the memory is measured and not the reader.
LONG, TRIFLE, TRIFLE_A_CHARACTER = 64 * 1024, 0.02, 50e-9
MOST_GROWTH = 1.2  # exponent: 1 is linear, 2 quadratic
TRIES, ROUNDS = 5, 3
DOUBLINGS = 4

# Units of runs.
SPECIAL = "\t\n\r !\"#$%&'()*+,-./0:;<=>?@A[\\]^_`a{|}~\0\x1b"
FOREIGN = "\u00a0\u00ad\u0301\u0660\u200b\u202e\u2028\u0130\ufeff\uff0b\uff1d\uff20\ufdfa\U0001f600"
MIXED = (
    *("a@", "@.", "<a@", "< ", "<a ", "a@b ", "a@b,", '"a', '",', ',"', 'x","y\n', '"\n', ',"\n', '"a\\', '\\"', '"a" ', '":'),
    *("(1", "1 ", "1-", "1.", "1,1", "+1", " 1", "1/1/", "1e", "(1)", "[1]", "ext1", "; ", ", ", "a, ", "a:", "://", "aA"),
    *("a b ", "'=", ";'", "_x000D_", "\\u0061", "Bearer ", "/api/v1/", "?key=", "<br>", "&#1;", "\r\n", "\n\n", "\u0301\u0316"),
    *("1\u0660", "not live ", "only ", "campaign ", "invalid auth", "auth", "= 1;", "_a", "\x00a", "-\u2010"),
)
IN_TABLES = (
    *('"', ",", ";", "'", "\n", "\r", "\0", " ", '",', ',"', 'x","y\n', '"\n', ',"\n', '"a,"b\n', '"a\\"', '"a" ', ', "'),
    *("1234567@.", "1 ", "\u0301\u0316", '+447415000001,"Ann\n', "\u00e9", "a\u20ac\n"),
)
IN_PARTS = (
    *("<", ">", "/>", "</", "<row ", "<row", '<c r="ZZ1"', ' r="AAA1"', "<f ", "</f><v ", "<!", "<dimension ", '<row r="1'),
    *("<a>", "<w:", "&amp;", "<row/>", "x "),
)
IN_ADDRESSES = (
    *("%", "%0", "%00", "%c3", "&", "&a=", "=", ";", "+", "/", "//", "\\", "../", ":", "@", "a:b@", "[", "#", "?", "-", "."),
    *("0", "9", ".0", "1,", "\u0660", "\u00e9", "\ufdfa", " ", "\0", "'", '"', "<", "a", "2026-"),
)
BEFORE_AND_BEHIND = (("", "x"), ("1", "!"), ('<"a@', ".\n"))
NESTED = ("()", "[]", "{}", "<>", '""', "''", "“”")

Make = Callable[[int], str]


def hostile_texts(*units: str) -> dict[str, Make]:
    """Makers of texts of about a length: runs of each special character and of pairs, unclosed, closed and nested; or only of
    these units."""
    return dict(_runs(units))


def _runs(units: tuple[str, ...]) -> Iterator[tuple[str, Make]]:
    for number, unit in enumerate(units or (*SPECIAL, *FOREIGN, *MIXED)):
        before, behind = BEFORE_AND_BEHIND[number % len(BEFORE_AND_BEHIND)]
        yield f"{before!a}, {unit!a}..., {behind!a}", _run(before, unit, behind)
    for opening, closing in () if units else NESTED:
        yield f"nested {opening}{closing}", _nested(opening, closing)
    for first in "" if units else "1 a\u0301":
        for second in "x @\u03160":
            yield f"{first!a}..., then {second!a}...", _halves(first, second)


def _run(before: str, unit: str, behind: str) -> Make:
    return lambda length: before + unit * ((length - len(before) - len(behind)) // len(unit)) + behind


def _nested(opening: str, closing: str) -> Make:
    return lambda length: opening * (length // 2) + closing * (length // 2)


def _halves(first: str, second: str) -> Make:
    return lambda length: first * (length // 2) + second * (length // 2)


def growth(read: Callable[[Any], object], make: Callable[[int], Any], longest: int) -> float:
    """The exponent with which a reader's processor time grows over the last four doublings: up to a text that takes long
    enough to be measured, or else, by many calls, up to its longest text."""
    size = max(longest >> 2 * DOUBLINGS, 1)
    _seconds(read, make(size))  # what is made once is made now
    taken = _seconds(read, make(size))
    while taken < LONG_ENOUGH and size * 2 <= longest:
        # Little more than is long enough: this is most of what a measurement takes.
        times = min(max(1.5, 1.1 * LONG_ENOUGH / taken), 1 << DOUBLINGS)
        size = min(math.ceil(size * times), longest)
        taken = _seconds(read, make(size))
    # One look is enough for most; where a busy machine may have had a hand in it, the best of several counts.
    for tries in (1, *[TRIES] * ROUNDS):
        taken = min(taken, _best(read, make(size), tries=tries)) if tries > 1 else taken
        if taken < max(TRIFLE, size * TRIFLE_A_CHARACTER) and size >= LONG:
            return 0
        calls = max(1, min(MANY_CALLS, round(OF_MANY_CALLS / taken))) if taken < LONG_ENOUGH else 1
        shorter = _best(read, make(max(size >> DOUBLINGS, 1)), calls, tries=tries)
        longer = taken if calls == 1 else _best(read, make(size), calls, tries=tries)
        found = _exponent(shorter, longer)
        if found <= MOST_GROWTH:
            break
    return found


def _exponent(shorter: float, longer: float) -> float:
    return math.log2(longer / shorter) / DOUBLINGS


def _best(read: Callable[[Any], object], content: Any, calls: int = 1, *, tries: int) -> float:
    return min(_seconds(read, content, calls) for _ in range(tries))


def _seconds(read: Callable[[Any], object], content: Any, calls: int = 1) -> float:
    gc.disable()
    began = time.process_time()
    try:
        for _ in range(calls):
            read(content)
    finally:
        gc.enable()
    return max(time.process_time() - began, 1e-6)
