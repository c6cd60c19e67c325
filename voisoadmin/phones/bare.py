"""Digits without + or 00: what the cells of a column say about them, and what may be made of one.

A wrong guess calls a stranger. So a cell that could be two numbers is neither, unless the whole column leaves no doubt: a
cell with + votes for its country only, a trunk digit for national numbers, and only bare digits that are valid in one way
for how bare digits are written. Fewer than five of those decide nothing, and one cell never decides for the others.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Literal, NamedTuple, Self

from voisoadmin.phones.guessing import FITS, INTERNATIONAL, share_of, shares_of, weighed
from voisoadmin.phones.kinds import is_taken, kinds_of, main_region, takers_of
from voisoadmin.phones.plans import Home, Reading, code_of, read_international
from voisoadmin.phones.spelling import spell

FEW = 5  # cells that are valid in one way only decide something
FEW_ROUNDED = 3  # numbers that happen to end in many zeros
ENOUGH = 20  # different cells from which a column can be judged without a person
RARE = 20  # one cell in twenty is an exception
TAKEN_SHARE = 0.2  # of the cells, which another country may take as its own
MISFIT = 1 / 3  # share of invalid cells from which another country is offered
ALL = 0.98
DOUBTED = 0.05  # the same, where a country with few lengths would take all of them
MOST_RIVALS = 8


class Way(Enum):
    """How bare digits can be read, with a home country."""

    TRUNK = "trunk"  # begins with the home country's own trunk digit, and isn't 0
    NATIONAL = "national"
    OWN = "own"  # with the home country's own code, which isn't its trunk digit
    FOREIGN = "foreign"  # with another country's code
    BOTH = "both"
    NEITHER = "neither"


class Seen(NamedTuple):
    way: Way
    national: Reading
    abroad: Reading | None


def look(home: Home, digits: str) -> Seen:
    national, abroad = home.read(digits), read_international(digits)
    code = home.plan.calling_code
    if not national.valid:
        is_whole = abroad is not None and abroad.valid
        way = Way.NEITHER if not is_whole else Way.OWN if digits.startswith(code) else Way.FOREIGN
    elif abroad is None or not abroad.valid:
        way = Way.TRUNK if _has_trunk(home, digits, national) else Way.NATIONAL
    elif abroad.number == national.number:
        way = way_of_own_code(home)
    else:
        way = Way.TRUNK if _has_trunk(home, digits, national) else Way.BOTH
    return Seen(way, national, abroad)


def way_of_own_code(home: Home) -> Way:
    """Digits with the country's own code say nothing about other digits where that code is its trunk digit as well (+1)."""
    prefix = home.trunk.prefix
    return Way.TRUNK if prefix and prefix.fullmatch(home.plan.calling_code) else Way.OWN


def _has_trunk(home: Home, digits: str, national: Reading) -> bool:
    return national.prefix_removed and national.number == home.plan.calling_code + digits[1:]


def class_of(reading: Reading) -> str:
    """Country, length and kind of a number: what cells of one column have in common."""
    code = reading.calling_code
    national = reading.number[len(code) :]
    return f"{code} {len(national)} {kinds_of(code).of(national)}"


