"""What each kind of error leads to (docs/sending.md, "Reading an answer"). Anything unlisted is uncertain."""

from datetime import timedelta

from django.db import transaction

from voisoadmin.connections.families import note_answer, note_failure
from voisoadmin.connections.holding import hold
from voisoadmin.connections.models import Connection
from voisoadmin.pushes import pacing
from voisoadmin.pushes.engine.calls import Ticket, hold_lane
from voisoadmin.pushes.lanes import expect_one, keep_lane
from voisoadmin.pushes.models import Batch, Call, Push
from voisoadmin.pushes.not_now import is_processing, note_busy, note_conflict
from voisoadmin.pushes.outcomes.record import Outcome, close_call, quoted, show_rest
from voisoadmin.pushes.outcomes.splitting import refused_whole
from voisoadmin.pushes.outcomes.unclear import give_up, note_unclear
from voisoadmin.pushes.outcomes.unnamed import note_unnamed
from voisoadmin.pushes.pacing import Rest
from voisoadmin.pushes.request_forms import try_other_forms
from voisoadmin.voiso import errors

_KINDS: tuple[tuple[type[errors.VoisoError], Call.Outcome], ...] = (
    (errors.NamedNothing, Call.Outcome.UNNAMED),
    (errors.UntrustedAddress, Call.Outcome.BLOCKED),
    (errors.NotSent, Call.Outcome.NOT_CONNECTED),
    (errors.RateLimited, Call.Outcome.WAIT),
    (errors.NotActed, Call.Outcome.BUSY),
    (errors.Refused, Call.Outcome.REFUSED),
    (errors.Stopped, Call.Outcome.BLOCKED),
)


def record_problem(ticket: Ticket, problem: errors.VoisoError, outcome: Outcome) -> Rest:
    """Record a call without a valid answer; return how long the lane rests.

    Raises Fenced, and changes nothing, if another engine now owns the lane.
    """
    if type(problem) is errors.Refused and is_processing(ticket.lane_id):
        problem = errors.Busy(problem.message, http_status=problem.http_status, words=problem.words)
    kind = _kind(problem, ticket.kind)
    with transaction.atomic():
        keep_lane(ticket.lane_id, ticket.epoch, last_call_at=outcome.at)
        excerpt = " ".join(filter(None, (problem.message, quoted(problem.words), problem.excerpt)))[:2000]
        # Of a refused batch only Voiso's words say more than the outcome does.
        shown = f"Voiso: {quoted(problem.words)}." if kind == Call.Outcome.REFUSED and problem.words else problem.message
        close_call(ticket, outcome, kind, http_status=problem.http_status, problem=shown, excerpt=excerpt)
        batch = Batch.objects.select_related("root", "push").defer("rows", "root__rows").get(pk=ticket.batch_id)
        if kind == Call.Outcome.UNNAMED:
            note_answer(ticket.connection, outcome.at)  # it is not silent, whatever it leaves open
        elif type(problem) is not errors.NotSent:  # we didn't send that one: it says nothing about Voiso
            note_failure(ticket.connection, problem, outcome.at)
        if kind == Call.Outcome.UNNAMED:
            rest = note_unnamed(batch.pk, words=problem.words, at=outcome.at)
        elif kind == Call.Outcome.UNCERTAIN:
            rest = note_unclear(batch.pk, ticket.lane_id, at=outcome.at)
            if isinstance(problem, errors.Redirected):
                hold_lane(ticket.lane_id, problem.message, answer=problem.words)
        elif batch.push.state == Push.State.CANCELLED:
            rest = pacing.after_answer()
            _put_back(batch, rest, outcome)
            give_up(batch.pk, at=outcome.at)
        else:
            rest = _not_acted(ticket, batch, problem, outcome)
        show_rest(ticket, rest, outcome)
    return rest


