"""The invariants of docs/sending.md, asserted on stored data. Those only visible on the wire (I3, I5) are checked by a
sandbox."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from django.db.models import F, Q, QuerySet, Sum

from voisoadmin.campaigns.models import Lane
from voisoadmin.contacts.packing import unpack
from voisoadmin.contacts.reasons import BY_BYTE, BY_CODE, FOR_A_PERSON, IN_BATCH_TO_SEND, LEFT_OUT, MOVED, UNSENT, Bucket
from voisoadmin.contacts.wording import bucket_of
from voisoadmin.pushes.audit_doubt import doubt_breaches, inherited, outcome_breaches
from voisoadmin.pushes.audit_intakes import intake_breaches
from voisoadmin.pushes.lanes import locked_lane
from voisoadmin.pushes.models import Batch, Call, Inbox, Push, RejectedRecord
from voisoadmin.pushes.replacing import NEVER_SENT

ENDED = {Batch.State.CONFIRMED, Batch.State.SPLIT, Batch.State.PARKED, Batch.State.CANCELLED, Batch.State.LEFT_OUT}
NOT_ENDED = {Batch.State.PLANNED, Batch.State.UNCERTAIN}
DOUBTFUL = frozenset({"interrupted_call", "no_clear_answer", "cancelled_uncertain", "voiso_named_nothing"})
UNCLEAR = (Call.Result.UNCERTAIN, Call.Result.UNNAMED)
PROVEN_BY = {
    "added": "created",
    "inserted_by_update": "created",
    "updated": "updated",
    "in_campaign": "duplicates",
    "interrupted_call": "duplicates",
    "refused_by_voiso": "rejected",
    "refused_update": "rejected",
}


def audit(pushes: QuerySet[Push] | None = None) -> list[str]:
    """Every violation as a sentence; empty if there is none. Drafts are left out, because they are still being written."""
    checked = Push.objects.exclude(confirmed_at=None) if pushes is None else pushes
    breaches: list[str] = []
    for push_id, lane_id in checked.order_by("pk").values_list("pk", "lane"):
        breaches += _certain(lane_id, partial(_push, push_id))
    lanes = Q(pushes__in=checked) if pushes is not None else Q(pushes__in=checked) | Q(inboxes__isnull=False)
    for lane_id in Lane.objects.filter(lanes).distinct().values_list("pk", flat=True):
        breaches += _certain(lane_id, partial(_lane, lane_id))
    return breaches


def _certain(lane_id: int, look: Callable[[], Iterable[str]]) -> list[str]:
    """Only the violations that remain when nothing is running: an engine may have changed the data while we looked."""
    if not list(look()):
        return []
    with locked_lane(lane_id):
        list(Inbox.objects.select_for_update().filter(lane=lane_id))
        return list(look())


class _PushAudit:
    def __init__(self, push: Push) -> None:
        self.push = push
        self.buckets = Counter[str]()
        self.reasons = Counter[str]()
        self.numbers: set[str] = set()
        self.moved: dict[int, set[str]] = {}  # root -> numbers whose outcome is recorded by a later batch
        self.pieces: dict[int, Counter[str]] = {}  # root -> how often each of those numbers is recorded
        self.doubts = inherited(push)
        self.states = Counter[str]()
        self.calls = 0

    def breaches(self) -> Iterator[str]:
        found = itertools.chain(self._batches(), self._records(), self._sums())
        yield from (f"Push {self.push.pk}: {breach}" for breach in found)

    def _batches(self) -> Iterator[str]:
        keys = list(Batch.objects.filter(push=self.push).order_by("number", "pk").values_list("pk", flat=True))
        for key in keys:
            batch = Batch.objects.select_related("root").get(pk=key)
            yield from (f"batch {batch.number} ({batch.state}): {breach}" for breach in self._batch(batch))
        for root, recorded in self.pieces.items():
            if set(recorded) != self.moved.get(root, set()) or any(times != 1 for times in recorded.values()):
                yield f"I1: not every row moved out of batch {root} has exactly one outcome"
        for root in self.moved.keys() - self.pieces.keys():
            if self.moved[root]:
                yield f"I1: rows were moved out of batch {root} and into no other batch"

    def _batch(self, batch: Batch) -> Iterator[str]:
        rows = unpack(batch.rows)
        codes = bytes(batch.outcomes) or bytes(batch.size)
        if len(rows) != batch.size or len(codes) != batch.size:
            yield "I6: its rows and outcomes don't fit its size"
            return
        if (batch.state in ENDED) != bool(batch.outcomes):
            yield "I6: it has ended without outcomes, or has outcomes without having ended"
        if unknown := set(codes) - BY_BYTE.keys():
            yield f"I1: its outcomes contain unknown bytes: {sorted(unknown)}"
            return
        if batch.outcomes and BY_CODE["waiting"].byte in codes:
            yield "I1: it has ended but still has waiting rows"
        if self.push.state == Push.State.CANCELLED and batch.state in NOT_ENDED:
            yield "I1: its push was cancelled but it didn't end"
        self.states[batch.state] += 1
        for code in codes:
            if code != MOVED:
                self.buckets[BY_BYTE[code].bucket] += 1
                self.reasons[BY_BYTE[code].code] += 1
        yield from doubt_breaches(rows, self.doubts)
        left_out, is_piece = batch.state == Batch.State.LEFT_OUT, batch.root_id is not None
        if is_piece or not left_out:
            yield from outcome_breaches(self.push, rows, codes)
        # A piece that is left out was taken from a batch to be sent.
        allowed = (LEFT_OUT & UNSENT if is_piece else LEFT_OUT) if left_out else IN_BATCH_TO_SEND - LEFT_OUT
        if misplaced := {BY_BYTE[code].code for code in codes} - allowed:
            what = "was never sent" if left_out else "is a batch to be sent"
            yield f"I2: it {what}, and rows of it are {sorted(misplaced)}"
        if left_out and not is_piece:
            return
        numbers = [row.number for row in rows]
        yield from self._distinct(batch, numbers, codes)
        calls = list(batch.calls.order_by("pk"))
        self.calls += len(calls)
        yield from self._states(batch, calls, inherits=all(row.doubted_since for row in rows))
        yield from self._proofs(batch, numbers, codes, calls)

    def _distinct(self, batch: Batch, numbers: list[str], codes: bytes) -> Iterator[str]:
        if len(set(numbers)) != len(numbers):
            yield "I7: a number occurs twice in the batch"
        root = batch.root_id or batch.pk
        moved = {number for number, code in zip(numbers, codes, strict=True) if code == MOVED}
        if batch.root_id is None:
            if not self.numbers.isdisjoint(numbers):
                yield "I7: a number occurs twice in the push"
            self.numbers.update(numbers)
            self.moved.setdefault(root, set()).update(moved)
        else:
            self.pieces.setdefault(root, Counter()).update(number for number in numbers if number not in moved)

    def _states(self, batch: Batch, calls: list[Call], *, inherits: bool) -> Iterator[str]:
        """`inherits`: every row is in doubt since an earlier push."""
        open_calls = sum(call.outcome == Call.Result.OPEN for call in calls)
        if open_calls != (batch.state == Batch.State.SENDING):
            yield f"I5: {open_calls} open calls"
        answered = [call for call in calls if call.outcome == Call.Result.ANSWERED]
        if len(answered) > 1 or (answered and answered[-1] is not calls[-1]):
            yield "I6: it was sent again after a valid answer"
        if any((call.outcome == Call.Result.OPEN) != (call.finished_at is None) for call in calls):
            yield "I6: a call is half closed"
        uncertain = any(call.outcome in UNCLEAR for call in calls)
        if uncertain and not (batch.root or batch).was_uncertain:
            yield "I2: a call was uncertain, but its root isn't marked"
        if batch.root_id is None and batch.was_uncertain and not uncertain and not inherits and not _asked_again(batch):
            yield "I2: it is marked as in doubt without an unclear request"

    def _proofs(self, batch: Batch, numbers: list[str], codes: bytes, calls: list[Call]) -> Iterator[str]:
        last = calls[-1] if calls else None
        named = last.named if last and last.outcome == Call.Result.ANSWERED else {}
        lists = {name: set(found) for name, found in named.items()}
        doubtful: list[str] = []
        acted = any(BY_BYTE[code].code in UNSENT for code in set(codes)) and _may_have_acted(batch)
        for number, code in zip(numbers, codes, strict=True):
            reason = BY_BYTE[code].code
            needed = PROVEN_BY.get(reason)
            if needed is not None and number not in lists.get(needed, ()):
                yield f"I2: …{number[-3:]} is {reason}, and no answer named it so"
            if reason == "in_campaign" and self.push.kind == Push.Kind.ADD:
                doubtful.append(number)
            if reason in DOUBTFUL and not (batch.root or batch).was_uncertain:
                yield f"I2: …{number[-3:]} is {reason} without an uncertain call"
            if reason == "voiso_named_nothing" and (last is None or last.outcome != Call.Result.UNNAMED):
                yield f"I2: …{number[-3:]} is voiso_named_nothing, and the last answer was not of that kind"
            if reason in UNSENT and acted:
                yield f"I2: …{number[-3:]} is not sent, though Voiso may have acted on it"
            if reason == "refused_alone" and not ((batch.root or batch).accepted_any and batch.size == 1):
                yield f"I2: …{number[-3:]} is a single rejected row without an accepted row in its split"
        if doubtful and last is not None and _in_doubt_before(batch, last):
            yield from self._known_before(batch, doubtful)

    def _known_before(self, batch: Batch, doubtful: list[str]) -> Iterator[str]:
        first = Call.objects.filter(batch=batch.root_id or batch.pk).order_by("pk").values_list("pk", flat=True)[0]
        contacts = self.push.lane.contacts.filter(number__in=[int(number) for number in doubtful])
        late = [c for c in contacts if c.first_call_id is not None and c.first_call_id >= first]
        if late or len(contacts) != len(doubtful):
            yield "I2: rows are duplicates after a lost answer, though no earlier call knew them"

    def _records(self) -> Iterator[str]:
        records = RejectedRecord.objects.filter(push=self.push)
        recorded, replaced = Counter[str](), Counter[str]()
        for bucket, reason, later in records.values_list("bucket", "reason", "replaced_by").iterator():
            if later is not None:
                replaced[reason] += 1
            if bucket == Bucket.INVALID:
                self.buckets[Bucket.INVALID] += 1
                self.reasons[reason] += 1
            else:
                recorded[reason] += 1
        own = {code for code, reason in BY_CODE.items() if reason.bucket in FOR_A_PERSON}
        for code in sorted(own | recorded.keys()):
            if recorded[code] != self.reasons[code]:
                yield f"I1: {self.reasons[code]} rows are {code}, and {recorded[code]} rejected records say so"
        yield from self._replaced(replaced)
        yield from self._dismissed(records)

    def _replaced(self, recorded: Counter[str]) -> Iterator[str]:
        """The rows whose outcome a later push records: they are in no bucket of this one."""
        counted = Counter(self.push.replaced)
        for code, rows in counted.items():
            self.reasons[code] -= rows
            self.buckets[bucket_of(code)] -= rows
        never_sent = {code: rows for code, rows in counted.items() if code == NEVER_SENT}
        if counted != recorded + Counter(never_sent):
            yield f"I1: it counts replaced rows as {dict(counted)}; their records say {dict(recorded)}"
        if counted.total() != self.push.replaced_rows or any(rows < 0 for rows in self.reasons.values()):
            yield f"I1: it counts {self.push.replaced_rows} replaced rows, by reason {dict(counted)}"
        self.reasons = +self.reasons

    def _dismissed(self, records: QuerySet[RejectedRecord]) -> Iterator[str]:
        done_with = records.filter(replaced_by=None, dismissed_at__isnull=False).values_list("reason", flat=True)
        dismissed = Counter(done_with.iterator())
        if dismissed != Counter(self.push.dismissed) or dismissed.total() != self.push.dismissed_rows:
            yield f"I1: it counts dismissed rows as {self.push.dismissed}; their records say {dict(dismissed)}"

    def _sums(self) -> Iterator[str]:
        counters = {name: count for name, count in self.push.buckets().items() if count}
        found = {str(bucket): count for bucket, count in self.buckets.items() if count}
        if counters != found or sum(found.values()) + self.push.replaced_rows != self.push.rows:
            yield f"I1: its counters say {counters} of {self.push.rows} rows, its rows say {found}"
        if {code: count for code, count in self.push.reasons.items() if count} != dict(self.reasons):
            yield f"I1: its counters say {self.push.reasons}, its rows say {dict(self.reasons)}"
        to_send = Counter({state: count for state, count in self.states.items() if state != Batch.State.LEFT_OUT})
        done = sum(count for state, count in to_send.items() if state in ENDED)
        counted = (self.push.batches_total, self.push.batches_done, self.push.calls)
        if counted != (to_send.total(), done, self.calls):
            yield f"I1: it counts batches, ended ones and calls as {counted}; they are {(to_send.total(), done, self.calls)}"
        unclear = set(self.reasons) & BY_CODE.keys() & {"moved"}
        if unclear:
            yield "I1: rows are shown as moved"
        ended = self.push.state in {Push.State.FINISHED, Push.State.CANCELLED} and self.push.ended_at is not None
        if ended and self.push.pending:
            yield "I6: it has ended with pending rows"


def _in_doubt_before(batch: Batch, call: Call) -> bool:
    """Whether an earlier request may have added rows of the batch without reporting them. Numbers that an incomplete
    answer names are certain."""
    family = Q(batch=batch.root_id or batch.pk) | Q(batch__root=batch.root_id or batch.pk)
    earlier = Call.objects.filter(family, pk__lt=call.pk)
    return batch.follow_ups > 0 or earlier.filter(outcome__in=UNCLEAR).exists()


def _asked_again(root: Batch) -> bool:
    """Whether a request for one of its pieces was unclear, or an answer left out some of its numbers."""
    pieces = Batch.objects.filter(root=root)
    return pieces.filter(Q(follow_ups__gt=0) | Q(calls__outcome__in=UNCLEAR)).exists()


def _may_have_acted(batch: Batch) -> bool:
    outcomes = (Call.Result.OPEN, Call.Result.ANSWERED, *UNCLEAR)
    return Call.objects.filter(batch__in={batch.pk, batch.root_id or batch.pk}, outcome__in=outcomes).exists()


def _push(push_id: int) -> Iterator[str]:
    return _PushAudit(Push.objects.get(pk=push_id)).breaches()


def _lane(lane_id: int) -> Iterator[str]:
    lane = Lane.objects.get(pk=lane_id)
    calls = Call.objects.filter(lane=lane).order_by("pk")
    for breach in itertools.chain(_counters(lane), _calls(lane, calls.iterator()), intake_breaches(lane_id)):
        yield f"Lane {lane.pk}: {breach}"


def _counters(lane: Lane) -> Iterator[str]:
    confirmed = Push.objects.filter(lane=lane).exclude(confirmed_at=None)
    sums = confirmed.aggregate(added=Sum("added"), duplicate=Sum("duplicate"), rejected=Sum("rejected"))
    unattributed = confirmed.aggregate(all=Sum("unattributed"))["all"] or 0
    to_fix = confirmed.aggregate(all=Sum(F("invalid") + F("rejected") + F("needs_review") - F("dismissed_rows")))["all"] or 0
    if lane.rows_to_fix != to_fix:
        yield f"I1: it counts {lane.rows_to_fix} rows to fix; they are {to_fix}"
    if lane.contacts_accepted != lane.contacts_added + unattributed:
        yield f"I1: it counts {lane.contacts_accepted} accepted; {lane.contacts_added} were added, {unattributed} in doubt"
    counted = (lane.contacts_known, lane.contacts_added, lane.rows_duplicate, lane.rows_rejected)
    true = (lane.contacts.count(), *(sums[name] or 0 for name in ("added", "duplicate", "rejected")))
    if counted != true:
        yield f"I1: it counts contacts, added, duplicate and rejected rows as {counted}; they are {true}"


def _calls(lane: Lane, calls: Iterable[Call]) -> Iterator[str]:
    epoch = open_calls = 0
    for call in calls:
        if call.epoch < epoch or call.epoch > lane.epoch:
            yield f"I6: call {call.pk} carries epoch {call.epoch}, after {epoch}; the lane is at {lane.epoch}"
        if open_calls:
            yield f"I3: call {call.pk} began while another one was open"
        if epoch and not call.owed_milliseconds:
            yield f"I4: call {call.pk} owed its lane no rest, though another one went before"
        if call.rested_milliseconds + 1 < call.owed_milliseconds:
            yield f"I4: call {call.pk} began after {call.rested_milliseconds} ms; the lane owed {call.owed_milliseconds} ms"
        epoch = call.epoch
        open_calls += call.outcome == Call.Result.OPEN
