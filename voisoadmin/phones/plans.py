"""Numbering plans: phonenumbers' own metadata, compiled so that a million rows take seconds.

`phonenumbers` is the authority: for every string of digits these functions return the number that its `parse` returns,
and accept it exactly when its `is_valid_number` does (tests/phones/test_plans.py compares both). It is compiled because
the library takes 25 to 30 microseconds a number, mostly for freedoms that `spelling.py` has already removed.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata
from phonenumbers.phonemetadata import PhoneNumberDesc

MAX_DIGITS = 15
"""Of an international number (E.164). The library has a few longer ones, none of which can be dialled from abroad."""

MIN_NATIONAL_DIGITS = 2  # the library rejects shorter numbers without a look


class Reading(NamedTuple):
    """The result of reading a string of digits in one way."""

    number: str  # E.164 digits without +; use only if `valid`
    valid: bool
    prefix_removed: bool  # a trunk prefix (or the country's equivalent) was removed or rewritten
    calling_code: str


@dataclass(frozen=True, slots=True)
class Trunk:
    """How a region writes its own numbers: which prefixes can come before the national number."""

    prefix: re.Pattern[str] | None
    rewrite: str  # replacement for the prefix, in countries that replace it; "" removes it
    general: re.Pattern[str]
    lengths: frozenset[int]  # of a whole national number
    local_lengths: frozenset[int]  # of a number without its area code
    longest: int
    zero: bool  # national numbers are written with a leading 0

    def strip(self, national: str) -> str:
        """The national significant number, as `phonenumbers.parse` finds it."""
        match = self.prefix.match(national) if self.prefix else None
        if not self.prefix or not match:
            return national
        if self.rewrite and match.group(match.re.groups) is not None:
            stripped = self.prefix.sub(self.rewrite, national, count=1)
        else:
            stripped = national[match.end() :]
        if not self.general.fullmatch(stripped) and self.general.fullmatch(national):
            return national
        length = len(stripped)
        if length in self.local_lengths:
            return national
        return stripped if length in self.lengths or length > self.longest else national


@dataclass(frozen=True, slots=True)
class Plan:
    """The numbers behind one country code, which several regions may share."""

    calling_code: str
    trunk: Trunk
    valid: dict[int, re.Pattern[str]]  # length of the national number -> the pattern it must match

    def accepts(self, national: str) -> bool:
        pattern = self.valid.get(len(national))
        return pattern is not None and pattern.fullmatch(national) is not None

    def read(self, national: str, trunk: Trunk) -> Reading:
        stripped = trunk.strip(national)
        number = self.calling_code + stripped
        valid = len(number) <= MAX_DIGITS and self.accepts(stripped)
        return Reading(number, valid, stripped is not national and stripped != national, self.calling_code)


def is_whole(digits: str) -> bool:
    """Whether these digits are a number in use, country code included; the fast path for most of a column."""
    code_length, valid, prefix = _PLANS.get(digits[:3]) or _remembered(digits)
    national = digits[code_length:]
    pattern = valid.get(len(national))
    if pattern is None or pattern.fullmatch(national) is None or len(digits) > MAX_DIGITS:
        return False
    return prefix is None or prefix.match(national) is None


def is_international(digits: str) -> bool:
    """Whether `read_international` finds a number in use."""
    code_length, valid, prefix = _PLANS.get(digits[:3]) or _remembered(digits)
    national = digits[code_length:]
    if prefix is not None and prefix.match(national) is not None:
        reading = read_international(digits)
        return reading is not None and reading.valid
    pattern = valid.get(len(national))
    return pattern is not None and pattern.fullmatch(national) is not None and len(digits) <= MAX_DIGITS


PlanData = tuple[int, dict[int, re.Pattern[str]], re.Pattern[str] | None]
"""Length of the country code, patterns of national numbers by their length, and the trunk prefix."""
_PLANS: dict[str, PlanData] = {}
_BY_PREFIX: "dict[str, Plan | None]" = {}
"""Both by a number's first three digits: a thousand entries."""


def _remembered(digits: str) -> PlanData:
    plan = _plan_of_number(digits)
    found = _PLANS[digits[:3]] = (len(plan.calling_code), plan.valid, plan.trunk.prefix) if plan else (0, {}, None)
    return found


def _plan_of_number(digits: str) -> Plan | None:
    start = digits[:3]
    if start not in _BY_PREFIX:
        _BY_PREFIX[start] = next((plan for length in (1, 2, 3) if (plan := plan_of(start[:length]))), None)
    return _BY_PREFIX[start]


def code_of(digits: str) -> str:
    """The country code that these digits begin with; "" for none."""
    plan = _plan_of_number(digits)
    return plan.calling_code if plan else ""


def read_international(digits: str) -> Reading | None:
    """Read digits that begin with a country code; None if they begin with none."""
    plan = _plan_of_number(digits)
    if plan is None:
        return None
    national = digits[len(plan.calling_code) :]
    if len(national) < MIN_NATIONAL_DIGITS:
        return Reading(digits, False, False, plan.calling_code)
    return plan.read(national, plan.trunk)


