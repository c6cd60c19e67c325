"""Which repairs a person may want for the rows with a reason, and what each would make of some of them. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from voisoadmin.contacts.repairs import COUNTRY_RULE, LEAVE_ROWS_OUT, NO_LONGER_FITS, Repairs, Rule
from voisoadmin.phones import PhoneResult, Reader
from voisoadmin.phones.countries import countries
from voisoadmin.phones.guessing import best_first
from voisoadmin.phones.spelling import spell

MOST_COUNTRIES = 2
MOST_JUDGED = 1_000  # cells from which the best countries are found

KINDS: Mapping[str, tuple[str, ...]] = {
    "no_country": (COUNTRY_RULE, "with_plus"),
    "ambiguous_number": (COUNTRY_RULE, "with_plus"),
    "not_in_use": (COUNTRY_RULE, "leading_zero"),
    "too_short": ("leading_zero", COUNTRY_RULE),
    "too_long": (COUNTRY_RULE,),
    "unknown_calling_code": (COUNTRY_RULE,),
    "two_numbers": ("first_number", "second_number"),
    "extension": ("cut_extension",),
    "letters": ("number_only",),
    "unexpected_character": ("number_only",),
    "tel_link": ("number_only",),
    "damaged_rounded": ("with_plus",),
}
"""The repairs of each reason, the most useful first. Leaving the rows out is offered for all but ANSWERED_ABOVE."""

ANSWERED_ABOVE = frozenset({"unanswered", "shifted_row", NO_LONGER_FITS})
"""Reasons that an answer or an undo settles for each row."""


LABELS: Mapping[str, str] = {
    "leading_zero": "Add the leading zero",
    "with_plus": "Add + in front",
    "first_number": "Use the first number",
    "second_number": "Use the second number",
    "cut_extension": "Cut the extension",
    "number_only": "Keep only the number",
    LEAVE_ROWS_OUT: "Leave these rows out",
}


class Repaired(NamedTuple):
    """A phone cell, and the number that a repair makes of it."""

    before: str
    number: str


def rules_for(field: str, reason: str, cells: Sequence[str], reader: Reader) -> Iterator[Rule]:
    for kind in KINDS.get(reason, ()):
        if kind != COUNTRY_RULE:
            yield Rule(kind, reason, field, {})
            continue
        for region in _countries(cells, reader):
            yield Rule(kind, reason, field, {"region": region})
    if reason not in ANSWERED_ABOVE:
        yield Rule(LEAVE_ROWS_OUT, reason, field, {})


def repaired(rule: Rule, cells: Sequence[str], reader: Reader) -> list[Repaired]:
    """Those of these phone cells that the repair fits."""
    repairs = Repairs(rules=[rule])
    found = (Repaired(cell, repairs.number(cell, PhoneResult("", rule.reason), reader).number) for cell in cells)
    return [one for one in found if one.number]


def label_of(rule: Rule) -> str:
    """What the repair does, for its button."""
    if rule.kind == COUNTRY_RULE:
        region = str(rule.parameters["region"])
        return f"Use {countries().get(region, region)}"
    return LABELS[rule.kind]


def key_of(rule: Rule) -> str:
    """Names the repair in a form: its field, reason and kind, and the country if there is one."""
    parts: list[Any] = [rule.field, rule.reason, rule.kind, *rule.parameters.values()]
    return ":".join(map(str, parts))


def _countries(cells: Sequence[str], reader: Reader) -> list[str]:
    digits = [spell(cell).digits for cell in cells[:: max(1, len(cells) // MOST_JUDGED)]]
    liked = [*([reader.region] if reader.region else []), *reader.certain_regions()]
    best = best_first([one for one in digits if one], liked)
    return [region for region in best if region][:MOST_COUNTRIES]
