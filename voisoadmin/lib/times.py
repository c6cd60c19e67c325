"""Times and durations in words, in the time zone of this installation."""

from datetime import datetime

from django.utils import timezone

MINUTE, HOUR, DAY = 60, 3600, 86400


def exact(moment: datetime) -> str:
    """`23 Nov 2026, 14:04:50 UTC`, in the time zone of this installation."""
    local = timezone.localtime(moment)
    return f"{local.day} {local:%b %Y, %H:%M:%S %Z}"


def day_of(moment: datetime) -> str:
    """`12 November`, in the time zone of this installation."""
    local = timezone.localtime(moment)
    return f"{local.day} {local:%B}"


def clock_time(moment: datetime, *, at: datetime) -> str:
    """`13:31` of today; `22 Nov, 13:31` of another day."""
    local, today = timezone.localtime(moment), timezone.localtime(at)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    return f"{short_date(moment, at=at)}, {local:%H:%M}"


def short_date(moment: datetime, *, at: datetime) -> str:
    """`19 Nov`; `19 Nov 2025` of another year."""
    local = timezone.localtime(moment)
    return f"{local.day} {local:%b}" if local.year == timezone.localtime(at).year else f"{local.day} {local:%b %Y}"


def relative(moment: datetime, *, at: datetime) -> str:
    """`34 min` up to a day, then the date."""
    seconds = abs((at - moment).total_seconds())
    if seconds < MINUTE:
        return f"{int(seconds)} s"
    if seconds < HOUR:
        return f"{int(seconds // MINUTE)} min"
    if seconds < DAY:
        return f"{int(seconds // HOUR)} h"
    return short_date(moment, at=at)


def duration(seconds: float | None) -> str:
    """`0.4 s`, `28 s`, `1 min 28 s`, `4 h 1 min`, `3 d 2 h`."""
    if seconds is None:
        return ""
    if 0 < seconds < 0.05:
        return "<0.1 s"
    if 0 < seconds < 10 and seconds != int(seconds):
        return f"{seconds:.1f} s"
    whole = int(seconds)
    for unit, name, part, part_name in ((DAY, "d", HOUR, "h"), (HOUR, "h", MINUTE, "min"), (MINUTE, "min", 1, "s")):
        if whole >= unit:
            rest = whole % unit // part
            return f"{whole // unit} {name} {rest} {part_name}" if rest else f"{whole // unit} {name}"
    return f"{whole} s"


def about(seconds: float | None) -> str:
    """An estimate in one rounded unit: `a few seconds`, `about 40 s`, `about 4 min`, `about 1.5 h`, `about 3 days`."""
    if seconds is None:
        return ""
    if seconds < 10:
        return "a few seconds"
    if seconds < 55:
        return f"about {round(seconds, -1):.0f} s"
    if seconds < 55 * MINUTE:
        return f"about {max(1, round(seconds / MINUTE))} min"
    if seconds < DAY:
        return f"about {round(2 * seconds / HOUR) / 2:g} h"
    days = max(1, round(seconds / DAY))
    return f"about {days} day{'' if days == 1 else 's'}"
