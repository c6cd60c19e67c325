"""The countries whose numbers can be read, by their two letters (ISO 3166), with the names that a list shows."""

import functools
import unicodedata

from babel import Locale
from phonenumbers import SUPPORTED_REGIONS, country_code_for_region


@functools.cache
def countries() -> dict[str, str]:
    """Code to name and country code, `{"GB": "United Kingdom +44"}`, sorted by name."""
    territories = Locale("en").territories
    names = {code: territories.get(code, code) for code in SUPPORTED_REGIONS}
    by_name = sorted(names, key=lambda code: unicodedata.normalize("NFKD", names[code]))
    return {code: f"{names[code]} +{country_code_for_region(code)}" for code in by_name}
