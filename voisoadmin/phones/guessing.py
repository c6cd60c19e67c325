"""Whose numbers a column of digits without country codes could be."""

from collections.abc import Sequence
from functools import cache

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from voisoadmin.phones.kinds import kinds_of, main_region
from voisoadmin.phones.plans import Home, home_of, is_whole, read_international

INTERNATIONAL = ""
FITS = 0.95  # share of the cells from which they fit a country
MANY_LENGTHS = 0.7
ROUGHLY = 20  # shares are compared in twentieths
LARGE = """
US GB IN DE FR BR IT ES MX PL CN ID JP NG PK RU TR PH ZA EG VN AU NL UA CO AR TH MY SA AE KR RO SE BE PT GR CZ HU IL CH
"""
LARGEST = tuple(LARGE.split())
"""The countries that most lists are of."""
JUDGED = 300  # cells looked at, for each country


def shares_of(digits: Sequence[str]) -> dict[str, float]:
    """Country code -> share of these digits that are numbers of that country, written there; "" -> with their country
    code in front."""
    some = _some(digits)
    if not some:
        return {}
    abroad = [reading for one in some if one[0] != "0" and (reading := read_international(one)) and reading.valid]
    shares = {home.plan.calling_code: share_of(home, some) for home in _homes()}
    return {**shares, INTERNATIONAL: len(abroad) / len(some)}


def weighed(code: str, share: float) -> float:
    """A country whose numbers have many lengths accepts most digits, so that it does says less."""
    return share if code == INTERNATIONAL or kinds_of(code).has_fixed_length else share * MANY_LENGTHS


def share_of(home: Home, digits: Sequence[str]) -> float:
    """The share of these digits that are numbers of this country."""
    some = _some(digits)
    return sum(_is_of(home, one) for one in some) / len(some)


def _some(digits: Sequence[str]) -> Sequence[str]:
    return digits[:: max(1, len(digits) // JUDGED)]


def _is_of(home: Home, digits: str) -> bool:
    return bool(home.number_of(digits)) or (digits.startswith(home.plan.calling_code) and is_whole(digits))


@cache
def _homes() -> tuple[Home, ...]:
    regions = (main_region(str(code)) for code in COUNTRY_CODE_TO_REGION_CODE)
    return tuple(home for region in regions if region and (home := home_of(region)))


def best_first(digits: Sequence[str], liked: Sequence[str]) -> list[str]:
    """The countries that these digits fit, by their regions, and "" for digits that begin with country codes.

    Between countries that fit alike, those of `liked` come first, then the ones that refuse most other digits.
    """
    shares = {code: share for code, share in shares_of(digits).items() if share}
    regions = {code: main_region(code) if code else INTERNATIONAL for code in shares}
    codes = {home.plan.calling_code: region for region in reversed(liked) if (home := home_of(region))}

    def rank(code: str) -> tuple[float, bool, bool, int, float]:
        region = regions[code]
        share = shares[code] if code in codes else weighed(code, shares[code])
        rounded = round(share * ROUGHLY) / ROUGHLY
        at = LARGEST.index(region) if region in LARGEST else len(LARGEST)
        return (-rounded, code not in codes, bool(code) and not kinds_of(code).has_fixed_length, at, -shares[code])

    return [codes.get(code, regions[code]) for code in sorted(shares, key=rank)]
