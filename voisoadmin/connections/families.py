"""What an answer, or its absence, says about a connection: each family of requests fails separately.

What holds the lanes of a connection is in `holding`: a refused key, a redirect, a certificate error or a silence of the
contacts themselves, and a key that the list refuses. Every other failure lets only its own family rest.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from voisoadmin.connections import holding
from voisoadmin.connections.models import LONGEST_HOLD_SECONDS, LONGEST_REST_SECONDS, Connection, Family, FamilyState
from voisoadmin.connections.opening import client_for
from voisoadmin.lib.clock import scaled, seconds_until
from voisoadmin.lib.times import clock_time
from voisoadmin.voiso import (
    Forbidden,
    Generation,
    KeyRefused,
    NoReply,
    NotConnected,
    RateLimited,
    Redirected,
    Refused,
    UntrustedAddress,
    VoisoError,
)

Cause = FamilyState.Cause
FIRST_REST_SECONDS = 15 * 60.0
NO_SUCH_FUNCTION = frozenset({404, 405})
READS = frozenset({Family.LIST, Family.LOOKUPS, Family.PRESENCE})

# The key or permission that a family needs. Sources: docs/voiso-api.md, section 2.
NEEDS = {
    (Generation.V4, Family.CONTACTS): "the scope campaigns.manage",
    (Generation.V4, Family.LIST): "the scope campaigns.read",
    (Generation.V4, Family.OPERATION): "the scope campaigns.manage",
    (Generation.V4, Family.PEOPLE): "the scopes campaigns.read and campaigns.manage",
    (Generation.V4, Family.LOOKUPS): "the scope users.read",
    (Generation.V4, Family.PRESENCE): "the scope users.read",
    (Generation.LEGACY, Family.CONTACTS): "the contact centre's key, or the key of a user who may edit campaigns",
    (Generation.LEGACY, Family.LIST): "the contact centre's key, or the key of a user who may see campaigns",
    (Generation.LEGACY, Family.OPERATION): "the contact centre's key, with the permission to edit campaigns",
    (Generation.LEGACY, Family.PEOPLE): "the contact centre's key, with the permission to edit campaigns",
    (Generation.LEGACY, Family.LOOKUPS): "the contact centre's key, or the key of a user",
    (Generation.LEGACY, Family.PRESENCE): "the contact centre's key",
}


def needs(connection: Connection, family: Family) -> str:
    return NEEDS[Generation(connection.generation), family]


def note_answer(connection: Connection, at: datetime, *, family: Family = Family.CONTACTS) -> None:
    """Voiso did what a request of this family asked for."""
    _note_worked(connection, family, at)
    if family == Family.CONTACTS:
        holding.note_answer(connection, at, accepted=True)
    else:
        Connection.objects.filter(pk=connection.pk).update(answered_at=at)


def note_read(connection: Connection, at: datetime, *, family: Family = Family.LIST, ends_wait: bool = False) -> None:
    """A read was answered. Only the list shows that the contact centre as a whole answers."""
    _note_worked(connection, family, at)
    if family == Family.LIST:
        holding.note_read(connection, at, ends_wait=ends_wait)
    else:
        Connection.objects.filter(pk=connection.pk).update(answered_at=at)


def note_failure(
    connection: Connection,
    problem: VoisoError,
    at: datetime,
    *,
    family: Family = Family.CONTACTS,
    asked_at: datetime | None = None,
    is_read: bool | None = None,
) -> None:
    """Record a failed request of a family. `asked_at`: when it was sent, if that isn't about now."""
    if family == Family.CONTACTS:
        holding.note_failure(connection, problem, at)
        _note_failed(connection, family, problem, at)
        return
    is_read = family in READS if is_read is None else is_read
    match problem:
        case RateLimited() if is_read:
            _slow_reads(connection, problem, at)
        case RateLimited():
            holding.note_failure(connection, problem, at)
        case NoReply() | NotConnected() if not isinstance(problem, Redirected):
            if family == Family.LIST:
                holding.note_silence(connection, problem, asked_at or at)
        case _:
            _note_failed(connection, family, problem, at)
            _note_answered(connection, family, problem, at)
            if isinstance(problem, KeyRefused):
                _after_refused_key(connection, family, problem, at, asked_at or at)


def why_not(connection: Connection, family: Family, at: datetime, *, by_person: bool = False) -> str:
    """Why nothing of this family may be asked now, as a sentence; empty if it may. Reads the connection again.

    `by_person`: a click. A missing permission may concern one campaign only, so it doesn't keep the click for another one.
    """
    connection.refresh_from_db()
    return _why_not(connection, family, _resting(connection, family, at), at, by_person=by_person)


def why_not_as_read(connection: Connection, family: Family, at: datetime) -> str:
    """`why_not`, of a connection that a page has just read."""
    return _why_not(connection, family, _resting(connection, family, at), at, by_person=False)


def _resting(connection: Connection, family: Family, at: datetime) -> FamilyState | None:
    return FamilyState.objects.resting(at).filter(connection=connection, family=family).first()


def why_none_asked(connections: Collection[Connection], family: Family, at: datetime) -> dict[int, str]:
    """`why_not` of a click, for many connections as they were read."""
    states = FamilyState.objects.resting(at).filter(connection__in=connections, family=family)
    by_connection = {state.connection_id: state for state in states}
    return {
        connection.pk: why
        for connection in connections
        if (why := _why_not(connection, family, by_connection.get(connection.pk), at, by_person=True))
    }


