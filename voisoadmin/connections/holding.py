"""When the lanes of a connection must not be used for a while, or until a person has acted.

Only requests with contacts are counted here, and a key that the list refuses; `families` knows the others.

Every change is one UPDATE that names the state it found, so that eight lanes failing at once make one hold, not eight.
"""

from datetime import datetime, timedelta

from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce

from voisoadmin.connections.models import LONGEST_HOLD_SECONDS, Connection
from voisoadmin.lib.clock import scaled
from voisoadmin.voiso import (
    KeyRefused,
    NoReply,
    NotConnected,
    RateLimited,
    Redirected,
    UntrustedAddress,
    VoisoError,
)

FAILURES_IN_A_ROW = 5
FIRST_HOLD_SECONDS = 60.0
SHORTEST_WAIT_SECONDS = 2.0
KEY_REFUSED_BY_LIST = "Voiso doesn't accept the API key for the list of campaigns."
UNASKED_WAIT_SECONDS = 10.0  # a 429 that does not say how long


def hold(connection: Connection, *, kind: str, reason: str, until: datetime | None, at: datetime) -> None:
    """Block the connection until then, or, without `until`, until it is released.

    A timed hold never shortens another hold and never replaces one that needs a person.
    """
    row = Connection.objects.filter(pk=connection.pk)
    if until is not None:
        until = min(until, at + _longest())
        stands = Q(held_until=None) | Q(held_until__gte=until, held_until__lte=at + _longest())
        row = row.exclude(~Q(held_reason="") & stands)
    row.update(held_kind=kind, held_reason=reason[:300], held_until=until)


def release(connection: Connection, at: datetime) -> None:
    """End every hold: a read succeeded, or a person decided so."""
    Connection.objects.filter(pk=connection.pk).exclude(held_reason="").update(
        held_kind="", held_reason="", held_until=None, failures=0, holds=0
    )


def note_answer(connection: Connection, at: datetime, *, accepted: bool = False) -> None:
    """Voiso answered a command; any answer ends a silence.

    `accepted`: it took contacts, so the key that the list refused while they were in flight is a good one.
    """
    ended = Q(held_kind=Connection.HoldKind.SILENT)
    if accepted:
        ended |= Q(held_kind=Connection.HoldKind.KEY, held_reason=KEY_REFUSED_BY_LIST)
    Connection.objects.filter(pk=connection.pk).update(
        answered_at=at,
        tried_at=at,
        failures=0,
        holds=0,
        silent_since=None,
        last_problem="",
        held_kind=Case(When(ended, then=Value("")), default=F("held_kind")),
        held_reason=Case(When(ended, then=Value("")), default=F("held_reason")),
        held_until=Case(When(ended, then=Value(None)), default=F("held_until")),
    )


def note_read(connection: Connection, at: datetime, *, ends_wait: bool = False) -> None:
    """Voiso answered a read, so it is reachable. But only an answered batch ends a silence hold: reads may work while
    requests with contacts don't, and then each read would release all lanes again.

    `connection`: as read before the request; the answer says nothing about later holds.
    `ends_wait`: a user asked for an early try; the lanes needn't wait for their one batch.
    """
    row = Connection.objects.filter(pk=connection.pk)
    row.update(answered_at=at, tried_at=at, silent_since=None, last_problem="")
    row = row.filter(held_until=connection.held_until)
    # No batch was tried since, so the old failure count means nothing.
    held_lately = Q(held_kind=Connection.HoldKind.SILENT, held_until__range=(at - _longest(), at + _longest()))
    row.exclude(held_lately).update(failures=0, holds=0)
    row.filter(held_kind=Connection.HoldKind.SILENT).exclude(held_lately).update(held_kind="", held_reason="", held_until=None)
    if ends_wait:
        row.filter(held_lately, held_until__gt=at).update(held_until=at)


def note_failure(connection: Connection, problem: VoisoError, at: datetime) -> None:
    """Record a failed request, and hold the connection if its kind, or the fifth failure in a row, requires it.

    A refusal is an answer: it ends a silence.
    """
    match problem:
        case UntrustedAddress() | Redirected():
            _note_problem(connection, problem, at)
            hold(connection, kind=Connection.HoldKind.ADDRESS, reason=problem.message, until=None, at=at)
        case NoReply() | NotConnected():
            _note_problem(connection, problem, at)
            _hold_if_silent(connection, at)
        case KeyRefused():
            note_answer(connection, at)
            hold(connection, kind=Connection.HoldKind.KEY, reason=problem.message, until=None, at=at)
        case RateLimited():
            note_answer(connection, at)
            until = at + timedelta(seconds=wait_seconds(problem))
            hold(connection, kind=Connection.HoldKind.RATE, reason=problem.message, until=until, at=at)
        case _:
            note_answer(connection, at)


def note_silence(connection: Connection, problem: VoisoError, since: datetime) -> None:
    """The list couldn't be read: pages say so. No lane is held, because contacts may still be accepted."""
    Connection.objects.filter(pk=connection.pk).update(
        tried_at=since, last_problem=problem.message[:300], silent_since=Coalesce(F("silent_since"), since)
    )


def hold_for_list(connection: Connection, problem: KeyRefused, at: datetime) -> None:
    """The list refuses the key, and no contacts were accepted with it since."""
    hold(connection, kind=Connection.HoldKind.KEY, reason=KEY_REFUSED_BY_LIST, until=None, at=at)


def wait_seconds(problem: RateLimited) -> float:
    """How long Voiso asked us to wait, within bounds."""
    wait = UNASKED_WAIT_SECONDS if problem.retry_after is None else problem.retry_after
    return scaled(max(SHORTEST_WAIT_SECONDS, min(wait, LONGEST_HOLD_SECONDS)))


def _longest() -> timedelta:
    return timedelta(seconds=scaled(LONGEST_HOLD_SECONDS))


def _note_problem(connection: Connection, problem: VoisoError, at: datetime) -> None:
    Connection.objects.filter(pk=connection.pk).update(
        tried_at=at,
        last_problem=problem.message[:300],
        failures=F("failures") + 1,
        silent_since=Coalesce(F("silent_since"), at),
    )


def _hold_if_silent(connection: Connection, at: datetime) -> None:
    """Hold a connection after five consecutive failures: a minute, then twice as long each time."""
    known = Connection.objects.only("failures", "holds").get(pk=connection.pk)
    if known.failures < FAILURES_IN_A_ROW:
        return
    seconds = min(FIRST_HOLD_SECONDS * 2 ** min(known.holds, 10), LONGEST_HOLD_SECONDS)
    until = at + timedelta(seconds=scaled(seconds))
    free = Q(held_reason="") | Q(held_until__lte=at)
    # Compare-and-set: of several simultaneous failures only the first creates the hold.
    Connection.objects.filter(free, pk=connection.pk, failures__gte=FAILURES_IN_A_ROW, holds=known.holds).update(
        held_kind=Connection.HoldKind.SILENT,
        held_reason="Voiso isn't answering properly.",
        held_until=until,
        holds=F("holds") + 1,
    )
