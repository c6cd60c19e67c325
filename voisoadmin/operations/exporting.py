"""The activity as a table for a download."""

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone

from voisoadmin.operations.models import Operation, OperationQuerySet
from voisoadmin.operations.presenting import ActivityLine, line_of

HEADER = ("Requested", "Ended", "Who", "Action", "Subject", "Outcome", "Result", "Voiso", "Problem", "Details", "Names")
AT_A_TIME = 500


def rows_of(found: OperationQuerySet) -> Iterator[list[str]]:
    """Read in pieces: a download that takes minutes keeps no transaction open."""
    last: Operation | None = None
    while piece := list((found.after_in_list(last.pk) if last else found)[:AT_A_TIME]):
        for last in piece:
            yield _row(line_of(last))


def _row(line: ActivityLine) -> list[str]:
    operation = line.operation
    facts = [f"{label}: {text}" for label, text in line.facts if label not in {"Requested", "Ended"}]
    names = [": ".join(filter(None, (one.name, one.word, one.note))) for one in line.names]
    return [
        _moment(operation.asked_at),
        _moment(operation.ended_at),
        operation.by_label,
        line.what,
        line.subject,
        line.word,
        line.summary,
        operation.answer,
        operation.problem,
        "; ".join(facts),
        "; ".join(names),
    ]


def _moment(at: datetime | None) -> str:
    """With the offset of the time zone, so that it stays exact in another country."""
    return timezone.localtime(at).isoformat(sep=" ", timespec="seconds") if at else ""