@dataclass(slots=True)
class Evidence:
    """What the cells of a column are, counted over all of them; and some of them, in their order."""

    certain: dict[str, int] = field(
        default_factory=lambda: defaultdict(int)
    )  # first three digits of numbers with + or 00 -> cells
    zero: int = 0  # national numbers with their leading zero
    trunk: int = 0
    national: int = 0
    own: int = 0
    foreign: int = 0
    both: int = 0
    neither: int = 0
    as_chosen: int = 0  # read as a person said
    rounded: int = 0  # plain digits that end in many zeros
    sample: list[str] = field(default_factory=list)

    def count(self, way: Way) -> None:
        setattr(self, way.value, getattr(self, way.value) + 1)

    def add(self, other: Self) -> None:
        for prefix, count in other.certain.items():
            self.certain[prefix] += count
        for way in ("zero", "as_chosen", "rounded", *(way.value for way in Way)):
            setattr(self, way, getattr(self, way) + getattr(other, way))
        self.sample += other.sample

    @property
    def without_code(self) -> int:
        """Cells without + or 00 that are numbers, as far as they don't begin with the home country's own code."""
        return self.zero + self.trunk + self.national + self.foreign + self.both

    @property
    def is_rounded(self) -> bool:
        """Whether most of the digits without + or 00 end in many zeros: a spreadsheet has lost their last digits."""
        bare = self.trunk + self.national + self.own + self.foreign + self.both + self.neither + self.as_chosen
        return self.rounded >= FEW_ROUNDED and self.rounded * 2 > bare

    def codes(self) -> Counter[str]:
        """Country codes of the cells with + or 00."""
        codes = Counter[str]()
        for prefix, count in self.certain.items():
            codes[code_of(prefix)] += count
        return codes


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a column makes of digits without + or 00."""

    home: bool  # the country is chosen, or the column leaves no doubt about it
    bare: Literal["", "national", "international"] = ""  # how cells are read that are valid both ways, if it is certain
    exact: bool = False  # national numbers of their only length are national, also if they are valid both ways
    misfit: bool = False  # the chosen country isn't that of the column
    abroad: bool = False  # without a country: the digits begin with country codes, and nothing else can be meant
    rivals: tuple[str, ...] = ()  # other countries with certain cells, which may have bare ones as well
    known: frozenset[str] = frozenset()  # classes of numbers that the column certainly has
    doubted: frozenset[str] = frozenset()  # classes that other countries would take as their own
    rounded: bool = False  # most of the digits have lost their last ones

    def to_json(self) -> dict[str, Any]:
        plain = {name: getattr(self, name) for name in ("home", "bare", "exact", "misfit", "abroad", "rivals", "rounded")}
        return {**plain, "known": sorted(self.known), "doubted": sorted(self.doubted)}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        sets = {name: frozenset(stored[name]) for name in ("known", "doubted")}
        return cls(**{**stored, **sets, "rivals": tuple(stored["rivals"])})


def judge(home: Home | None, evidence: Evidence, *, suggested: bool, answered: bool) -> Judgement:
    """`suggested`: the country of `home` is one that no person chose for this column. `answered`: a person was asked."""
    column = _Column(home, evidence.sample)
    if home is not None and not (suggested and not _is_clear(home, evidence, column)):
        judgement = _judge_at_home(home, evidence, column)
        return judgement if answered or not _is_misfit(home, evidence, column) else replace(judgement, misfit=True)
    if column.can_only_be_abroad():
        return Judgement(home=False, abroad=True, known=column.known, doubted=column.doubted)
    return Judgement(home=False)


def _is_clear(home: Home, evidence: Evidence, column: "_Column") -> bool:
    """Whether the column itself says that its numbers are of this country: all its country codes are, and the others fit.

    That they fit is not enough: the numbers of one area code fit many countries.
    """
    codes, own = evidence.codes(), home.plan.calling_code
    if codes[own] < FEW or len(codes) > 1 or not column.loose:
        return False
    return share_of(home, column.loose) >= FITS


def _judge_at_home(home: Home, evidence: Evidence, column: "_Column") -> Judgement:
    own, codes = home.plan.calling_code, evidence.codes()
    others = [code for code, _ in codes.most_common() if code != own]
    foreign = bool(others) or evidence.foreign > 0
    return Judgement(
        home=True,
        bare=_vote(evidence, column, foreign=foreign),
        exact=not foreign and evidence.own * RARE <= evidence.national + evidence.both,
        rivals=tuple(sorted(filter(None, map(main_region, others[:MOST_RIVALS])))),
        known=column.known if evidence.both or evidence.foreign else frozenset(),
        doubted=column.doubted if evidence.foreign else frozenset(),
    )


def _vote(evidence: Evidence, column: "_Column", *, foreign: bool) -> Literal["", "national", "international"]:
    with_code = evidence.own + evidence.foreign
    if evidence.national >= FEW and not foreign and with_code * RARE <= evidence.national and not column.is_odd:
        return "national"
    return "international" if with_code >= FEW and evidence.national * RARE <= with_code else ""


def _is_misfit(home: Home, evidence: Evidence, column: "_Column") -> bool:
    """Whether the cells would be numbers of another country, and too many are none of the chosen one."""
    fits = evidence.zero + evidence.trunk + evidence.national + evidence.both + evidence.own
    total = fits + evidence.neither + evidence.foreign
    if evidence.neither <= DOUBTED * total or not column.loose:
        return False
    shares = {
        code: share for code, share in shares_of(column.loose).items() if code not in {home.plan.calling_code, INTERNATIONAL}
    }
    if evidence.neither > MISFIT * total and max(weighed(code, share) for code, share in shares.items()) > fits / total:
        return True
    return any(share >= ALL and kinds_of(code).has_fixed_length for code, share in shares.items())


class _Column:
    """The cells of a sample by what they can be."""

    def __init__(self, home: Home | None, sample: Iterable[str]) -> None:
        self.loose: list[str] = []  # different digits without + or 00
        known, taken, totals, unsure = Counter[str](), Counter[str](), Counter[str](), set()
        for text in dict.fromkeys(sample):
            spelling = spell(text)
            if spelling.problem:
                continue
            digits = spelling.digits
            if spelling.plus or digits.startswith("00"):
                reading = read_international(digits if spelling.plus else digits[2:])
                if reading and reading.valid:
                    known[class_of(reading)] += 1
                continue
            self.loose.append(digits)
            national = abroad = None
            if home is None or digits[0] == "0":
                national = home.read(digits) if home else None
                abroad = read_international(digits) if digits[0] != "0" else None
            else:
                way, national, abroad = look(home, digits)
                if way is Way.BOTH:
                    unsure.add(class_of(national))
                    continue
                national = national if way in {Way.TRUNK, Way.NATIONAL} else None
                abroad = abroad if way in {Way.OWN, Way.FOREIGN} else None
            if national and national.valid:
                known[class_of(national)] += 1
            elif abroad and abroad.valid:
                name = class_of(abroad)
                known[name] += 1
                totals[name] += 1
                taken[name] += is_taken(digits)
        self.known = frozenset(name for name, count in known.items() if count >= FEW)
        self.doubted = frozenset(name for name, count in taken.items() if count > TAKEN_SHARE * totals[name])
        self.is_odd = bool(unsure - self.known)

    def can_only_be_abroad(self) -> bool:
        """Whether all the digits can only begin with country codes."""
        abroad = sum((reading := read_international(digits)) is not None and reading.valid for digits in self.loose)
        if len(self.loose) < ENOUGH or abroad < FITS * len(self.loose):
            return False
        takers = Counter(code for digits in self.loose for code in takers_of(digits))
        return max(takers.values(), default=0) <= TAKEN_SHARE * len(self.loose)
