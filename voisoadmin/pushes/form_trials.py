"""The form in which a push sends priority, active and updates, and the one trial of the other form.

A trial needs a refusal that names the part: its field and a type, or the method. It is remembered on the connection only
after a request with it was accepted. The push is one of a locked lane: it is changed in memory.
"""

from collections.abc import Mapping

from voisoadmin.connections.request_forms import RequestPart, both_forms, forms_of, remember
from voisoadmin.pushes.lanes import Ticket
from voisoadmin.pushes.models import Push
from voisoadmin.voiso import errors
from voisoadmin.voiso.sent_forms import Field, Form


def try_other_forms(ticket: Ticket, push: Push, problem: errors.Refused) -> bool:
    """Whether the next request of the push will have another form. Each part changes once; a trial that is refused
    ends."""
    tried: dict[str, str] = {**push.forms_tried}
    changed = False
    for part in _carried(ticket):
        now = ticket.forms[part]
        other = next(form for form in both_forms(ticket.connection, part) if form != now)
        if part not in tried and _is_refused(part, problem, now, other):
            tried[part] = str(other)
            changed = True
        elif part not in push.forms_accepted and now == tried.get(part) and _is_named(part, problem):
            tried[part] = forms_of(ticket.connection)[part]
    push.forms_tried = tried
    return changed


def _is_named(part: RequestPart, problem: errors.Refused) -> bool:
    if isinstance(problem, errors.MethodNotAllowed):
        return part == RequestPart.METHOD
    return isinstance(problem, errors.WrongType) and part != RequestPart.METHOD and Field(part) in problem.types


def _is_refused(part: RequestPart, problem: errors.Refused, now: str, other: str) -> bool:
    """Whether it is the form of this part that is refused."""
    if isinstance(problem, errors.WrongType) and _is_named(part, problem):
        return problem.types[Field(part)].require(Form(other), instead_of=Form(now))
    return _is_named(part, problem)


def remember_accepted(ticket: Ticket, push: Push) -> None:
    """A request was accepted: remember the forms it tried, and the method that updates contacts."""
    accepted: list[str] = push.forms_accepted
    known: Mapping[str, str] = forms_of(ticket.connection)
    new = {
        str(part): ticket.forms[part]
        for part in _carried(ticket)
        if part not in accepted
        and (ticket.forms[part] != known[part] or (part == RequestPart.METHOD and not ticket.connection.update_method))
    }
    remember(ticket.connection, new)
    if trials := [part for part in new if part in push.forms_tried]:
        push.forms_accepted = [*accepted, *trials]


def _carried(ticket: Ticket) -> list[RequestPart]:
    """The parts that the request really contains: a refusal or an acceptance says nothing about the others."""
    carried = {
        RequestPart.METHOD: ticket.kind == Push.Kind.UPDATE,
        RequestPart.PRIORITY: any("priority" in contact.values for contact in ticket.contacts),
        RequestPart.ACTIVE: any("active" in contact.values for contact in ticket.contacts),
    }
    return [part for part, is_in in carried.items() if is_in]
