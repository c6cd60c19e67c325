"""Compares the reported outcomes of pushes with the sandbox's records: who really created which contact."""

import bisect
import time
from typing import Protocol

from voisoadmin.contacts.packing import unpack
from voisoadmin.contacts.reasons import BY_BYTE
from voisoadmin.pushes import services
from voisoadmin.pushes.models import Call, Push, RejectedRecord
from voisoadmin.sandbox import SeenRequest


class Truth(Protocol):
    def requests(self, campaign_id: int | str, *kinds: str) -> list[SeenRequest]: ...

    def numbers_in(self, campaign_id: int | str) -> set[str]: ...

    def creator_of(self, campaign_id: int | str, number: str) -> int | None: ...


def false_reports(truth: Truth, campaign_id: int, lane_id: int) -> list[str]:
    """Every row whose label contradicts the sandbox. The wall clock must not have jumped during the run."""
    # A call is committed before its bytes are sent, and calls of a lane never overlap, so each request belongs to the last
    # call that was begun before it.
    calls = list(Call.objects.filter(lane=lane_id).select_related("batch").order_by("started_at"))
    offset = time.time() - time.monotonic()
    begun = [call.started_at.timestamp() - offset for call in calls]
    requests = {seen.no: seen for seen in truth.requests(campaign_id)}
    creators = truth.creators(campaign_id) if hasattr(truth, "creators") else None

    def creating_root(number: str) -> int | None:
        """The root batch whose call created the contact; 0: it was there before us; None: it isn't there."""
        no = creators.get(number) if creators is not None else truth.creator_of(campaign_id, number)
        if not no:
            return no
        batch = calls[bisect.bisect_right(begun, requests[no].started + 0.001) - 1].batch
        return batch.root_id or batch.pk

    earlier, of_number = _earlier_roots(lane_id), _roots_of_numbers(lane_id)
    found = []
    for push in Push.objects.filter(lane=lane_id).exclude(confirmed_at=None):
        for batch in push.batches.exclude(state="left_out"):
            root = batch.root_id or batch.pk
            codes = bytes(batch.outcomes) or bytes(batch.size)
            for row, code in zip(unpack(batch.rows), codes, strict=True):
                reason = BY_BYTE[code].code
                creator = creating_root(row.number)
                roots = {root, *earlier.get((push.pk, row.row_number), ())}
                if push.first_row is not None:
                    roots |= {one for before, one in of_number.get(row.number, ()) if before < push.pk}
                false = {
                    "added": creator != root,
                    "inserted_by_update": creator != root,
                    "updated": creator is None,
                    "in_campaign": creator is None or creator in roots,
                    "interrupted_call": creator is None,
                    "refused_by_voiso": creator in roots,
                    "refused_alone": creator in roots,
                    "cancelled": creator in roots,
                }.get(reason, False)
                if false:
                    found.append(
                        f"row {row.row_number} of push {push.pk} is {reason}; created by {creator}, its root is {root}"
                    )
    return found


def _earlier_roots(lane_id: int) -> dict[tuple[int, int], set[int]]:
    """(push, row) -> the root batches with which earlier pushes sent the row."""
    roots: dict[tuple[int, int], set[int]] = {}
    records = RejectedRecord.objects.filter(push__lane=lane_id, replaced_by__isnull=False).select_related("batch")
    for record in records.order_by("push", "pk"):
        if record.batch is not None:
            before = roots.get((record.push_id, record.row_number), set())
            roots[record.replaced_by_id, record.row_number] = {record.batch.root_id or record.batch_id, *before}
    return roots


def _roots_of_numbers(lane_id: int) -> dict[str, list[tuple[int, int]]]:
    """Number -> the pushes, with their root batches, that sent it and had no clear answer."""
    roots: dict[str, list[tuple[int, int]]] = {}
    records = RejectedRecord.objects.filter(push__lane=lane_id, batch__isnull=False)
    for record in records.select_related("batch"):
        roots.setdefault(record.phone, []).append((record.push_id, record.batch.root_id or record.batch_id))
    return roots


def lost_rows(truth: Truth, campaign_id: int, lane_id: int) -> list[str]:
    """Rows of finished pushes that should be in the campaign but aren't."""
    there = truth.numbers_in(campaign_id)
    in_campaign = {"added", "updated", "duplicate", "unattributed"}
    return [
        f"row {row.row_number} of push {push.pk} is {row.bucket}, and not in the campaign"
        for push in Push.objects.filter(lane=lane_id, state__in=["finished", "cancelled"])
        for row in services.iter_rows(push)
        if row.bucket.value in in_campaign and row.number not in there
    ]
