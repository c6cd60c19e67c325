"""Mobile or fixed, and how long: what distinguishes numbers of one country from those of another.

Only numbers that people have at home or in their pockets count; services, pagers and the like are of no kind.
"""

import re
from dataclasses import dataclass
from functools import cache

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, PhoneNumberDesc

from voisoadmin.phones.plans import Home, home_of

MOBILE, FIXED, EITHER, NO_KIND = "mobile", "fixed", "either", ""
FEW_LENGTHS = 2
SHORTEST = 7  # digits of numbers that fill a list
LONGEST_TAKEN = 11  # bare digits of a country whose numbers have one or two lengths, with their trunk digit
WORLD = "001"


@dataclass(frozen=True, slots=True)
class Kinds:
    """The mobile and fixed numbers behind a country code."""

    patterns: dict[int, tuple[re.Pattern[str] | None, re.Pattern[str] | None]]  # length -> mobile, fixed
    lengths: dict[str, frozenset[int]]  # mobile, fixed -> lengths

    def of(self, national: str) -> str:
        mobile, fixed = self.patterns.get(len(national), (None, None))
        is_mobile = mobile is not None and mobile.fullmatch(national) is not None
        is_fixed = fixed is not None and fixed.fullmatch(national) is not None
        if is_mobile:
            return EITHER if is_fixed else MOBILE
        return FIXED if is_fixed else NO_KIND

    @property
    def has_fixed_length(self) -> bool:
        """Whether numbers have one or two lengths."""
        return 0 < len(self.lengths[MOBILE] | self.lengths[FIXED]) <= FEW_LENGTHS


@cache
def exact_numbers(region: str) -> dict[int, re.Pattern[str]]:
    """Of a country whose numbers have one or two lengths: by their length, national numbers that are `is_exact` and begin
    with no trunk digit or country code. Empty for any other country."""
    home = home_of(region)
    if home is None or not kinds_of(home.plan.calling_code).has_fixed_length:
        return {}
    kinds = kinds_of(home.plan.calling_code)
    prefix = home.trunk.prefix.pattern if home.trunk.prefix else "(?!)"
    found = {}
    for length in kinds.lengths[MOBILE] | kinds.lengths[FIXED]:
        pair = [pattern.pattern for pattern in kinds.patterns.get(length, ()) if pattern]
        valid = home.plan.valid.get(length)
        if pair and valid:
            either = "|".join(f"(?:{pattern})" for pattern in pair)
            not_before = f"(?!{home.plan.calling_code})(?!{prefix})"
            found[length] = re.compile(f"{not_before}(?=(?:{valid.pattern})\\Z)(?:{either})")
    return found


@cache
def kinds_of(calling_code: str) -> Kinds:
    every = [PhoneMetadata.metadata_for_region_or_calling_code(int(calling_code), region) for region in _REGIONS[calling_code]]
    plans = [metadata for metadata in every if metadata is not None]
    lengths = {kind: frozenset(_lengths(plans[0], kind)) for kind in (MOBILE, FIXED)}
    patterns = {}
    for length in sorted({length for metadata in plans for kind in (MOBILE, FIXED) for length in _lengths(metadata, kind)}):
        mobile, fixed = (_pattern(plans, kind, length) for kind in (MOBILE, FIXED))
        patterns[length] = mobile, fixed
    return Kinds(patterns, lengths)


_REGIONS = {str(code): regions for code, regions in COUNTRY_CODE_TO_REGION_CODE.items()}


def main_region(calling_code: str) -> str:
    """The region that gives this country code its name; "" for services of the whole world."""
    region = _REGIONS[calling_code][0]
    return "" if region == WORLD else region


