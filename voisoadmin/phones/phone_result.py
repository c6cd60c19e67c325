"""The result of reading a cell: a number, or the reason why there is none."""

from typing import NamedTuple

from voisoadmin.phones.plans import Reading, plan_of
from voisoadmin.phones.spelling import Spelling


class PhoneResult(NamedTuple):
    number: str = ""  # E.164 digits without +; empty if there is none
    code: str = ""  # code in PROBLEMS, if there is no number
    warning: str = ""  # codes in WARNINGS


NO_COUNTRY = PhoneResult("", "no_country")
UNCERTAIN = PhoneResult("", "ambiguous_number")


def judged(reading: Reading | None, spelling: Spelling, removed: str = "", warning: str = "") -> PhoneResult:
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
