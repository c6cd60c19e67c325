"""Reads a column of phone numbers: each cell gives a canonical number, or the reason why there is none."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from voisoadmin.phones.plans import Reading, home_of, is_whole, plan_of, read_international
from voisoadmin.phones.spelling import Spelling, easy_digits, spell

PREFIX_REMOVED = "trunk_prefix_removed"
Numbers = Literal["auto", "international", "national"]
"""How digits without + or 00 are read."""


class PhoneResult(NamedTuple):
    number: str = ""  # E.164 digits without +; empty if there is none
    code: str = ""  # code in PROBLEMS, if there is no number
    warning: str = ""  # codes in WARNINGS


class UnknownRegion(ValueError):
    """Not the two letters of a country."""


@dataclass(slots=True)
class Votes:
    """Counts what the cells of a column suggest about digits without + or 00."""

    international: int = 0  # bare digits that are valid only with a country code
    national: int = 0  # bare digits that are valid only as a national number
    with_zero: int = 0  # national numbers written with their leading zero
    ambiguous: int = 0  # bare digits that are valid both ways

    def __add__(self, other: "Votes") -> "Votes":
        return Votes(
            self.international + other.international,
            self.national + other.national,
            self.with_zero + other.with_zero,
            self.ambiguous + other.ambiguous,
        )

    def reading(self) -> Numbers:
        """The reading that fits more cells; `auto` if the column doesn't decide it."""
        if self.international != self.national:
            return "international" if self.international > self.national else "national"
        # A writer who uses the national leading zero doesn't leave it out: bare digits begin with a country code.
        return "international" if self.with_zero else "auto"


class Reader:
    """Reads the cells of one column.

    With `auto`, bare digits that are valid both ways are read like the rest of the column. That is only certain after the
    last cell: `learn` decides from a sample, and `unsettled` reports at the end if the whole column says otherwise. Then
    read it again with the value that `unsettled` returned: the result depends on the whole column only.
    """

    def __init__(self, region: str = "", numbers: Numbers = "auto") -> None:
        region = region.upper()
        self.region = region
        self.numbers = numbers
        self.votes = Votes()
        self.settled: Numbers = "auto"
        self._home = home_of(region) if region else None
        self._own_code = self._home.plan.calling_code if self._home else "+"
        if region and self._home is None:
            raise UnknownRegion(f"“{region}” is not a country code. Use two letters, for example GB.")

    def learn(self, cells: Iterable[str]) -> None:
        """Decide the reading of bare digits from a sample of the column."""
        for cell in cells:
            self.read(cell)
        self.settled = self.votes.reading()
        self.votes = Votes()

    def settle(self, reading: Numbers) -> None:
        self.settled = reading

    def unsettled(self) -> Numbers | None:
        """After the last cell: the reading with which the column must be read again, or None."""
        reading = self.votes.reading()
        return reading if self.votes.ambiguous and reading != self.settled else None

    def read(self, text: str) -> PhoneResult:
        easy = easy_digits(text)
        return (easy and self._read_easy(easy)) or self._read_any(text)

    def _read_easy(self, digits: str) -> PhoneResult | None:
        """The result of `_read_any` for most cells of most columns, in a third of its time; None for all others."""
        first = digits[0]
        if first == "+":
            return PhoneResult(digits[1:]) if is_whole(digits[1:]) else None
        if first == "0":
            number = self._home.number_of(digits) if self._home and digits[1:2] != "0" else ""
            if number:
                self.votes.with_zero += 1
                return PhoneResult(number)
        elif digits.startswith(self._own_code) and self.numbers != "national" and is_whole(digits):
            self.votes.international += 1
            return PhoneResult(digits)
        return None

    def _read_any(self, text: str) -> PhoneResult:
        spelling = spell(text)
        if spelling.problem:
            return PhoneResult("", spelling.problem)
        if spelling.plus:
            return _abroad(spelling.digits, spelling)
        if spelling.digits[0] == "0":
            return self._with_zeros(spelling) if spelling.digits.startswith("00") else self._with_zero(spelling)
        return self._bare(spelling)

    def _with_zeros(self, spelling: Spelling) -> PhoneResult:
        """Digits that begin with 00: a country code follows, unless this country's own prefix is longer (Australia:
        0011)."""
        result = _abroad(spelling.digits[2:], spelling)
        own = self._home.abroad if self._home else ""
        if result.number or len(own) < 3 or not spelling.digits.startswith(own):
            return result
        return _abroad(spelling.digits[len(own) :], spelling)

    def _with_zero(self, spelling: Spelling) -> PhoneResult:
        """Digits that begin with a zero: never a country code, so national, or an international prefix of this country."""
        if self._home is None:
            return PhoneResult("", "no_country")
        national = self._home.read(spelling.digits)
        if national.valid:
            self.votes.with_zero += 1
            return PhoneResult(national.number, "", spelling.warning)
        prefix = self._home.abroad
        if prefix and spelling.digits.startswith(prefix):
            abroad = _abroad(spelling.digits[len(prefix) :], spelling)
            if abroad.number:
                return abroad
        return _judged(national, spelling)

    def _bare(self, spelling: Spelling) -> PhoneResult:
        """Digits that may begin with a country code, or be national."""
        digits = spelling.digits
        with_own_code = digits.startswith(self._own_code)
        if with_own_code and self.numbers != "national" and is_whole(digits):
            self.votes.international += 1
            return PhoneResult(digits, "", spelling.warning)
        abroad = read_international(digits) if self.numbers != "national" or with_own_code else None
        if self._home is None:
            return _judged(abroad, spelling, PREFIX_REMOVED) if abroad and abroad.valid else PhoneResult("", "no_country")
        home = self._home.read(digits) if self.numbers != "international" else None
        if home and home.valid:
            if abroad and abroad.valid and self.numbers == "auto":
                return self._either(spelling, home, abroad)
            self.votes.national += 1
            lost_zero = self._home.trunk.zero and not home.prefix_removed
            return _judged(home, spelling, warning="leading_zero_missing" if lost_zero else "")
        if abroad and abroad.valid:
            self.votes.international += 1
            return _judged(abroad, spelling, PREFIX_REMOVED)
        return _judged(home or abroad, spelling)

    def _either(self, spelling: Spelling, home: Reading, abroad: Reading) -> PhoneResult:
        """Valid both as a national number and with a country code."""
        if home.number == abroad.number or spelling.digits.startswith(self._own_code):
            self.votes.international += 1
            return _judged(abroad, spelling, PREFIX_REMOVED)
        self.votes.ambiguous += 1
        if self.settled == "international":
            return _judged(abroad, spelling, warning="could_be_national")
        if self.settled == "national":
            return _judged(home, spelling, warning="could_be_international")
        return PhoneResult("", "ambiguous_number")


def _abroad(digits: str, spelling: Spelling) -> PhoneResult:
    """Digits that certainly begin with a country code."""
    if is_whole(digits):
        return PhoneResult(digits, "", spelling.warning)
    return _judged(read_international(digits), spelling, PREFIX_REMOVED)


def _judged(reading: Reading | None, spelling: Spelling, removed: str = "", warning: str = "") -> PhoneResult:
    if reading is None:
        return PhoneResult("", "unknown_calling_code")
    if reading.valid:
        if reading.prefix_removed and removed:
            warning = removed
        return PhoneResult(reading.number, "", warning or spelling.warning)
    plan = plan_of(reading.calling_code)
    assert plan is not None
    length = len(reading.number) - len(reading.calling_code)
    if length < min(plan.valid):
        return PhoneResult("", "too_short")
    return PhoneResult("", "too_long" if length > max(plan.valid) else "not_in_use")
