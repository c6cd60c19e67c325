"""Reads phone cells by what is settled about their column: each gives a canonical number, or the reason why there is none."""

from typing import Final, Literal

from voisoadmin.phones.bare import Evidence, Judgement, Seen, Way, class_of, look, way_of_own_code
from voisoadmin.phones.kinds import LONGEST_TAKEN, exact_numbers, has_few_lengths, is_exact, is_taken
from voisoadmin.phones.phone_result import NO_COUNTRY, UNCERTAIN, PhoneResult, judged
from voisoadmin.phones.plans import Reading, home_of, is_international, is_whole, read_international
from voisoadmin.phones.spelling import ROUNDED, Spelling, easy_digits, spell

PREFIX_REMOVED = "trunk_prefix_removed"
Numbers = Literal["auto", "international", "national"]
"""How digits without + or 00 are read."""
INTERNATIONAL: Final = "international"


class UnknownRegion(ValueError):
    """Not the two letters of a country."""


class SettledReader:
    """Reads cells, and counts in `evidence` what they are.

    `answer`: what a person said about the digits without + or 00 of this column: a country, or `international`.
    `is_stated`: the row itself says that its number is of this country.
    """

    def __init__(self, region: str, numbers: Numbers, *, answer: str, settled: Judgement, is_stated: bool = False) -> None:
        self.region = region.upper()
        self.numbers = numbers
        self.answer = answer
        self.evidence = Evidence()
        self._home = home_of(self.region) if region else None
        if region and self._home is None:
            raise UnknownRegion(f"“{self.region}” is not a country code. Use two letters, for example GB.")
        self._own_code = self._home.plan.calling_code if self._home else "+"
        self._own_way = way_of_own_code(self._home) if self._home else Way.OWN
        self._is_stated = is_stated
        self.settle(settled)

    def settle(self, judgement: Judgement) -> None:
        self.settled = judgement
        self._is_doubted = judgement.misfit and not self.answer
        self._is_certain = judgement.home and not self._is_doubted
        takes_exact = self._is_certain and judgement.exact and self.numbers == "auto" and self.answer != INTERNATIONAL
        self._exact = exact_numbers(self.region) if takes_exact and not judgement.rivals else {}

    def read(self, text: str) -> PhoneResult:
        easy = easy_digits(text)
        if not easy:
            return self._read_any(text)
        found = self._read_easy(easy)
        if found is None:
            is_any = easy[0] in "+0" or easy[-5:] == ROUNDED
            found = self._read_any(text) if is_any else self._bare(Spelling(easy))
        return found

    def number_of(self, text: str) -> str:
        """The number of a cell without + or 00, as an answered reader reads it; "" for none. It counts nothing."""
        digits = easy_digits(text)
        if digits and self._home is not None and self.answer != INTERNATIONAL:
            number = self._home.number_of(digits)
            if number:
                return number
        return self.read(text).number

    def _read_easy(self, digits: str) -> PhoneResult | None:
        """The result of `_read_any` for most cells of most columns, in a third of its time; None for all others."""
        first = digits[0]
        if first == "+":
            digits = digits[1:]
            if not is_whole(digits):
                return None
            self.evidence.certain[digits[:3]] += 1
            return PhoneResult(digits)
        if self._home is None or not self._is_certain:
            return None
        if first == "0":
            number = self._home.number_of(digits) if digits[1:2] != "0" else ""
            if number:
                self.evidence.zero += 1
                return PhoneResult(number)
        elif (
            digits.startswith(self._own_code)
            and self.numbers != "national"
            and len(digits) not in self._home.plan.valid
            and digits[-5:] != ROUNDED
            and is_whole(digits)
        ):
            if self._own_way is Way.OWN:
                self.evidence.own += 1
            else:
                self.evidence.trunk += 1
            return PhoneResult(digits)
        elif (pattern := self._exact.get(len(digits))) and pattern.fullmatch(digits):
            if is_international(digits):
                self.evidence.both += 1
            else:
                self.evidence.national += 1
            return PhoneResult(self._own_code + digits, "", "leading_zero_missing" if self._home.trunk.zero else "")
        return None

    def _read_any(self, text: str) -> PhoneResult:
        spelling = spell(text)
        if spelling.problem:
            return PhoneResult("", spelling.problem)
        if spelling.plus:
            return self._abroad(spelling.digits, spelling)
        if spelling.digits[0] == "0":
            return self._with_zeros(spelling) if spelling.digits.startswith("00") else self._with_zero(spelling)
        found = self._bare(spelling)
        if not spelling.rounded:
            return found
        self.evidence.rounded += 1
        return PhoneResult("", "damaged_rounded") if self.settled.rounded else found

    def _abroad(self, digits: str, spelling: Spelling) -> PhoneResult:
        """Digits that certainly begin with a country code."""
        result = (
            PhoneResult(digits, "", spelling.warning)
            if is_whole(digits)
            else judged(read_international(digits), spelling, PREFIX_REMOVED)
        )
        if result.number:
            self.evidence.certain[result.number[:3]] += 1
        return result

    def _with_zeros(self, spelling: Spelling) -> PhoneResult:
        """Digits that begin with 00: a country code follows, unless this country's own prefix is longer (Australia:
        0011)."""
        result = self._abroad(spelling.digits[2:], spelling)
        own = self._home.abroad if self._home and self.settled.home else ""
        if result.number or len(own) < 3 or not spelling.digits.startswith(own):
            return result
        return self._abroad(spelling.digits[len(own) :], spelling)

    def _with_zero(self, spelling: Spelling) -> PhoneResult:
        """Digits that begin with a zero: never a country code, so national, or an international prefix of this country."""
        if self._home is None:
            self.evidence.neither += 1
            return NO_COUNTRY
        national = self._home.read(spelling.digits)
        if national.valid:
            self.evidence.zero += 1
            if not self.settled.home:
                return NO_COUNTRY
            return UNCERTAIN if self._is_doubted else PhoneResult(national.number, "", spelling.warning)
        prefix = self._home.abroad if self.settled.home else ""
        if prefix and spelling.digits.startswith(prefix):
            abroad = self._abroad(spelling.digits[len(prefix) :], spelling)
            if abroad.number:
                return abroad
        self.evidence.neither += 1
        return judged(national, spelling) if self.settled.home else NO_COUNTRY

    def _bare(self, spelling: Spelling) -> PhoneResult:
        """Digits that may begin with a country code, or be national."""
        if self.numbers != "auto":
            return self._as_chosen(spelling)
        if self._home is None:
            return self._away(spelling)
        seen = look(self._home, spelling.digits)
        self.evidence.count(seen.way)
        if not self.settled.home:
            return self._away(spelling)
        match seen.way:
            case Way.OWN:
                return judged(seen.abroad, spelling, PREFIX_REMOVED)
            case Way.TRUNK if not self._is_doubted:
                return judged(seen.national, spelling)
            case Way.NATIONAL if not (self._is_doubted or self._has_rival(seen.national, spelling.digits)):
                return self._lost_zero(seen.national, spelling)
            case Way.FOREIGN if not self._is_stated and self._is_foreign(seen.abroad, spelling.digits):
                return judged(seen.abroad, spelling, PREFIX_REMOVED)
            case Way.BOTH:
                return self._either(seen, spelling)
            case Way.NEITHER:
                return judged(seen.national, spelling)
        return UNCERTAIN

    def _as_chosen(self, spelling: Spelling) -> PhoneResult:
        """Bare digits as a person said that all of them are."""
        self.evidence.as_chosen += 1
        digits = spelling.digits
        own = self._home is not None and digits.startswith(self._own_code)
        abroad = read_international(digits) if self.numbers == "international" or own else None
        home = self._home.read(digits) if self._home and self.numbers == "national" else None
        if home and home.valid:
            return self._lost_zero(home, spelling)
        if abroad and abroad.valid:
            return judged(abroad, spelling, PREFIX_REMOVED)
        return judged(home or abroad, spelling) if self._home else NO_COUNTRY

    def _away(self, spelling: Spelling) -> PhoneResult:
        """Bare digits in a column whose country no person chose."""
        abroad = read_international(spelling.digits)
        if self._home is None:
            self.evidence.count(Way.FOREIGN if abroad and abroad.valid else Way.NEITHER)
        if abroad is None or not abroad.valid:
            return NO_COUNTRY
        name = class_of(abroad)
        if self.answer or (self.settled.abroad and name in self.settled.known and name not in self.settled.doubted):
            return judged(abroad, spelling, PREFIX_REMOVED)
        return NO_COUNTRY

    def _has_rival(self, national: Reading, digits: str) -> bool:
        """Whether another country of the column would take these digits as well."""
        if self.answer:
            return False
        homes = (home_of(region) for region in self.settled.rivals)
        return any(home is not None and home.number_of(digits) not in {"", national.number} for home in homes)

    def _is_foreign(self, abroad: Reading | None, digits: str) -> bool:
        if self.answer == INTERNATIONAL or len(digits) > LONGEST_TAKEN:
            return not self._is_doubted
        if abroad is None or self._is_doubted:
            return False
        name = class_of(abroad)
        return name not in self.settled.doubted and (name in self.settled.known or not is_taken(digits))

    def _either(self, seen: Seen, spelling: Spelling) -> PhoneResult:
        """Valid both as a national number and with a country code."""
        national, abroad, settled = seen.national, seen.abroad, self.settled
        if abroad is None or self._home is None or self._is_doubted:
            return UNCERTAIN
        if self.answer == INTERNATIONAL:
            return judged(abroad, spelling, PREFIX_REMOVED)
        if self.answer or (self._is_stated and not spelling.digits.startswith(self._own_code)):
            return self._lost_zero(national, spelling)
        is_known = class_of(national) in settled.known
        if not spelling.digits.startswith(self._own_code):
            if settled.exact and is_exact(self._home, national.number[len(self._own_code) :]):
                return self._lost_zero(national, spelling)
            few = has_few_lengths(self._own_code, national.number[len(self._own_code) :])
            if settled.bare == "national" and is_known and few:
                return judged(national, spelling, warning="could_be_international")
        if settled.bare == "international" and not is_known and class_of(abroad) in settled.known:
            return judged(abroad, spelling, warning="could_be_national")
        return UNCERTAIN

    def _lost_zero(self, national: Reading, spelling: Spelling) -> PhoneResult:
        is_lost = self._home is not None and self._home.trunk.zero and not national.prefix_removed
        return judged(national, spelling, warning="leading_zero_missing" if is_lost else "")
