"""Which batch a lane sends next, or why none (docs/sending.md, "Which batch next")."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, QuerySet, Value

from voisoadmin.campaigns.models import Campaign, Lane
from voisoadmin.pushes.engine.holds import HoldWatch
from voisoadmin.pushes.lanes import LockedLane
from voisoadmin.pushes.models import Batch, Inbox, Push


@dataclass(frozen=True, slots=True)
class NextBatch:
    """Exactly one of: a batch; an inbox, of which a batch is to be formed; a hold and its seconds (None: until a person
    acts); nothing to send.

    `stop_lane`: the hold isn't stored yet, and must block the whole lane.
    """

    batch: Batch | None = None
    push: Push | None = None
    inbox: Inbox | None = None
    held: str = ""
    seconds: float | None = None
    stop_lane: bool = False

    @property
    def campaign(self) -> Campaign | None:
        """Into which it is sent, if anything may be."""
        found = self.push or self.inbox
        return None if found is None else found.campaign


NOTHING = NextBatch()


def next_batch(locked: LockedLane, *, at: datetime, after_small: bool, watch: HoldWatch) -> NextBatch:
    """`after_small`: the lane's last call was a small push out of turn, so this one isn't."""
    lane = locked.lane
    seconds = watch.left(lane.held_reason, lane.held_until, at)
    if seconds != 0:
        return NextBatch(held=lane.held_reason, seconds=seconds)
    pushes = [push for push in locked.running() if push.state == Push.State.SENDING]
    special = _Special.of(lane, pushes) if pushes else _Special(None, {})
    if special.uncertain is not None:
        # It blocks the lane: a second answer about the same numbers would only add doubt.
        push_id, batch_id = special.uncertain
        push = next(push for push in pushes if push.pk == push_id)
        return _admitted(push, _batches(lane).get(pk=batch_id), at, watch)
    hold = NOTHING
    for found in _in_turn(locked, pushes, special, after_small=after_small, at=at, watch=watch):
        if found.campaign is not None or found.stop_lane:
            return found
        if hold is NOTHING or _sooner(found, hold):
            hold = found
    return hold


def _in_turn(
    locked: LockedLane, pushes: list[Push], special: "_Special", *, after_small: bool, at: datetime, watch: HoldWatch
) -> Iterator[NextBatch]:
    """What may be sent, or why not. Small pushes go first every other time, and then leads that wait for a push."""

    def planned(some: Iterable[Push]) -> Iterator[NextBatch]:
        for push in some:
            batch = _next_planned(locked.lane, push, special.pieces.get(push.pk))
            if batch is not None:
                yield _admitted(push, batch, at, watch)

    leads = _waiting(locked.lane, at, watch) if locked.leads_wait else iter(())
    if after_small:
        yield from planned(pushes)
        yield from leads
    else:
        yield from planned(push for push in pushes if push.batches_total == 1)
        yield from leads
        yield from planned(pushes)


def _waiting(lane: Lane, at: datetime, watch: HoldWatch) -> Iterator[NextBatch]:
    """Inboxes with leads, the longest waiting first."""
    for inbox in Inbox.objects.to_send().filter(lane=lane).select_related("campaign__connection", "lane"):
        connection = inbox.campaign.connection
        seconds = watch.left(connection.held_reason, connection.held_until, at)
        yield NextBatch(inbox=inbox) if seconds == 0 else NextBatch(held=connection.held_reason, seconds=seconds)


@dataclass(frozen=True, slots=True)
class _Special:
    """The batches of a lane that go before the others of their push."""

    uncertain: tuple[int, int] | None  # the first one of the lane: its push, and itself
    pieces: dict[int, int]  # push -> the first planned piece of a split, or follow-up

    @classmethod
    def of(cls, lane: Lane, pushes: list[Push]) -> "_Special":
        ahead = Q(state=Batch.State.UNCERTAIN) | Q(state=Batch.State.PLANNED, root__isnull=False)
        found = Batch.objects.filter(ahead, lane=lane, push__in=pushes)
        # Among pieces, a refused one waits until the others have been tried.
        found = found.order_by("refusals", "number", "pk")
        pieces: dict[int, int] = {}
        uncertain: list[tuple[int, int]] = []
        for batch_id, push_id, state in found.values_list("pk", "push", "state"):
            if state == Batch.State.UNCERTAIN:
                uncertain.append((batch_id, push_id))
            else:
                pieces.setdefault(push_id, batch_id)
        first = min(uncertain, default=None)
        return cls(None if first is None else (first[1], first[0]), pieces)


def sending_pushes() -> QuerySet[Push]:
    """Confirmed pushes that are neither paused nor ended, in sending order."""
    return Push.objects.filter(state=Push.State.SENDING).order_by("confirmed_at", "pk")


def _batches(lane: Lane) -> QuerySet[Batch]:
    return Batch.objects.filter(lane=lane).select_related("root").defer("root__rows", "root__outcomes")


def _next_planned(lane: Lane, push: Push, piece: int | None) -> Batch | None:
    if piece is not None:
        return _batches(lane).get(pk=piece)
    planned = _batches(lane).filter(push=push, state=Batch.State.PLANNED, root__isnull=True)
    return planned.order_by("number").first()


def _admitted(push: Push, batch: Batch, at: datetime, watch: HoldWatch) -> NextBatch:
    """The batch, unless its connection is held or the user who asked may no longer send."""
    connection = push.campaign.connection
    if connection.removed_at is not None:
        return NextBatch(held=f"The connection “{connection.name}” was removed.", stop_lane=True)
    if push.by is not None and not push.by.is_active:
        return NextBatch(held=f"{push.by.label}, who started this, can no longer sign in.", stop_lane=True)
    seconds = watch.left(connection.held_reason, connection.held_until, at)
    if seconds != 0:
        return NextBatch(held=connection.held_reason, seconds=seconds)
    return NextBatch(batch=batch, push=push)


def _sooner(one: NextBatch, other: NextBatch) -> bool:
    return one.seconds is not None and (other.seconds is None or one.seconds < other.seconds)


def lanes_to_drain(*, at: datetime, watch: HoldWatch) -> dict[int, float]:
    """Lanes with something to send or to settle, and the seconds until their holds and their connections' holds end.

    Lanes that only a person can unblock are left out.
    """
    waits: dict[int, float] = {}
    holds_of = (
        "lane__held_reason",
        "lane__held_until",
        "campaign__connection__held_reason",
        "campaign__connection__held_until",
    )
    rows = sending_pushes().values_list("lane", "pk", *holds_of)
    # An uncertain batch goes first, even if the connection that sends it is held: two may share a lane.
    uncertain = Batch.objects.filter(state=Batch.State.UNCERTAIN, lane=F("push__lane"), push__in=sending_pushes())
    first = dict(uncertain.order_by("-pk").values_list("lane", "push"))
    leads = Inbox.objects.to_send().annotate(no_push=Value(0)).values_list("lane", "no_push", *holds_of)
    for lane_id, push_id, lane_reason, lane_until, reason, until in [*rows, *leads]:
        if first.get(lane_id, push_id) != push_id:
            continue
        holds = (watch.left(lane_reason, lane_until, at), watch.left(reason, until, at))
        if None not in holds:
            seconds = max(hold or 0.0 for hold in holds)
            waits[lane_id] = min(seconds, waits.get(lane_id, seconds))
    # If its owner died, an open call is settled whatever happened to its push, because settling sends nothing.
    in_flight = Batch.objects.filter(
        state=Batch.State.SENDING, lane=F("push__lane"), push__confirmed_at__isnull=False, push__ended_at=None
    )
    waits |= dict.fromkeys(in_flight.values_list("lane", flat=True), 0.0)
    return waits
