"""Who would be called by lists of numbers without +? Every number is generated with its truth, so each wrong one is found.

    python benchmarks/bare_digits.py [--prefixes N] [--seed S] [--only GB,US] [--leads]

Lists of 40 countries, of random numbers and of one area code or mobile prefix each, of 1 to 200 rows, as people write them
and mixed with other numbers; each is checked with its country chosen, with another country as a default that no person
chose, and with none. Prints a table; exit code 1 if a row would be sent to another number than its truth without a question,
or if a list of only the chosen country's numbers is not ready.

`--leads`: each number comes on its own, as a lead that an application posts, with the choice that is right for how its source
writes, and with the preset. A source that writes in two ways has no right choice, so only the preset is tried.
"""

import argparse
import random
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberFormat

from voisoadmin.contacts.bare_digits import OPEN_CODES
from voisoadmin.contacts.checker import Checker
from voisoadmin.contacts.fields import PHONE
from voisoadmin.contacts.mapped import By, from_column
from voisoadmin.feeds.lead_judging import judge
from voisoadmin.phones import Reader
from voisoadmin.phones.kinds import is_exact
from voisoadmin.phones.plans import home_of, is_whole
from voisoadmin.phones.writing import Writing, has_fixed_length

REGIONS = """
US GB DE FR ES PL IT AT NL BE SE NO DK FI IE PT CZ HU RO GR CH RU KZ UA TR IN CN JP ID TH VN SG AU NZ ZA EG IL BR MX AR
"""
COUNTRIES = tuple(REGIONS.split())
ROWS = (1, 3, 20, 200)
CHOSEN, DEFAULT, NONE = "chosen", "wrong default", "none"
RIGHT, PRESET = "right choice", "preset"  # for leads
READY = 0.99
PREFIX_DIGITS = 3
POOL = 4000  # numbers generated for each country to find its prefixes
ABROAD = ("GB", "US", "DE", "FR", "IN", "BR", "PL")  # three of them are mixed into a list of another country


class Number(NamedTuple):
    region: str
    national: str  # significant
    truth: str  # E.164 digits


@cache
def metadata(region: str) -> PhoneMetadata:
    found = PhoneMetadata.metadata_for_region(region, None)
    assert found is not None
    return found


def digits_of(pattern: Any, chance: random.Random) -> str:
    """Digits that match a parsed regular expression of the plans: characters, classes, branches and repeats."""
    made = []
    for op, value in pattern:
        name = str(op)
        if name == "LITERAL":
            made.append(chr(value))
        elif name == "IN":
            chars = [chr(code) for kind, one in value for code in _codes(str(kind), one)]
            made.append(chance.choice(chars))
        elif name == "BRANCH":
            made.append(digits_of(chance.choice(value[1]), chance))
        elif name == "SUBPATTERN":
            made.append(digits_of(value[-1], chance))
        elif name == "MAX_REPEAT":
            least, most, part = value
            made += [digits_of(part, chance) for _ in range(chance.randint(least, min(int(most), 15)))]
        elif name not in {"ASSERT", "ASSERT_NOT", "AT"}:
            raise ValueError(name)
    return "".join(made)


def _codes(kind: str, value: Any) -> range:
    if kind == "RANGE":
        return range(value[0], value[1] + 1)
    return range(ord("0"), ord("9") + 1) if kind == "CATEGORY" else range(value, value + 1)


@cache
def patterns(region: str) -> list[Any]:
    found = metadata(region)
    kinds = {desc.national_number_pattern for desc in (found.mobile, found.fixed_line) if desc}
    return [re._parser.parse(pattern) for pattern in sorted(filter(None, kinds))]  # type: ignore[attr-defined]


def number_of(region: str, national: str) -> Number | None:
    """None unless it is in use in this country and can be dialled from abroad."""
    truth = f"{metadata(region).country_code}{national}"
    parsed = phonenumbers.PhoneNumber(country_code=metadata(region).country_code, national_number=int(national))
    if national.startswith("0"):
        parsed = phonenumbers.parse(f"+{truth}")
    if len(truth) > 15 or not phonenumbers.is_valid_number_for_region(parsed, region):
        return None
    return Number(region, national, truth)


