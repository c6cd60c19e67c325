"""What each kind of error leads to (docs/sending.md, "Reading an answer"). Anything unlisted is uncertain."""

from datetime import timedelta

from voisoadmin.connections.families import note_answer, note_failure
from voisoadmin.connections.holding import hold
from voisoadmin.connections.models import Connection
from voisoadmin.pushes import pacing
from voisoadmin.pushes.form_trials import try_other_forms
from voisoadmin.pushes.lanes import Ticket
from voisoadmin.pushes.models import Call, Push
from voisoadmin.pushes.not_now import is_processing, note_busy, note_conflict
from voisoadmin.pushes.outcomes.record import CallEnd, CallRecord, quoted, recording
from voisoadmin.pushes.outcomes.settle import give_up, put_back
from voisoadmin.pushes.outcomes.splitting import refused_whole
from voisoadmin.pushes.outcomes.unclear import note_unclear
from voisoadmin.pushes.outcomes.unnamed import note_unnamed
from voisoadmin.pushes.pacing import Rest
from voisoadmin.voiso import errors

_KINDS: tuple[tuple[type[errors.VoisoError], Call.Result], ...] = (
    (errors.NamedNothing, Call.Result.UNNAMED),
    (errors.UntrustedAddress, Call.Result.BLOCKED),
    (errors.NotSent, Call.Result.NOT_CONNECTED),
    (errors.RateLimited, Call.Result.WAIT),
    (errors.NotActed, Call.Result.BUSY),
    (errors.Refused, Call.Result.REFUSED),
    (errors.Stopped, Call.Result.BLOCKED),
)


def record_problem(ticket: Ticket, problem: errors.VoisoError, end: CallEnd) -> Rest:
    """Record a call without a valid answer; return how long the lane rests.

    Raises Fenced, and changes nothing, if another engine now owns the lane.
    """
    if type(problem) is errors.Refused and is_processing(ticket.lane_id):
        problem = errors.Busy(problem.message, http_status=problem.http_status, words=problem.words)
    kind = _kind(problem, ticket.kind)
    with recording(ticket, end) as record:
        excerpt = " ".join(filter(None, (problem.message, quoted(problem.words), problem.excerpt)))[:2000]
        # Of a refused batch only Voiso's words say more than the outcome does.
        shown = f"Voiso: {quoted(problem.words)}." if kind == Call.Result.REFUSED and problem.words else problem.message
        record.close(kind, http_status=problem.http_status, problem=shown, excerpt=excerpt)
        if kind == Call.Result.UNNAMED:
            note_answer(ticket.connection, end.at)  # it is not silent, whatever it leaves open
        elif type(problem) is not errors.NotSent:  # we didn't send that one: it says nothing about Voiso
            note_failure(ticket.connection, problem, end.at)
        record.rest = _rest(record, problem, kind)
    return record.rest


def _rest(record: CallRecord, problem: errors.VoisoError, kind: Call.Result) -> Rest:
    """What becomes of the batch, and how long the lane rests."""
    locked, batch = record.locked, record.batch
    if kind == Call.Result.UNNAMED:
        return note_unnamed(locked, batch, words=problem.words, at=record.at)
    if kind == Call.Result.UNCERTAIN:
        rest = note_unclear(locked, batch, at=record.at)
        if isinstance(problem, errors.Redirected):
            locked.block(problem.message, answer=problem.words)
        return rest
    if record.push.state == Push.State.CANCELLED:
        give_up(locked, batch, at=record.at)
        return pacing.after_answer()
    return _not_acted(record, problem)


def _kind(problem: errors.VoisoError, push_kind: str) -> Call.Result:
    if isinstance(problem, errors.MethodNotAllowed) and push_kind == Push.Kind.ADD:
        return Call.Result.UNCERTAIN  # documented only for the update, so here it says nothing
    return next((found for error, found in _KINDS if isinstance(problem, error)), Call.Result.UNCERTAIN)


def _not_acted(record: CallRecord, problem: errors.VoisoError) -> Rest:
    """Voiso did nothing, and the push continues."""
    locked, batch, at = record.locked, record.batch, record.at
    times = batch.busy + 1
    match problem:
        case errors.Refused() if _changed_the_request(record, problem):
            return put_back(batch, pacing.after_answer(), at=at)
        case errors.Stopped():
            if not isinstance(problem, errors.KeyRefused):
                locked.block(problem.message, answer=problem.words)
            return put_back(batch, pacing.after_answer(), at=at)
        case errors.UntrustedAddress():
            return put_back(batch, pacing.after_answer(), at=at)
        case errors.RateLimited():
            return put_back(batch, _rate_limited(record, problem, times), at=at, busy=times)
        case errors.NotSent():
            return put_back(batch, pacing.not_connected(times), at=at, busy=times)
        case errors.Refused():
            return _refused(record, problem)
        case _:
            return put_back(batch, note_busy(locked.lane, words=problem.words, times=times, at=at), at=at, busy=times)


def _rate_limited(record: CallRecord, problem: errors.RateLimited, times: int) -> Rest:
    """The whole connection waits; if Voiso doesn't say how long, longer each time."""
    if problem.retry_after is None:
        until = record.at + timedelta(seconds=pacing.unasked_wait(times))
        hold(record.ticket.connection, kind=Connection.HoldKind.RATE, reason=problem.message, until=until, at=record.at)
    return Rest(pacing.pace(), pacing.pace(), problem.message)


def _changed_the_request(record: CallRecord, problem: errors.Refused) -> bool:
    """Whether the push's next call will be a different request, to which the refusal doesn't apply. Each change once."""
    push = record.push
    if isinstance(problem, errors.NameRequired) and push.kind == Push.Kind.ADD and not push.number_as_name:
        push.number_as_name = True
        return True
    return try_other_forms(record.ticket, push, problem)


def _refused(record: CallRecord, problem: errors.Refused) -> Rest:
    locked, batch, at = record.locked, record.batch, record.at
    root = batch.root or batch
    words = problem.words or problem.message
    too_large = isinstance(problem, errors.TooLarge)
    rest = refused_whole(locked, batch, record.ticket.rows, words=words, too_large=too_large, at=at)
    conflict = note_conflict(locked.lane, words=words, at=at) if problem.http_status == 409 else ""
    if conflict:
        locked.block(conflict, answer=words)
    elif root.split_refusals >= pacing.REFUSALS_WITHOUT_ACCEPTANCE and not root.accepted_any:
        locked.block(f"Voiso refuses every row: “{words}”. No row was marked as rejected.", answer=words)
    elif Call.objects.filter(batch=batch.pk, outcome=Call.Result.REFUSED).count() % pacing.REFUSALS_WITHOUT_ACCEPTANCE == 0:
        # With different words each time, or it would have been split long ago.
        locked.block(f"Voiso keeps refusing the same rows: “{words}”. No row was marked.", answer=words)
    return rest