@dataclass(frozen=True, slots=True)
class Home:
    """A region, as seen by people who dial there."""

    region: str
    plan: Plan
    trunk: Trunk
    abroad: str  # the international prefix, if there is only one and it begins with a zero: 00, 011, 0011 ...

    def read(self, digits: str) -> Reading:
        """Read digits as someone in this region would dial them."""
        if len(digits) < MIN_NATIONAL_DIGITS:
            return Reading(self.plan.calling_code + digits, False, False, self.plan.calling_code)
        return self.plan.read(digits, self.trunk)

    def number_of(self, digits: str) -> str:
        """Only the number in use that `read` finds; "" if there is none."""
        plan, prefix = self.plan, self.trunk.prefix
        stripped = digits if prefix is None or prefix.match(digits) is None else self.trunk.strip(digits)
        pattern = plan.valid.get(len(stripped))
        if pattern is None or pattern.fullmatch(stripped) is None or len(digits) < MIN_NATIONAL_DIGITS:
            return ""
        number = plan.calling_code + stripped
        return number if len(number) <= MAX_DIGITS else ""


@cache
def home_of(region: str) -> Home | None:
    """None for an unknown region."""
    metadata = PhoneMetadata.metadata_for_region(region, None)
    plan = plan_of(str(metadata.country_code)) if metadata else None
    if metadata is None or plan is None:
        return None
    # If the prefix includes a carrier code, the digits after it could be bent into a country code: then only 00 counts.
    prefix = metadata.preferred_international_prefix or metadata.international_prefix or ""
    return Home(region, plan, _trunk(metadata), prefix if prefix.isdigit() and prefix[0] == "0" else "")


_REGIONS = {str(code): regions for code, regions in COUNTRY_CODE_TO_REGION_CODE.items()}


@cache
def plan_of(calling_code: str) -> Plan | None:
    regions = _REGIONS.get(calling_code)
    if regions is None:
        return None
    plans = [_metadata(calling_code, region) for region in regions]
    lengths = sorted({length for metadata in plans for length in _general(metadata).possible_length})
    valid = {length: re.compile(source) for length in lengths if (source := _valid_pattern(plans, length))}
    return Plan(calling_code, _trunk(plans[0]), valid)


def _metadata(calling_code: str, region: str) -> PhoneMetadata:
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(int(calling_code), region)
    assert metadata is not None, f"phonenumbers has no plan for +{calling_code} in {region}"
    return metadata


def _trunk(metadata: PhoneMetadata) -> Trunk:
    general = _general(metadata)
    prefix = metadata.national_prefix_for_parsing
    return Trunk(
        prefix=re.compile(prefix) if prefix else None,
        rewrite=metadata.national_prefix_transform_rule or "",
        general=re.compile(general.national_number_pattern or "(?!)"),
        lengths=frozenset(general.possible_length),
        local_lengths=frozenset(general.possible_length_local_only),
        longest=max(general.possible_length),
        zero=metadata.national_prefix == "0",
    )


def _valid_pattern(plans: list[PhoneMetadata], length: int) -> str:
    """The pattern for national numbers of this length: one alternative per region, in the library's order.

    The library gives a number to the first region that claims it: by its leading digits if it has some (then only that
    region's plan counts), else by its plan. So a claim excludes all later regions.
    """
    alternatives, claimed = [], ""
    for metadata in plans:
        types = _types(metadata, length)
        # With a single region the library doesn't use leading digits.
        claim = metadata.leading_digits if len(plans) > 1 else None
        if types:
            lookahead = f"(?={claim})" if claim else ""
            general = _general(metadata).national_number_pattern
            alternatives.append(f"{claimed}{lookahead}(?=(?:{general})\\Z)(?:{types})")
        if claim:
            claimed += f"(?!{claim})"
    return "|".join(f"(?:{alternative})" for alternative in alternatives)


def _types(metadata: PhoneMetadata, length: int) -> str:
    if not _has_length(_general(metadata), length):
        return ""
    kinds = [metadata.mobile, metadata.fixed_line, metadata.toll_free, metadata.premium_rate, metadata.shared_cost]
    kinds += [metadata.voip, metadata.personal_number, metadata.pager, metadata.uan, metadata.voicemail]
    if metadata.same_mobile_and_fixed_line_pattern:
        kinds.remove(metadata.mobile)
    return "|".join(f"(?:{desc.national_number_pattern})" for desc in kinds if desc and _has_length(desc, length))


def _has_length(desc: PhoneNumberDesc, length: int) -> bool:
    return bool(desc.national_number_pattern) and (not desc.possible_length or length in desc.possible_length)


def _general(metadata: PhoneMetadata) -> PhoneNumberDesc:
    assert metadata.general_desc is not None
    return metadata.general_desc