def _why_not(connection: Connection, family: Family, state: FamilyState | None, at: datetime, *, by_person: bool) -> str:
    if family in READS and seconds_until(connection.reads_after, at, longest=scaled(LONGEST_HOLD_SECONDS)):
        return "Voiso asked us to wait."
    if connection.is_held(at) and _blocks(connection, family):
        return connection.held_reason
    if state is None or (by_person and state.cause == Cause.RIGHT):
        return ""
    one_key = state.cause == Cause.KEY and connection.generation == Generation.V4
    return state.problem if one_key else f"{state.problem} {family.label} needs {needs(connection, family)}."


def lines_of_requests(connection: Connection, at: datetime) -> list[str]:
    """What earlier requests showed of adding contacts and of start, pause and stop: nothing is tried for it."""
    states = {state.family: state for state in FamilyState.objects.filter(connection=connection)}
    return [_line(family, states.get(family), at) for family in (Family.CONTACTS, Family.OPERATION)]


def _line(family: Family, state: FamilyState | None, at: datetime) -> str:
    if state is not None and state.problem and state.failed_at is not None:
        return f"{family.label}: failed {_moment(state.failed_at, at)}. {state.problem}"
    if state is not None and state.worked_at is not None:
        return f"{family.label}: worked {_moment(state.worked_at, at)}."
    return f"{family.label}: not tried yet with this key."


def _moment(moment: datetime, at: datetime) -> str:
    """`today 14:02`, or `19 Nov, 12:04`."""
    local, today = timezone.localtime(moment), timezone.localtime(at)
    return f"today {local:%H:%M}" if local.date() == today.date() else clock_time(moment, at=at)


def forget(connection: Connection) -> None:
    """The key was changed: nothing is known of what it may do."""
    FamilyState.objects.filter(connection=connection).delete()
    Connection.objects.filter(pk=connection.pk).update(reads_after=None, users_path="")


def end_rests(connection: Connection) -> None:
    """A person checks the connection: every family may be tried again."""
    FamilyState.objects.filter(connection=connection).update(rests_until=None, rests=0)
    Connection.objects.filter(pk=connection.pk).update(reads_after=None)


def _blocks(connection: Connection, family: Family) -> bool:
    """Whether the hold of the lanes blocks this family as well."""
    if family == Family.CONTACTS:
        return True
    match connection.held_kind:
        case Connection.HoldKind.RATE:
            return True
        case Connection.HoldKind.KEY:
            # v4 has one key, which the list judges. In the legacy API each family may want another one, but the status of
            # agents wants the same one as the list.
            one_key = connection.generation == Generation.V4 or family == Family.PRESENCE
            return one_key and family != Family.LIST
        case _:
            return family not in READS


def _note_worked(connection: Connection, family: Family, at: datetime) -> None:
    state = FamilyState(connection=connection, family=family, worked_at=at)
    FamilyState.objects.bulk_create(
        [state],
        update_conflicts=True,
        unique_fields=["connection", "family"],
        update_fields=["cause", "problem", "rests_until", "rests", "worked_at"],
    )


def _note_failed(connection: Connection, family: Family, problem: VoisoError, at: datetime) -> None:
    cause = _cause(problem)
    if cause is None:
        return
    state, _ = FamilyState.objects.get_or_create(connection=connection, family=family)
    seconds = min(FIRST_REST_SECONDS * 2 ** min(state.rests, 10), LONGEST_REST_SECONDS)
    # Compare-and-set: several failures at once make one rest, not several.
    FamilyState.objects.filter(pk=state.pk, rests=state.rests).update(
        cause=cause,
        problem=problem.message[:300],
        failed_at=at,
        rests_until=at + timedelta(seconds=scaled(seconds)),
        rests=F("rests") + 1,
    )


def _cause(problem: VoisoError) -> Cause | None:
    match problem:
        case KeyRefused():
            return Cause.KEY
        case Forbidden():
            return Cause.RIGHT
        case Redirected() | UntrustedAddress():
            return Cause.ADDRESS
        case Refused() if problem.http_status in NO_SUCH_FUNCTION:
            return Cause.MISSING
    return None


def _note_answered(connection: Connection, family: Family, problem: VoisoError, at: datetime) -> None:
    """A refusal is an answer; where it concerns the list, pages say why it doesn't get fresher."""
    row = Connection.objects.filter(pk=connection.pk)
    if isinstance(problem, UntrustedAddress | Redirected):
        if family == Family.LIST:
            row.update(tried_at=at, last_problem=problem.message[:300])
    elif family == Family.LIST:
        row.update(answered_at=at, tried_at=at, silent_since=None, last_problem=problem.message[:300])
    else:
        row.update(answered_at=at)


def _slow_reads(connection: Connection, problem: RateLimited, at: datetime) -> None:
    """A read too many holds no lane: it only makes reads rarer."""
    until = at + timedelta(seconds=holding.wait_seconds(problem))
    row = Connection.objects.filter(pk=connection.pk)
    row.update(answered_at=at, reads_after=Coalesce(F("reads_after"), Value(until)))
    row.filter(reads_after__lt=until).update(reads_after=until)


def _after_refused_key(connection: Connection, family: Family, problem: KeyRefused, at: datetime, asked_at: datetime) -> None:
    if family == Family.LIST:
        accepted = FamilyState.objects.filter(connection=connection, family=Family.CONTACTS, worked_at__gte=asked_at)
        if not accepted.exists():
            holding.hold_for_list(connection, problem, at)
    elif connection.generation == Generation.V4:
        _ask_the_list(connection, at)


def _ask_the_list(connection: Connection, at: datetime) -> None:
    """v4 has one key: what the list says about it holds for all families. It is asked once."""
    if why_not(connection, Family.LIST, at):
        return
    try:
        with client_for(connection) as client:
            client.probe()
    except VoisoError as problem:
        note_failure(connection, problem, at, family=Family.LIST)
    else:
        note_read(connection, at)