def is_exact(home: Home, national: str) -> bool:
    """Whether a national number of this length and kind is written without any doubt: its country has no shorter or longer
    ones of the kind.

    Where people write no trunk digit, bare digits are how they write, so two lengths of a kind are as good as one.
    """
    kinds = kinds_of(home.plan.calling_code)
    kind = kinds.of(national)
    if kind == NO_KIND:
        return False
    if kinds.has_fixed_length:
        return len(national) in kinds.lengths[MOBILE] | kinds.lengths[FIXED]
    lengths = kinds.lengths[FIXED if kind == FIXED else MOBILE]
    return len(lengths) <= (1 if home.trunk.zero else FEW_LENGTHS)


def has_few_lengths(calling_code: str, national: str) -> bool:
    """Whether numbers of this kind have one or two lengths in their country; others accept too much to be recognised."""
    kinds = kinds_of(calling_code)
    kind = kinds.of(national)
    return kind != NO_KIND and len(kinds.lengths[FIXED if kind == FIXED else MOBILE]) <= FEW_LENGTHS


def is_taken(digits: str) -> bool:
    """Whether a country whose numbers have one or two lengths, or whose mobile numbers have one, would take these bare digits
    as its own."""
    return any(pattern.fullmatch(digits) for pattern in _takers(len(digits)).values())


def takers_of(digits: str) -> list[str]:
    """The country codes of those countries."""
    return [code for code, pattern in _takers(len(digits)).items() if pattern.fullmatch(digits)]


@cache
def _takers(total: int) -> dict[str, re.Pattern[str]]:
    """Country code -> the pattern of bare digits of this length, with the trunk digit that may come before."""
    found = {}
    for code in _REGIONS:
        kinds, region = kinds_of(code), main_region(code)
        if not region or not (kinds.has_fixed_length or len(kinds.lengths[MOBILE]) == 1):
            continue
        trunk = trunk_digit(region) if kinds.has_fixed_length else ""
        ways = [_as_written(kinds, total, "")]
        if trunk:
            ways.append(_as_written(kinds, total - 1, trunk))
        if any(ways):
            found[code] = re.compile("|".join(filter(None, ways)))
    return found


def _as_written(kinds: Kinds, length: int, trunk: str) -> str:
    pair: tuple[re.Pattern[str] | None, ...] = kinds.patterns.get(length, ()) if length >= SHORTEST else ()
    if not kinds.has_fixed_length:
        pair = pair[:1]  # landlines of many lengths would take most digits
    national = "|".join(f"(?:{pattern.pattern})" for pattern in pair if pattern)
    return f"(?:{trunk}(?:{national}))" if national else ""


@cache
def trunk_digit(region: str) -> str:
    """The digit other than 0 that people of this country write before the area code; "" if there is none, or if it makes
    the same number as the country code."""
    home, metadata = home_of(region), PhoneMetadata.metadata_for_region(region, None)
    if home is None or metadata is None:
        return ""
    example = next(
        (desc.example_number for desc in (metadata.fixed_line, metadata.mobile) if desc and desc.example_number), None
    )
    if example is None:
        return ""
    number = home.number_of(example)
    digits = (digit for digit in "123456789" if digit != home.plan.calling_code)
    return next((digit for digit in digits if home.read(digit + example) == (number, True, True, home.plan.calling_code)), "")


def _desc(metadata: PhoneMetadata, kind: str) -> PhoneNumberDesc | None:
    return metadata.mobile if kind == MOBILE else metadata.fixed_line


def _lengths(metadata: PhoneMetadata, kind: str) -> set[int]:
    desc = _desc(metadata, kind)
    if desc is None or not desc.national_number_pattern or metadata.general_desc is None:
        return set()
    lengths = desc.possible_length or metadata.general_desc.possible_length
    return {length for length in lengths if length > 0}


def _pattern(plans: list[PhoneMetadata], kind: str, length: int) -> re.Pattern[str] | None:
    sources = [
        desc.national_number_pattern
        for metadata in plans
        if length in _lengths(metadata, kind) and (desc := _desc(metadata, kind))
    ]
    return re.compile("|".join(f"(?:{source})" for source in sources)) if sources else None
