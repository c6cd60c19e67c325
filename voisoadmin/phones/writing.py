"""Reads numbers of a source that writes one at a time: a person has said how it writes digits without + or 00.

A column settles doubts by its other cells; a single number can't. So nothing is guessed here, and what doesn't fit the
chosen way is refused.
"""

from enum import StrEnum
from functools import lru_cache

from voisoadmin.phones.countries import countries
from voisoadmin.phones.kinds import is_taken, kinds_of
from voisoadmin.phones.phone_result import NO_COUNTRY, PhoneResult, judged
from voisoadmin.phones.plans import home_of, is_international, read_international
from voisoadmin.phones.reader import Reader
from voisoadmin.phones.settled import PREFIX_REMOVED
from voisoadmin.phones.spelling import Spelling

OTHER_WRITING = PhoneResult("", "other_writing")


class Writing(StrEnum):
    """What digits without + or 00 are."""

    REFUSE = "refuse"  # refused
    NATIONAL = "national"  # numbers of one country, which has one or two lengths
    WITH_CODE = "with_code"  # whole numbers that only lack the +


@lru_cache
def has_fixed_length(region: str) -> bool:
    """Whether a source may write national numbers of this country: others have too many lengths to be recognised."""
    home = home_of(region)
    return home is not None and kinds_of(home.plan.calling_code).has_fixed_length


@lru_cache
def countries_of_fixed_length() -> dict[str, str]:
    """Code to name, sorted by name."""
    return {code: name for code, name in countries().items() if has_fixed_length(code)}


class WritingReader(Reader):
    """Reads each number as if it were the only one."""

    def __init__(self, writing: Writing, region: str = "") -> None:
        is_national = writing == Writing.NATIONAL
        super().__init__(region if is_national else "", "national" if is_national else "international")
        self.writing = writing

    def twin(self) -> "WritingReader":
        return WritingReader(self.writing, self.region)

    def learn(self, cells: object) -> None:
        """Nothing: another number says nothing about this one."""

    def keep_some(self, cells: object) -> None:
        """None: it is read as long as its process lives."""

    def _as_chosen(self, spelling: Spelling) -> PhoneResult:
        digits = spelling.digits
        match self.writing:
            case Writing.NATIONAL if self._home is not None:
                national = self._home.read(digits)
                if national.valid:
                    return self._lost_zero(national, spelling)
                return OTHER_WRITING if is_international(digits) else judged(national, spelling)
            case Writing.WITH_CODE:
                abroad = read_international(digits)
                if abroad is not None and abroad.valid:
                    return judged(abroad, spelling, PREFIX_REMOVED)
                return OTHER_WRITING if is_taken(digits) else judged(abroad, spelling)
        return NO_COUNTRY

    def _with_zero(self, spelling: Spelling) -> PhoneResult:
        if self.writing == Writing.WITH_CODE:
            return OTHER_WRITING if is_taken(spelling.digits[1:]) else NO_COUNTRY
        return super()._with_zero(spelling)


@lru_cache
def reader_of(writing: Writing, region: str) -> WritingReader:
    """One for all numbers of such sources."""
    return WritingReader(writing, region)
