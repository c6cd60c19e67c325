"""Reads a column of phone numbers: each cell to a canonical number, or to the reason why there is none."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple

from phonenumbers import PhoneMetadata

from voisoadmin.phones.plans import REGION_CODES, Reading, calling_code_of, plan_of, read_international, read_national, trunk_of
from voisoadmin.phones.spelling import Spelling, spell

Numbers = Literal["auto", "international", "national"]
"""How digits without + or 00 are read."""


class PhoneResult(NamedTuple):
    number: str = ""  # E.164 digits without +; empty if there is none
    code: str = ""  # of PROBLEMS, if there is no number
    warning: str = ""  # of WARNINGS


class UnknownRegion(ValueError):
    """Not the two letters of a country."""


@dataclass(slots=True)
class Votes:
    """What the cells of a column say about digits without + or 00."""

    international: int = 0  # bare digits that can only begin with a calling code
    national: int = 0  # bare digits that can only be national
    with_zero: int = 0  # national numbers written with their leading zero
    ambiguous: int = 0  # bare digits that can be both

    def reading(self) -> Numbers:
        """The reading that fits more cells; `auto` if the column does not say."""
        if self.international != self.national:
            return "international" if self.international > self.national else "national"
        # Who writes national numbers with their zero does not leave it out: bare digits begin with a calling code.
        return "international" if self.with_zero else "auto"


class Reader:
    """Reads the cells of one column.

    With `auto`, bare digits that are valid both ways are read as the rest of the column is. That is known for sure only
    after the last cell: `learn` settles it by a sample, and `unsettled` tells at the end whether the whole column says
    otherwise. Then it must be read again, with what `unsettled` returned: the result depends on the whole column alone.
    """

    def __init__(self, region: str = "", numbers: Numbers = "auto") -> None:
        region = region.upper()
        if region and region not in REGION_CODES:
            raise UnknownRegion(f"“{region}” is not the code of a country; use two letters, for instance GB.")
        self.region = region
        self.numbers = numbers
        self.votes = Votes()
        self.settled: Numbers = "auto"
        self._own_code = calling_code_of(region) if region else ""
        trunk = trunk_of(region) if region else None
        self._zero = bool(trunk and trunk.zero)

    def learn(self, cells: Iterable[str]) -> None:
        """Settle the reading of bare digits by a sample of the column."""
        for cell in cells:
            self.read(cell)
        self.settled = self.votes.reading()
        self.votes = Votes()

    def settle(self, reading: Numbers) -> None:
        self.settled = reading

    def unsettled(self) -> Numbers | None:
        """After the last cell: the reading with which the column must be read again, None if all is well."""
        reading = self.votes.reading()
        return reading if self.votes.ambiguous and reading != self.settled else None

    def read(self, text: str) -> PhoneResult:
        spelling = spell(text)
        if spelling.problem:
            return PhoneResult("", spelling.problem)
        if spelling.international:
            return _judged(read_international(spelling.digits), spelling, "trunk_prefix_removed")
        if spelling.digits[0] == "0":
            return self._with_zero(spelling)
        return self._bare(spelling)

    def _with_zero(self, spelling: Spelling) -> PhoneResult:
        """Digits that begin with a zero: never a calling code, so national, or an international prefix of this country."""
        if not self.region:
            return PhoneResult("", "no_country")
        national = read_national(spelling.digits, self.region)
        if national.valid:
            self.votes.with_zero += 1
            return PhoneResult(national.number, "", spelling.warning)
        prefix = _dialling_prefix(self.region).match(spelling.digits)
        if prefix:
            abroad = read_international(spelling.digits[prefix.end() :])
            if abroad and abroad.valid:
                return _judged(abroad, spelling, "trunk_prefix_removed")
        return _judged(national, spelling, "")

    def _bare(self, spelling: Spelling) -> PhoneResult:
        digits = spelling.digits
        abroad = read_international(digits) if self.numbers != "national" or digits.startswith(self._own_code or "+") else None
        if not self.region:
            if abroad and abroad.valid:
                return _judged(abroad, spelling, "trunk_prefix_removed")
            return PhoneResult("", "no_country")
        home = read_national(digits, self.region) if self.numbers != "international" else None
        at_home, from_abroad = bool(home and home.valid), bool(abroad and abroad.valid)
        if at_home and from_abroad:
            return self._both(spelling, home, abroad)
        if from_abroad:
            self.votes.international += 1
            return _judged(abroad, spelling, "trunk_prefix_removed")
        if at_home:
            self.votes.national += 1
            return _judged(home, spelling, "", "leading_zero_missing" if self._lost_zero(home) else "")
        return _judged(home or abroad, spelling, "")

    def _both(self, spelling: Spelling, home: Reading | None, abroad: Reading | None) -> PhoneResult:
        """Valid as a national number and with a calling code."""
        assert home is not None
        assert abroad is not None
        if self.numbers == "national":
            return _judged(home, spelling, "")
        if spelling.digits.startswith(self._own_code) or home.number == abroad.number:
            if home.number != abroad.number:
                self.votes.international += 1
            return _judged(abroad, spelling, "trunk_prefix_removed")
        self.votes.ambiguous += 1
        if self.settled == "international":
            return _judged(abroad, spelling, "", "could_be_national")
        if self.settled == "national":
            return _judged(home, spelling, "", "could_be_international")
        return PhoneResult("", "ambiguous_number")

    def _lost_zero(self, home: Reading | None) -> bool:
        return self._zero and home is not None and not home.prefix_removed


def _judged(reading: Reading | None, spelling: Spelling, removed: str, warning: str = "") -> PhoneResult:
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


@cache
def _dialling_prefix(region: str) -> re.Pattern[str]:
    """What is dialled in this region before a calling code, where it begins with a zero but is not 00: 011, 010, 0011 ..."""
    metadata = PhoneMetadata.metadata_for_region(region, None)
    prefix = metadata.international_prefix if metadata else None
    return re.compile(f"(?=0)(?:{prefix})(?!0)" if prefix else r"(?!)")
