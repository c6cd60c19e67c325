"""How long a lane rests (docs/sending.md, "Times"). All in seconds, under VOISOADMIN_TIME_SCALE; deadlines have a floor."""

import random
from dataclasses import dataclass

from django.db import connection

from voisoadmin.lib.clock import deadline, scaled

MARGIN = 0.010
MAX_UNCERTAIN_CALLS = 8
REFUSALS_BEFORE_SPLIT = 3
REFUSALS_OF_A_LONE_ROW = 2
REFUSALS_WITHOUT_ACCEPTANCE = 20
_FIRST_GUESS = 500  # milliseconds of an answer, before the first one
_LATEST_ANSWERS = 8
_PACE = 2.0
_QUIET = 30.0
_DEADLINE = 60.0
_EQUAL_REFUSALS_SPREAD = 60.0
_NOT_CONNECTED = (2.0, 4.0, 8.0, 16.0, 32.0, 60.0)
_BUSY = (2.0, 4.0, 8.0, 16.0, 30.0)
_BUSY_FOR_LONG = 60.0
_NOT_NOW_FOR_LONG = 600.0
_UNASKED = (10.0, 20.0, 40.0, 80.0, 160.0, 300.0)
_AFTER_QUIET = (0.0, 5.0, 15.0, 45.0, 120.0, 300.0)


@dataclass(frozen=True, slots=True)
class Rest:
    """How long a lane must rest after its answer was fully read.

    `safety`: required by I4 (pace, quiet time) and counted from zero in a new process. `total` adds the back-off.
    """

    safety: float
    total: float
    reason: str = ""


def pace() -> float:
    """From one answer, fully read, to the next request of the lane."""
    return scaled(_PACE) + MARGIN


def seconds_for(calls: int, answer_milliseconds: int | None, *, rested: bool = False) -> float:
    """How long these calls take together, each after the rest of the lane, and answered as fast as the last ones.

    `rested`: the first one doesn't wait, or is open by now.
    """
    answer = (_FIRST_GUESS if answer_milliseconds is None else answer_milliseconds) / 1000
    return max(0.0, calls * (pace() + answer) - (pace() if rested else 0.0))


def usual_answer(before: int | None, milliseconds: int) -> int:
    """The mean of the latest answers, after one more."""
    return milliseconds if before is None else round(before + (milliseconds - before) / _LATEST_ANSWERS)


def quiet() -> float:
    """How long a lane stays idle after an unclear answer."""
    return scaled(_QUIET)


def call_deadline() -> float:
    """The longest time a call can take."""
    return deadline(_DEADLINE)


def after_lost_owner() -> float:
    """After finding a call without outcome. On one host its process is dead; on many it may still be sending."""
    return quiet() if connection.vendor == "sqlite" else call_deadline() + quiet()


def after_answer() -> Rest:
    return Rest(pace(), pace())


def not_connected(times: int) -> Rest:
    """`times`: consecutive failures, from 1."""
    step = _NOT_CONNECTED[min(times, len(_NOT_CONNECTED)) - 1]
    return Rest(pace(), max(pace(), scaled(step * random.uniform(0.75, 1.0))), "Can't reach Voiso.")


def unasked_wait(times: int) -> float:
    """How long a connection is held after a 429 that doesn't say how long."""
    return scaled(_UNASKED[min(times, len(_UNASKED)) - 1])


def busy(times: int, reason: str) -> Rest:
    return Rest(pace(), max(pace(), scaled(_BUSY[min(times, len(_BUSY)) - 1])), reason)


def busy_for_long(reason: str) -> Rest:
    return Rest(pace(), max(pace(), scaled(_BUSY_FOR_LONG)), reason)


def not_now_for_long() -> float:
    """How long Voiso may answer "not now" before a person should know."""
    return scaled(_NOT_NOW_FOR_LONG)


def busy_longest(reason: str) -> Rest:
    return busy(len(_BUSY), reason)


def refused_equally(seconds: float, reason: str) -> Rest:
    """`seconds`: since the first of the equal refusals; retry only when they span long enough."""
    return Rest(pace(), max(pace(), equal_refusals_spread() - seconds), reason)


def uncertain(times: int) -> Rest:
    extra = _AFTER_QUIET[min(times, len(_AFTER_QUIET)) - 1]
    reason = "No clear answer from Voiso. The same rows are sent again after a wait."
    return Rest(quiet(), quiet() + scaled(extra), reason)


def unnamed() -> Rest:
    """After an answer that names no number: it may still be working on the batch, so this waits like any unclear one."""
    return Rest(quiet(), quiet(), "Voiso accepted the rows but named no number. They are sent once more after a wait.")


def longest_back_off() -> float:
    """No stored time may hold a lane longer than this: if the wall clock was set back, it would hold it for hours."""
    return quiet() + scaled(max(_AFTER_QUIET))


def equal_refusals_spread() -> float:
    """How far apart equal refusals of a batch must be before it is split."""
    return scaled(_EQUAL_REFUSALS_SPREAD)
