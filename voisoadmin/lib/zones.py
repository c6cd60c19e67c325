"""Time zones, as people choose them."""

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings

_NO_PLACES = ("Etc/", "SystemV/", "US/")


def is_time_zone(text: str) -> bool:
    try:
        return ZoneInfo(text).key == text
    except (KeyError, ValueError, OSError):  # KeyError: ZoneInfoNotFoundError; OSError: a folder of zones
        return False


def zone_of(name: str) -> ZoneInfo:
    """That of this installation if it isn't a name."""
    return ZoneInfo(name if is_time_zone(name) else settings.TIME_ZONE)


@cache
def zones_to_choose() -> tuple[str, ...]:
    """Named after places, and UTC: `Europe/Berlin`."""
    places = (name for name in available_timezones() if "/" in name and not name.startswith(_NO_PLACES))
    return ("UTC", *sorted(places))


def zone_named(text: str) -> str:
    """The name of a time zone as it is stored; its case doesn't matter. Raises ValueError, with a sentence."""
    typed = "_".join(text.split())
    if not typed:
        return ""
    known = _by_folded_name().get(typed.casefold(), "")
    if not known:
        raise ValueError("This isn't a time zone. Choose one of the list, for example Europe/Berlin.")
    return known


@cache
def _by_folded_name() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones() - {"localtime", "Factory"}}
