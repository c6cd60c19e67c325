"""A push of leads that waited, written and confirmed in one step, in the transaction that commits its call.

Nothing is formed ahead, so every lead is judged again by what is known at that moment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from voisoadmin.contacts.packing import PackedRow, outcome_bytes, pack, unpack
from voisoadmin.contacts.reasons import BY_CODE
from voisoadmin.pushes import counters
from voisoadmin.pushes.drafts import BATCH_SIZE
from voisoadmin.pushes.known_contacts import known_numbers
from voisoadmin.pushes.lanes import Fenced, LockedLane
from voisoadmin.pushes.models import Batch, Inbox, Intake, Push, RejectedRecord, WaitingLead
from voisoadmin.pushes.resent_rows import with_doubt

WAITING, KNOWN, SUPPRESSED = "waiting", "known_here", "suppressed"


@dataclass(frozen=True, slots=True)
class _Taken:
    """The oldest leads of one day, without a gap."""

    rows: list[PackedRow]
    suppressed: list[str]  # those of their numbers that must not be called
    oldest_left: datetime | None  # of the inbox

    @property
    def numbers(self) -> list[str]:
        return [row.number for row in self.rows]


def form_push(locked: LockedLane, inbox: Inbox, *, at: datetime, most: int = BATCH_SIZE) -> tuple[Push, Batch | None] | None:
    """One push of one batch, to be sent now; None if nothing waits any more.

    It has no batch, and has ended, if all its rows are left out. `inbox`: locked by this transaction, after its lane.
    """
    intake = Intake.objects.filter(inbox=inbox, waiting__gt=0).order_by("pk").first()
    if intake is None:
        return None
    taken = _take(inbox, intake, min(most, BATCH_SIZE))
    why_not = {} if inbox.resends_known else dict.fromkeys(known_numbers(inbox.lane_id, taken.numbers), KNOWN)
    why_not |= dict.fromkeys(taken.suppressed, SUPPRESSED)
    ready = [row for row in taken.rows if row.number not in why_not]
    left_out = [(row, why_not[row.number]) for row in taken.rows if row.number in why_not]
    push = Push.objects.create(
        lane_id=inbox.lane_id,
        campaign=inbox.campaign,
        origin=Push.Origin.INBOUND,
        resends_known=inbox.resends_known,
        by_label=inbox.label,
        intake=intake,
        first_row=taken.rows[0].row_number,
    )
    locked.add(push)
    locked.intakes.take(intake.pk, len(taken.rows))
    batch = _batch(push, ready, Batch.State.PLANNED) if ready else None
    if left_out:
        rows, reasons = zip(*left_out, strict=True)
        _batch(push, rows, Batch.State.LEFT_OUT, outcome_bytes(BY_CODE[reason].byte for reason in reasons))
    _confirm(locked, push, Counter([WAITING] * len(ready) + [reason for _, reason in left_out]), at)
    _remove(inbox, intake, taken)
    return push, batch


def _take(inbox: Inbox, intake: Intake, most: int) -> _Taken:
    """At most this number. Rows in doubt are never in one batch with others, so it ends where that changes."""
    leads = list(WaitingLead.objects.filter(intake=intake).order_by("row_number")[: most + 1])
    doubts = _doubts(inbox, [str(lead.number) for lead in leads])
    first = str(leads[0].number) in doubts
    end = next((at for at, lead in enumerate(leads) if (str(lead.number) in doubts) != first), len(leads))
    end = min(end, most)
    rows = [packed_lead(lead)._replace(doubted_since=doubts.get(str(lead.number))) for lead in leads[:end]]
    suppressed = [str(lead.number) for lead in leads[:end] if lead.suppressed]
    return _Taken(rows, suppressed, leads[end].at if end < len(leads) else _oldest_after(intake))


def packed_lead(lead: WaitingLead) -> PackedRow:
    return PackedRow(lead.row_number, lead.cells, str(lead.number), lead.fields)


def _oldest_after(intake: Intake) -> datetime | None:
    """When the first lead came that waits in a later intake of the inbox."""
    later = Intake.objects.filter(inbox=intake.inbox_id, waiting__gt=0, pk__gt=intake.pk).order_by("pk").first()
    if later is None:
        return None
    return WaitingLead.objects.filter(intake=later).order_by("row_number").values_list("at", flat=True)[0]


def _doubts(inbox: Inbox, numbers: Sequence[str]) -> dict[str, int]:
    """Number -> the first call that may have added it, of numbers that any push of the lane sent without a clear answer."""
    records = RejectedRecord.objects.filter(phone__in=numbers, batch__isnull=False, push__lane=inbox.lane_id)
    rows_of: dict[int, set[int]] = {}
    for batch_id, row_number in records.order_by().values_list("batch", "row_number"):
        rows_of.setdefault(batch_id, set()).add(row_number)
    doubts: dict[str, int] = {}
    for batch in Batch.objects.filter(pk__in=rows_of).select_related("root").defer("root__rows", "root__outcomes"):
        for row in with_doubt(batch, (row for row in unpack(batch.rows) if row.row_number in rows_of[batch.pk])):
            if row.doubted_since is not None:
                doubts[row.number] = min(row.doubted_since, doubts.get(row.number, row.doubted_since))
    return doubts


def _batch(push: Push, rows: Sequence[PackedRow], state: Batch.State, outcomes: bytes = b"") -> Batch:
    return Batch.objects.create(
        push=push,
        lane_id=push.lane_id,
        number=1,
        state=state,
        size=len(rows),
        first_row=rows[0].row_number,
        last_row=rows[-1].row_number,
        rows=pack(rows),
        outcomes=outcomes,
        was_uncertain=state == Batch.State.PLANNED and rows[0].doubted_since is not None,
    )


def _confirm(locked: LockedLane, push: Push, reasons: Mapping[str, int], at: datetime) -> None:
    push.reasons = dict(reasons)
    for code, rows in push.reasons.items():
        bucket = BY_CODE[code].bucket
        setattr(push, bucket, getattr(push, bucket) + rows)
    push.rows = sum(push.reasons.values())
    push.batches_total = int(bool(push.pending))
    counters.begin(locked, push, at=at)


def _remove(inbox: Inbox, intake: Intake, taken: _Taken) -> None:
    """What a push has taken waits no more."""
    leads = WaitingLead.objects.filter(intake=intake, row_number__lte=taken.rows[-1].row_number)
    if leads._raw_delete(leads.db) != len(taken.rows):  # nothing refers to a lead
        raise Fenced
    inbox.waiting -= len(taken.rows)
    inbox.oldest_at = taken.oldest_left
    inbox.save(update_fields=["waiting", "oldest_at"])
