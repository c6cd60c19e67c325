"""The rejected records of all uploads as one list, the latest upload first.

It is read upload by upload, using the counters to skip empty ones and the index of each: a page costs the same for a
hundred records or a million, drafts included.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.db.models import Q
from django.urls import reverse

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.contacts.wording import bucket_of, title_of
from voisoadmin.pushes.models import Push, RejectedRecord, SearchBlock
from voisoadmin.pushes.row_search import RowSearch, records_among
from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.pages.rejects import (
    ONE_BY_ONE,
    ListFilter,
    RowsToFix,
    Tab,
    counts,
    dismissed_tab,
    narrowed,
    shown,
    with_fixes,
)

LABELS = (("invalid", "Invalid"), ("rejected", "Rejected by Voiso"), ("needs_review", "Needs review"))
TOGETHER = 500  # pushes


def of_everything(pushes: Sequence[Push], wanted: ListFilter) -> RowsToFix:
    """A page of the records of all sent uploads. `pushes`: from `pushes_with_rows_to_fix`."""
    reasons = counts(pushes, dismissed=wanted.dismissed)
    rows = {bucket: sum(count for code, count in reasons.items() if bucket_of(code) == bucket) for bucket, _ in LABELS}
    total = sum(counts(pushes).values())
    narrowed = bool(wanted.bucket or wanted.reason or wanted.dismissed)
    tabs = [Tab("All", total, wanted.url(bucket="", reason="", dismissed=""), not narrowed)]
    tabs += [Tab(label, rows[code], wanted.url(bucket=code, reason=""), wanted.bucket == code) for code, label in LABELS]
    tabs += [
        Tab(title_of(code), count, wanted.url(reason=code, bucket=""), wanted.reason == code) for code, count in reasons.items()
    ]
    tabs += dismissed_tab(pushes, wanted)
    page, address = _page(pushes, wanted), reverse("uploads:rejected")
    return RowsToFix(
        wanted=wanted,
        total=total,
        rows=wanted.count(reasons),
        tabs=tabs,
        records=with_fixes([shown(record, _upload_of(record.push)) for record in page[: wanted.size]]),
        next_url=address + wanted.url(after=page[wanted.size - 1].pk) if len(page) > wanted.size else "",
        first_url="" if wanted.after is None else address + wanted.url(),
    )


def _upload_of(push: Push) -> Upload | None:
    if push.intake is not None:
        return push.intake.upload
    return next(iter(push.uploads.all()), None)


def pushes_of_list(pushes: Iterable[Push], wanted: ListFilter) -> Iterator[Push]:
    """Those with rows of the list."""
    return (push for push in pushes if _count(push, wanted))


def pushes_with_rows_to_fix(user: User, wanted: ListFilter) -> list[Push]:
    """The confirmed pushes with such records, the latest first."""
    campaigns = Campaign.objects.visible_to(user)
    if wanted.campaign:
        campaigns = campaigns.filter(pk=wanted.campaign)
    pushes = Push.objects.exclude(state=Push.State.DRAFT).filter(lane__in=campaigns.values("lane"))
    pushes = pushes.filter(Q(invalid__gt=0) | Q(rejected__gt=0) | Q(needs_review__gt=0))
    shown = pushes.only("intake", "reasons", "dismissed", "dismissed_rows", "confirmed_at")
    return list(shown.order_by("-confirmed_at", "-pk"))


def _page(pushes: Sequence[Push], wanted: ListFilter) -> list[RejectedRecord]:
    """The records of one page, plus one if there are more."""
    anchor = RejectedRecord.objects.filter(pk=wanted.after).first() if wanted.after is not None else None
    found: list[int] = []
    at = next((at for at, push in enumerate(pushes) if anchor is not None and push.pk == anchor.push_id), None)
    if anchor is not None and at is not None:
        found = _keys([pushes[at]], wanted, below=anchor.row_number)
        pushes = pushes[at + 1 :]
    for together in _chunks([push for push in pushes if _count(push, wanted)], wanted):
        if len(found) > wanted.size:
            break
        found += _keys(together, wanted)
    found = found[: wanted.size + 1]
    by_key = RejectedRecord.objects.in_bulk(found)
    return _with_pushes([by_key[key] for key in found if key in by_key])


def _with_pushes(records: list[RejectedRecord]) -> list[RejectedRecord]:
    """Each push is read once, not with each of its rows."""
    pushes = Push.objects.select_related("campaign", "intake__upload").prefetch_related("uploads")
    by_key = pushes.in_bulk({record.push_id for record in records})
    for record in records:
        record.push = by_key[record.push_id]
    return records


def _count(push: Push, wanted: ListFilter) -> int:
    """How many records of the push pass the filters, before any search."""
    return wanted.count(counts([push], dismissed=wanted.dismissed))


def _chunks(pushes: Sequence[Push], wanted: ListFilter) -> Iterator[Sequence[Push]]:
    """Pushes to query together: one by one; in a search, where most may have no match, many."""
    size = TOGETHER if wanted.query else 1
    for start in range(0, len(pushes), size):
        yield pushes[start : start + size]


def _keys(pushes: Sequence[Push], wanted: ListFilter, *, below: int | None = None) -> list[int]:
    """The keys of the records of some pushes, each push from its last row up; not more than a page and one."""
    ids = [push.pk for push in pushes]
    records = narrowed(RejectedRecord.objects.filter(push__in=ids), wanted)
    blocks = SearchBlock.objects.filter(push__in=ids)
    if below is not None:
        records, blocks = records.filter(row_number__lt=below), blocks.filter(first_row__lt=below)
    if not wanted.query:
        return list(records.order_by("-row_number").values_list("pk", flat=True)[: wanted.size + 1])
    places = {pk: place for place, pk in enumerate(ids)}
    search = RowSearch(query=wanted.query, takes=wanted.takes, push_places=places, is_from_last=True)
    if sum(_count(push, wanted) for push in pushes) <= ONE_BY_ONE:
        return search.one_by_one(records)[: wanted.size + 1]
    return records_among(records, search.in_blocks(blocks, records), most=wanted.size + 1)