def _kind(problem: errors.VoisoError, push_kind: str) -> Call.Outcome:
    if isinstance(problem, errors.MethodNotAllowed) and push_kind == Push.Kind.ADD:
        return Call.Outcome.UNCERTAIN  # documented only for the update, so here it says nothing
    return next((found for error, found in _KINDS if isinstance(problem, error)), Call.Outcome.UNCERTAIN)


def _not_acted(ticket: Ticket, batch: Batch, problem: errors.VoisoError, outcome: Outcome) -> Rest:
    """Voiso did nothing, and the push continues."""
    times = batch.busy + 1
    match problem:
        case errors.Refused() if _changed_the_request(ticket, batch.push, problem):
            return _put_back(batch, pacing.after_answer(), outcome)
        case errors.Stopped():
            if not isinstance(problem, errors.KeyRefused):
                hold_lane(ticket.lane_id, problem.message, answer=problem.words)
            return _put_back(batch, pacing.after_answer(), outcome)
        case errors.UntrustedAddress():
            return _put_back(batch, pacing.after_answer(), outcome)
        case errors.RateLimited():
            return _put_back(batch, _rate_limited(ticket, problem, times, outcome), outcome, busy=times)
        case errors.NotSent():
            return _put_back(batch, pacing.not_connected(times), outcome, busy=times)
        case errors.Refused():
            return _refused(ticket, batch, problem, outcome)
        case _:
            rest = note_busy(ticket.lane_id, words=problem.words, times=times, at=outcome.at)
            return _put_back(batch, rest, outcome, busy=times)


def _rate_limited(ticket: Ticket, problem: errors.RateLimited, times: int, outcome: Outcome) -> Rest:
    """The whole connection waits; if Voiso doesn't say how long, longer each time."""
    if problem.retry_after is None:
        until = outcome.at + timedelta(seconds=pacing.unasked_wait(times))
        hold(ticket.connection, kind=Connection.HoldKind.RATE, reason=problem.message, until=until, at=outcome.at)
    return Rest(pacing.pace(), pacing.pace(), problem.message)


def _put_back(batch: Batch, rest: Rest, outcome: Outcome, **changes: object) -> Rest:
    again = outcome.at + timedelta(seconds=rest.total)
    expect_one(
        Batch.objects.filter(pk=batch.pk, state=Batch.State.SENDING),
        state=batch.state_to_return_to(),
        not_before=again,
        wait_reason=rest.reason[:300],
        **changes,
    )
    return rest


def _changed_the_request(ticket: Ticket, push: Push, problem: errors.Refused) -> bool:
    """Whether the push's next call will be a different request, to which the refusal doesn't apply. Each change once."""
    if isinstance(problem, errors.NameRequired) and push.kind == Push.Kind.ADD and not push.options.get("number_as_name"):
        push.options["number_as_name"] = True
        push.save(update_fields=["options"])
        return True
    return try_other_forms(ticket, push, problem)


def _refused(ticket: Ticket, batch: Batch, problem: errors.Refused, outcome: Outcome) -> Rest:
    words = problem.words or problem.message
    too_large = isinstance(problem, errors.TooLarge)
    rest = refused_whole(batch, batch.root or batch, ticket.rows, words=words, too_large=too_large, at=outcome.at)
    root = Batch.objects.only("split_refusals", "accepted_any").get(pk=ticket.root_id)
    conflict = note_conflict(ticket.lane_id, words=words, at=outcome.at) if problem.http_status == 409 else ""
    if conflict:
        hold_lane(ticket.lane_id, conflict, answer=words)
    elif root.split_refusals >= pacing.REFUSALS_WITHOUT_ACCEPTANCE and not root.accepted_any:
        hold_lane(ticket.lane_id, f"Voiso refuses every row: “{words}”. No row was marked as rejected.", answer=words)
    elif Call.objects.filter(batch=batch.pk, outcome=Call.Outcome.REFUSED).count() % pacing.REFUSALS_WITHOUT_ACCEPTANCE == 0:
        # With different words each time, or it would have been split long ago.
        hold_lane(ticket.lane_id, f"Voiso keeps refusing the same rows: “{words}”. No row was marked.", answer=words)
    return rest