def some_numbers(region: str, chance: random.Random, prefix: str = "") -> Iterator[Number]:
    """Numbers of a country without end, mobile and fixed; all with this prefix, if there is one."""
    while True:
        national = digits_of(chance.choice(patterns(region)), chance)
        if prefix:
            national = prefix + national[len(prefix) :]
        found = number_of(region, national)
        if found:
            yield found


def prefixes(region: str, chance: random.Random) -> list[str]:
    made = some_numbers(region, chance)
    return sorted({next(made).national[:PREFIX_DIGITS] for _ in range(POOL)})


def as_national(number: Number) -> str:
    """As people of the country write it: with the trunk digit, where they write one."""
    parsed = phonenumbers.parse(f"+{number.truth}")
    return phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL)


def with_trunk(number: Number) -> str:
    return f"{metadata(number.region).national_prefix or ''}{number.national}"


def with_plus(number: Number) -> str:
    return f"+{number.truth}"


def bare(number: Number) -> str:
    return number.truth


def lost_zero(number: Number) -> str:
    return number.national


Write = Callable[[Number], str]


@dataclass(frozen=True)
class Mixture:
    name: str
    forms: tuple[Write, ...]  # in turn
    odd: Write | None = None  # of one row
    abroad: float = 0.0  # share of bare E.164 of three other countries
    must_be_ready: bool = False  # with the right country chosen
    needs_trunk: bool = False


MIXTURES = (
    Mixture("national, as written", (as_national,), must_be_ready=True),
    Mixture("with +", (with_plus,), must_be_ready=True),
    Mixture("trunk digits", (with_trunk,), must_be_ready=True),
    Mixture("trunk digits and +", (with_trunk, with_plus), must_be_ready=True),
    Mixture("E.164 without +", (bare,)),
    Mixture("E.164 with and without +", (with_plus, bare)),
    Mixture("lost zeros", (lost_zero,)),
    Mixture("lost zeros beside kept ones", (with_trunk, lost_zero)),
    Mixture("E.164 without +, one national", (bare,), odd=lost_zero),
    Mixture("national, one E.164 without +", (as_national,), odd=bare),
    Mixture("lost zeros, one E.164 without +", (lost_zero,), odd=bare),
    Mixture("national, 10% bare E.164 of others", (as_national,), abroad=0.1),
    Mixture("national, 50% bare E.164 of others", (as_national,), abroad=0.5),
    Mixture("lost zeros, 10% bare E.164 of others", (lost_zero,), abroad=0.1),
    Mixture("lost zeros, 50% bare E.164 of others", (lost_zero,), abroad=0.5),
)


@dataclass
class Tally:
    lists: int = 0
    rows: int = 0
    ready: int = 0
    wrong: int = 0
    asked: int = 0  # lists with a question
    short: int = 0  # lists of which 1% or more isn't ready
    examples: list[str] = field(default_factory=list)


def checked(cells: list[str], region: str, *, suggested: bool) -> tuple[list[str], bool]:
    """The number each row would be sent to, "" if it isn't sent; and whether rows wait for a person to say whose they are."""
    reader: Reader | None = Reader(region, suggested=suggested)
    while reader is not None:
        checker = Checker({PHONE: from_column(0, By.CHOICE)}, reader)
        outcomes = checker.check([(at + 2, [cell]) for at, cell in enumerate(cells)])
        reader = checker.again()
    numbers = []
    for outcome in outcomes:
        row = getattr(outcome, "row", outcome)  # a repeated row has the number of the first one
        numbers.append(getattr(row, "number", ""))
    return numbers, any(checker.reasons[code] for code in OPEN_CODES)


