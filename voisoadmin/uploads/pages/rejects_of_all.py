"""The rejected records of all uploads as one list, the latest upload first.

It is read upload by upload, using the counters to skip empty ones and the index of each: a page costs the same for a
hundred records or a million, drafts included.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import Q, QuerySet

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.contacts.reasons import FOR_A_PERSON
from voisoadmin.contacts.wording import bucket_of, title_of
from voisoadmin.pushes.models import Push, RejectedRecord
from voisoadmin.uploads.pages.rejects import Listing, Tab, Wish, counts, search, shown

LABELS = (("invalid", "Invalid"), ("rejected", "Rejected by Voiso"), ("needs_review", "Needs review"))
TOGETHER = 20_000  # records of small pushes that are searched in one query


def of_everything(user: User, wish: Wish) -> Listing:
    """A page of the records of all sent uploads."""
    pushes = _pushes(user, wish)
    rows = {bucket: sum(getattr(push, bucket) for push in pushes) for bucket, _ in LABELS}
    reasons = counts(pushes)
    total = sum(rows.values())
    narrowed = bool(wish.bucket or wish.reason)
    tabs = [Tab("All", total, wish.url(bucket="", reason=""), not narrowed)]
    tabs += [Tab(label, rows[code], wish.url(bucket=code, reason=""), wish.bucket == code) for code, label in LABELS]
    tabs += [
        Tab(title_of(code), count, wish.url(reason=code, bucket=""), wish.reason == code) for code, count in reasons.items()
    ]
    page = _page(pushes, wish)
    return Listing(
        wish=wish,
        total=total,
        tabs=tabs,
        records=[shown(record, next(iter(record.push.uploads.all()), None)) for record in page[: wish.size]],
        next_url=wish.url(after=page[wish.size - 1].pk) if len(page) > wish.size else "",
        first_url="" if wish.after is None else wish.url(),
    )


def _pushes(user: User, wish: Wish) -> list[Push]:
    """The confirmed pushes with such records, the latest first."""
    campaigns = Campaign.objects.visible_to(user)
    if wish.campaign:
        campaigns = campaigns.filter(pk=wish.campaign)
    pushes = Push.objects.exclude(state=Push.State.DRAFT).filter(lane__in=campaigns.values("lane"))
    pushes = pushes.filter(Q(invalid__gt=0) | Q(rejected__gt=0) | Q(needs_review__gt=0))
    return list(pushes.only("invalid", "rejected", "needs_review", "reasons", "confirmed_at").order_by("-confirmed_at", "-pk"))


def _page(pushes: Sequence[Push], wish: Wish) -> list[RejectedRecord]:
    """The records of one page, plus one if there are more."""
    anchor = RejectedRecord.objects.filter(pk=wish.after).first() if wish.after is not None else None
    found: list[int] = []
    at = next((at for at, push in enumerate(pushes) if anchor is not None and push.pk == anchor.push_id), None)
    if anchor is not None and at is not None:
        found = _keys([pushes[at]], wish, below=anchor.row_number)
        pushes = pushes[at + 1 :]
    for together in _chunks([push for push in pushes if _count(push, wish)], wish):
        if len(found) > wish.size:
            break
        found += _keys(together, wish)
    found = found[: wish.size + 1]
    records = RejectedRecord.objects.select_related("push__campaign__connection").prefetch_related("push__uploads")
    by_key = records.in_bulk(found)
    return [by_key[key] for key in found if key in by_key]


def _count(push: Push, wish: Wish) -> int:
    """How many records of the push pass the filters, before any search."""
    if wish.reason:
        return int(push.reasons.get(wish.reason, 0)) if bucket_of(wish.reason) in FOR_A_PERSON else 0
    return sum(getattr(push, bucket) for bucket in ([wish.bucket] if wish.bucket else FOR_A_PERSON))


def _chunks(pushes: Sequence[Push], wish: Wish) -> Iterator[list[Push]]:
    """Pushes to query together: one by one; in a search, where most may have no match, small ones by the thousand."""
    chunk: list[Push] = []
    records = 0
    for push in pushes:
        count = _count(push, wish)
        if chunk and (not wish.query or records + count > TOGETHER):
            yield chunk
            chunk, records = [], 0
        chunk.append(push)
        records += count
    if chunk:
        yield chunk


def _keys(pushes: Sequence[Push], wish: Wish, *, below: int | None = None) -> list[int]:
    """The keys of the records of some pushes, each push from its last row up; not many more than a page."""
    records: QuerySet[RejectedRecord] = RejectedRecord.objects.filter(replaced_by=None)
    if below is not None:
        records = records.filter(row_number__lt=below)
    if wish.bucket:
        records = records.filter(bucket=wish.bucket)
    if wish.reason:
        records = records.filter(bucket=bucket_of(wish.reason), reason=wish.reason)
    records = search(records, wish.query)
    if len(pushes) == 1:
        one = records.filter(push=pushes[0]).order_by("-row_number")
        return list(one.values_list("pk", flat=True)[: wish.size + 1])
    order = {push.pk: at for at, push in enumerate(pushes)}
    rows = records.filter(push__in=list(order)).order_by().values_list("push", "row_number", "pk")
    return [key for _, _, key in sorted(rows, key=lambda row: (order[row[0]], -row[1]))]
