"""The public holidays of the countries in which a rule may rest."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from voisoadmin.lib.later import Later

if TYPE_CHECKING:
    import holidays
else:  # few rules have days off
    holidays = Later("holidays")


def known_countries() -> Collection[str]:
    """Their two letters."""
    return holidays.list_supported_countries(include_aliases=False)


def day_off(day: date, country: str) -> str:
    """The name of the public holiday; empty if it is none, or no country was chosen."""
    return _holidays(country, day.year).get(day, "") if country else ""


@lru_cache(maxsize=256)
def _holidays(country: str, year: int) -> dict[date, str]:
    return dict(holidays.country_holidays(country, years=year, language="en_US"))