def cells_of(mixture: Mixture, numbers: list[Number], chance: random.Random) -> list[tuple[str, str]]:
    """Each row's cell with its truth."""
    rows = [(mixture.forms[at % len(mixture.forms)](number), number.truth) for at, number in enumerate(numbers)]
    if mixture.odd:
        at = chance.randrange(len(rows))
        rows[at] = mixture.odd(numbers[at]), numbers[at].truth
    if mixture.abroad:
        others = [region for region in ABROAD if metadata(region).country_code != metadata(numbers[0].region).country_code]
        made = [some_numbers(region, chance) for region in chance.sample(others, 3)]
        for at in chance.sample(range(len(rows)), max(1, round(mixture.abroad * len(rows)))):
            other = next(chance.choice(made))
            rows[at] = bare(other), other.truth
    return rows


def measure(
    regions: list[str], *, prefixes_each: int, rows: tuple[int, ...] = ROWS, seed: int = 1
) -> dict[tuple[str, str], Tally]:
    """The tallies by mixture and by how the country was given."""
    tallies: dict[tuple[str, str], Tally] = defaultdict(Tally)
    for region in regions:
        chance = random.Random(f"{region}{seed}")
        every = prefixes(region, chance)
        chance.shuffle(every)
        for prefix in ["", *every[:prefixes_each]]:
            made = some_numbers(region, chance, prefix)
            pool = [number for number, _ in zip(made, range(max(rows)), strict=False)]
            for count in rows:
                numbers = chance.sample(pool, count)
                for mixture in MIXTURES:
                    _try(tallies, mixture, numbers, chance)
    return tallies


def _try(tallies: dict[tuple[str, str], Tally], mixture: Mixture, numbers: list[Number], chance: random.Random) -> None:
    region = numbers[0].region
    cells = cells_of(mixture, numbers, chance)
    others = [one for one in COUNTRIES if metadata(one).country_code != metadata(region).country_code]
    for how, given in ((CHOSEN, region), (DEFAULT, chance.choice(others)), (NONE, "")):
        if how == CHOSEN and is_the_same_without_them(cells, region):
            continue
        tally = tallies[mixture.name, how]
        found, asked = checked([cell for cell, _ in cells], given, suggested=how == DEFAULT)
        wrong = [(cell, sent) for (cell, truth), sent in zip(cells, found, strict=True) if sent and sent != truth]
        ready = sum(map(bool, found))
        unready = sum(not sent and not may_ask(cell, region) for (cell, _), sent in zip(cells, found, strict=True))
        tally.lists += 1
        tally.rows += len(cells)
        tally.ready += ready
        tally.wrong += len(wrong)
        tally.asked += asked
        tally.short += unready > (1 - READY) * len(cells)
        if wrong or (mixture.must_be_ready and how == CHOSEN and unready):
            kept = [cell for (cell, _), sent in zip(cells, found, strict=True) if not sent]
            tally.examples.append(f"{region} with {given or 'none'}, {len(cells)} rows: {wrong[:2] or kept[:2]}")


def is_the_same_without_them(cells: list[tuple[str, str]], region: str) -> bool:
    """Whether all numbers that aren't of this country are written exactly like its own.

    Such a list is the same as one of only the country's numbers, which must be ready. It takes a country whose numbers have a
    fixed length.
    """
    home = home_of(region)
    assert home is not None
    own = home.plan.calling_code
    others = [cell for cell, truth in cells if home.read(cell).number != truth and cell.isdigit()]
    readings = [(cell, home.read(cell)) for cell in others]
    return bool(others) and all(
        reading.valid and is_exact(home, reading.number[len(own) :]) and not cell.startswith(own) for cell, reading in readings
    )


def may_ask(cell: str, region: str) -> bool:
    """Whether a cell of the chosen country is valid both ways, and has neither a trunk digit nor the country's only length:
    an Italian mobile that begins with 390, an Israeli number that begins with 153."""
    home = home_of(region)
    digits = re.sub(r"\D", "", cell)
    assert home is not None
    if "+" in cell or digits[0] == "0" or not is_whole(digits):
        return False
    national, own = home.read(digits), home.plan.calling_code
    return national.valid and (digits.startswith(own) or not is_exact(home, national.number[len(own) :]))


def right_choice(mixture: Mixture, region: str) -> Writing | None:
    """How a source that writes like this writes digits without +; None if in several ways, or in none that can be chosen."""
    if mixture.odd or mixture.abroad:
        return None
    if bare in mixture.forms:
        return Writing.WITH_CODE
    return Writing.NATIONAL if has_fixed_length(region) else None


