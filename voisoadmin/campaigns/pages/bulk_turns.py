"""Campaigns whose turn in a bulk hasn't come yet, with their place among those of their contact centre."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.humanize.templatetags.humanize import ordinal
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from voisoadmin.connections.models import Connection
from voisoadmin.lib.subqueries import ListOf
from voisoadmin.operations.models import Operation

LONGER_THAN_A_BULK = timedelta(minutes=15)  # what waits then is refused
_WAIT = "campaigns_that_wait"
_TO = {kind: str(kind.label).lower() for kind in (Operation.Kind.START, Operation.Kind.PAUSE, Operation.Kind.STOP)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    kind: str
    place: int

    @property
    def in_words(self) -> str:
        """`Waiting to start, 3rd`, far behind `about 40th`: a row must not change with every campaign before it."""
        step = 1 if self.place <= 10 else 10 if self.place <= 100 else 100
        place = -(-self.place // step) * step
        to = _TO.get(Operation.Kind(self.kind), "change agents")
        return f"Waiting to {to}, {'' if step == 1 else 'about '}{ordinal(place)}"


def with_turns(connections: QuerySet[Connection], *, since: datetime) -> QuerySet[Connection]:
    """Connections for `turns_of`, without another query. What was asked before `since` waits no longer."""
    waiting = Q(status=Operation.Status.QUEUED, parent__isnull=False)
    # The range keeps it from reading all that was ever asked there.
    lately = Q(connection_ref=OuterRef("pk"), asked_at__gte=since)
    children = Operation.objects.filter(waiting, lately)
    row = JSONObject(bulk="parent_id", campaign="campaign_ref", kind="kind")
    return connections.annotate(**{_WAIT: ListOf(children.order_by("parent_id", "pk").values(row=row))})


def turns_of(connections: Iterable[Connection]) -> dict[int, Turn]:
    """By the campaign's key."""
    turns: dict[int, Turn] = {}
    for connection in connections:
        places: Counter[int] = Counter()
        for row in getattr(connection, _WAIT):
            places[row["bulk"]] += 1
            turns.setdefault(row["campaign"], Turn(kind=row["kind"], place=places[row["bulk"]]))
    return turns
