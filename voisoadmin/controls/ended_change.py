"""How the last start, pause or stop ended, as the page says it."""

from dataclasses import dataclass

from voisoadmin.operations.models import Operation
from voisoadmin.operations.templatetags.operations import state, took


@dataclass(frozen=True, kw_only=True, slots=True)
class EndedChange:
    """A sentence around the campaign's name, then Voiso's own words and what else there is to say."""

    tone: str  # good, warn or bad
    icon: str
    before: str = ""
    name: str = ""
    after: str = ""
    answer: str = ""
    rest: str = ""


def ended_change(operation: Operation, *, problem: str) -> EndedChange:
    """`problem`: why it failed, for the reader of this page."""
    kind, name = operation.get_kind_display(), operation.subject_label
    if operation.status == Operation.Status.DONE:
        status = operation.result.get("status")
        confirmed = f"Confirmed by Voiso after {took(operation)}."
        if operation.result.get("read_back"):
            confirmed = f"Voiso's answer was lost; the state was read again and confirmed after {took(operation)}."
        sentence = {"name": name, "after": f" is {state(status)}."} if status else {"after": f"{kind} done."}
        return EndedChange(tone="good", icon="circle-check", rest=confirmed, **sentence)
    if operation.status != Operation.Status.REFUSED:
        after = f"{kind} not confirmed."
        return EndedChange(tone="warn", icon="help-circle", after=after, answer=operation.answer, rest=problem)
    if operation.answer:
        before = f"Voiso refused to {operation.kind} "
        return EndedChange(
            tone="bad", icon="circle-x", before=before, name=name, after=":", answer=operation.answer, rest=problem
        )
    return EndedChange(tone="bad", icon="circle-x", after=f"{kind} refused.", rest=problem)