def measure_leads(
    regions: list[str], *, prefixes_each: int, rows: tuple[int, ...] = ROWS, seed: int = 1
) -> dict[tuple[str, str], Tally]:
    """The tallies of the same lists where each row comes on its own, by mixture and by the feed's choice."""
    tallies: dict[tuple[str, str], Tally] = defaultdict(Tally)
    for region in regions:
        chance = random.Random(f"{region}{seed}")
        every = prefixes(region, chance)
        chance.shuffle(every)
        for prefix in ["", *every[:prefixes_each]]:
            pool = [number for number, _ in zip(some_numbers(region, chance, prefix), range(max(rows)), strict=False)]
            for count in rows:
                numbers = chance.sample(pool, count)
                for mixture in MIXTURES:
                    cells = cells_of(mixture, numbers, chance)
                    _try_leads(tallies[mixture.name, PRESET], cells, Writing.REFUSE, region)
                    if choice := right_choice(mixture, region):
                        _try_leads(tallies[mixture.name, RIGHT], cells, choice, region)
    return tallies


def _try_leads(tally: Tally, cells: list[tuple[str, str]], writing: Writing, region: str) -> None:
    found = [judge([{"phone": cell}], writing=writing, region=region, lowest_priority=0).numbers for cell, _ in cells]
    wrong = [(cell, sent[0]) for (cell, truth), sent in zip(cells, found, strict=True) if sent and sent[0] != truth]
    missing = [cell for (cell, _), sent in zip(cells, found, strict=True) if not sent]
    tally.lists += 1
    tally.rows += len(cells)
    tally.ready += len(cells) - len(missing)
    tally.wrong += len(wrong)
    tally.short += len(missing) > (1 - READY) * len(cells)
    if wrong or (missing and writing != Writing.REFUSE):
        tally.examples.append(f"{region}, {writing}, {len(cells)} rows: {wrong[:2] or missing[:2]}")


def failures_of_leads(tallies: dict[tuple[str, str], Tally]) -> list[str]:
    """What the measure forbids: strangers with any choice, and own numbers that the right choice refuses."""
    return [
        f"{mixture}, {how}: {tally.wrong} to a wrong number, {tally.short} lists not ready: {tally.examples[:3]}"
        for (mixture, how), tally in tallies.items()
        if tally.wrong or (how == RIGHT and tally.short)
    ]


def report(tallies: dict[tuple[str, str], Tally]) -> Iterator[str]:
    yield "| list | country | lists | rows | rows ready | lists that ask | rows to a wrong number |"
    yield "|---|---|---:|---:|---:|---:|---:|"
    for (mixture, how), tally in tallies.items():
        ready, asked = tally.ready / tally.rows, tally.asked / tally.lists
        yield f"| {mixture} | {how} | {tally.lists:,} | {tally.rows:,} | {ready:.1%} | {asked:.1%} | {tally.wrong:,} |"


def failures(tallies: dict[tuple[str, str], Tally]) -> list[str]:
    """What the measure forbids, in words."""
    found = []
    must = {mixture.name for mixture in MIXTURES if mixture.must_be_ready}
    for (mixture, how), tally in tallies.items():
        if tally.wrong:
            found.append(f"{mixture}, {how}: {tally.wrong} rows to a wrong number: {tally.examples[:3]}")
        if how == CHOSEN and mixture in must and tally.short:
            found.append(f"{mixture}, {how}: {tally.short} lists not ready: {tally.examples[:3]}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prefixes", type=int, default=1000, help="lists of one prefix for each country (default: all)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="these countries, separated by commas")
    parser.add_argument("--leads", action="store_true", help="each number on its own, as an application posts it")
    options = parser.parse_args()
    measured, failing = (measure_leads, failures_of_leads) if options.leads else (measure, failures)
    tallies = measured(
        options.only.split(",") if options.only else COUNTRIES, prefixes_each=options.prefixes, seed=options.seed
    )
    failed = failing(tallies)
    sys.stdout.write("\n".join([*report(tallies), "", *failed, ""]))
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
