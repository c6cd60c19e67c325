"""How long sending took, without the time in which nothing was sent: paused, blocked, or waiting for a turn or for Voiso."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from voisoadmin.lib.clock import scaled
from voisoadmin.pushes.models import Call, Push

REST = 10.0  # seconds between two requests that belong to the pace; a longer one is a pause


@dataclass(frozen=True, slots=True)
class SendingTime:
    seconds: float
    paused: float  # left out of the seconds


def sending_time(pushes: Sequence[Push]) -> SendingTime | None:
    """None: a push hasn't ended."""
    seconds = paused = 0.0
    for push in pushes:
        if push.confirmed_at is None or push.ended_at is None:
            return None
        whole = max(0.0, (push.ended_at - push.confirmed_at).total_seconds())
        gaps = sum(gap for gap in _gaps(push, push.confirmed_at, push.ended_at) if gap > scaled(REST))
        seconds += max(0.0, whole - gaps)
        paused += min(gaps, whole)
    return SendingTime(seconds, paused) if pushes else None


def _gaps(push: Push, begins: datetime, ends: datetime) -> Iterator[float]:
    """The seconds between two requests, before the first and after the last one."""
    calls = Call.objects.filter(batch__push=push).order_by("started_at", "pk").values_list("started_at", "finished_at")
    for started, finished in calls.iterator():
        yield (started - begins).total_seconds()
        begins = max(begins, finished or started)
    yield (ends - begins).total_seconds()
