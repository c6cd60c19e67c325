"""Mirrors what Voiso says of campaigns: writes only what differs from our rows.

A poll and an operation may overlap. Each campaign carries a number that grows as an operation begins and ends; if it has
grown since the poll began, the poll's data about this campaign is outdated and dropped.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.db.models import F

from voisoadmin.campaigns.board_places import keep_places
from voisoadmin.campaigns.models import Campaign, CampaignState, Cause, Lane
from voisoadmin.campaigns.status_writes import record_status
from voisoadmin.campaigns.statuses import BY_THE_DIALER, RESUMING, Status, settled
from voisoadmin.connections.models import Connection
from voisoadmin.voiso import address_of
from voisoadmin.voiso.payloads import CampaignFacts, Listing

# Campaigns written in one transaction, so that other writers wait no longer than that: in bulk, and one by one.
CHUNK = 200
CHANGED_AT_ONCE = 20
MOVES_TOO_OFTEN = frozenset({"updated_at"})  # would make every poll write every row

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PolledBefore:
    """A campaign as it was when the poll began."""

    pk: int
    name: str
    status: str
    status_source: str
    live: bool | None
    facts: dict[str, object]
    control_no: int
    pending: str
    missing: bool
    absent: bool = False  # missing in the last complete list


def mirror(
    connection: Connection,
    known: dict[str, PolledBefore],
    listed: Listing[CampaignFacts],
    *,
    at: datetime,
    list_no: int = 0,
) -> None:
    """Save a complete list. `known`: the campaigns as read before the request."""
    save_read(connection, known, listed.items, at=at, list_no=list_no)
    note_listed(connection, known, {facts.id for facts in listed.items}, is_whole=listed.is_whole, at=at)


def save_read(
    connection: Connection, known: dict[str, PolledBefore], items: list[CampaignFacts], *, at: datetime, list_no: int = 0
) -> None:
    """Save some campaigns as Voiso just described them."""
    listed = {facts.id: facts for facts in items}
    for fresh in chunks([facts for voiso_id, facts in listed.items() if voiso_id not in known]):
        _create(connection, fresh, at)
    differing = [
        (known[voiso_id], facts) for voiso_id, facts in listed.items() if voiso_id in known and _differs(known[voiso_id], facts)
    ]
    for some in chunks(differing, CHANGED_AT_ONCE):
        with transaction.atomic():
            for was, facts in some:
                _update(was, facts, at)
    for voiso_id, facts in listed.items():
        if list_no and voiso_id in known and known[voiso_id].pending:
            Campaign.objects.filter(pk=known[voiso_id].pk).update(list_status=facts.status[:60], list_no=list_no)


def note_listed(connection: Connection, known: dict[str, PolledBefore], ids: set[str], *, is_whole: bool, at: datetime) -> None:
    """A list was read to its end, and these campaigns were on it."""
    if is_whole:
        _note_absent([was for voiso_id, was in known.items() if voiso_id not in ids and not was.missing], at)
    Connection.objects.filter(pk=connection.pk).update(synced_at=at)


def _note_absent(absent: list[PolledBefore], at: datetime) -> None:
    """One list may omit a campaign by mistake: it counts as missing after two in a row."""
    for some in chunks([was.pk for was in absent if not was.absent]):
        Campaign.objects.filter(pk__in=some, absent_since=None).update(absent_since=at)
    for some in chunks([was.pk for was in absent if was.absent]):
        with transaction.atomic():
            Campaign.objects.filter(pk__in=some, missing_since=None).update(missing_since=F("absent_since"), changed_at=at)
            keep_places(Campaign.objects.filter(pk__in=some))


def chunks(items: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def known_campaigns(connection: Connection, *, only: Campaign | None = None) -> dict[str, PolledBefore]:
    """By Voiso's ID; all, or one."""
    found = Campaign.objects.filter(connection=connection)
    if only is not None:
        found = found.filter(pk=only.pk)
    rows = found.only(
        "voiso_id",
        "name",
        "status",
        "status_source",
        "live",
        "facts",
        "control_no",
        "pending_operation",
        "missing_since",
        "absent_since",
    )
    return {
        row.voiso_id: PolledBefore(
            row.pk,
            row.name,
            row.status,
            row.status_source,
            row.live,
            row.facts,
            row.control_no,
            row.pending_operation,
            row.missing_since is not None,
            row.absent_since is not None,
        )
        for row in rows.iterator()
    }


def _create(connection: Connection, fresh: Sequence[CampaignFacts], at: datetime) -> None:
    address = address_of(connection.base_url)
    ids = [facts.id for facts in fresh]
    with transaction.atomic():
        Lane.objects.bulk_create([Lane(address=address, voiso_id=voiso_id) for voiso_id in ids], ignore_conflicts=True)
        lanes = dict(Lane.objects.filter(address=address, voiso_id__in=ids).values_list("voiso_id", "pk"))
        Campaign.objects.bulk_create(
            [
                Campaign(
                    connection=connection,
                    lane_id=lanes[facts.id],
                    voiso_id=facts.id,
                    name=facts.name[:500],
                    status=facts.status[:60],
                    status_source=Campaign.Source.POLLED if facts.status else "",
                    status_since=at if facts.status else None,
                    cause=Cause.FIRST_SEEN if facts.status else "",
                    live=facts.live,
                    facts=_worth_keeping(facts),
                    seen_at=at,
                    changed_at=at,
                )
                for facts in fresh
            ],
            ignore_conflicts=True,
        )
        made = Campaign.objects.filter(connection=connection, voiso_id__in=ids, states=None).exclude(status="")
        CampaignState.objects.bulk_create(
            [
                CampaignState(
                    campaign=row,
                    status=row.status,
                    source=row.status_source,
                    cause=row.cause,
                    since=at,
                    accepted_before=row.lane.contacts_accepted,
                )
                for row in made.select_related("lane")
            ]
        )
        keep_places(Campaign.objects.filter(connection=connection, voiso_id__in=ids))


def _differs(was: PolledBefore, facts: CampaignFacts) -> bool:
    return was.missing or was.absent or _new_status(was, facts) or bool(_other_changes(was, facts))


def _new_status(was: PolledBefore, facts: CampaignFacts) -> bool:
    # During an operation its outcome writes the state, and knows who asked for it.
    if was.pending or not facts.status:
        return False
    return facts.status[:60] != was.status or was.status_source == Campaign.Source.INFERRED


def _other_changes(was: PolledBefore, facts: CampaignFacts) -> dict[str, object]:
    """Changed fields except the status; missing or null fields keep their value."""
    changes: dict[str, object] = {}
    if facts.name and facts.name[:500] != was.name:
        changes["name"] = facts.name[:500]
    if facts.live is not None and facts.live != was.live:
        changes["live"] = facts.live
    merged = was.facts | _worth_keeping(facts)
    if merged != was.facts:
        changes["facts"] = merged
    return changes


def _worth_keeping(facts: CampaignFacts) -> dict[str, object]:
    return {name: value for name, value in facts.further.items() if value is not None and name not in MOVES_TOO_OFTEN}


def _update(was: PolledBefore, facts: CampaignFacts, at: datetime) -> None:
    changes = _other_changes(was, facts)
    if was.absent and not was.missing:
        Campaign.objects.filter(pk=was.pk).update(absent_since=None)
    if was.missing:
        changes |= {"missing_since": None, "absent_since": None, "seen_at": at}
    if changes:
        Campaign.objects.filter(pk=was.pk).update(**changes, changed_at=at)
    if was.missing:
        keep_places(Campaign.objects.filter(pk=was.pk))
    if _new_status(was, facts):
        record_status(
            Campaign(pk=was.pk),
            facts.status[:60],
            source=Campaign.Source.POLLED,
            cause=_cause(was.status, facts.status),
            at=at,
            control_no=was.control_no,
        )


def _cause(before: str, now: str) -> str:
    """Infer, only from the statuses, why it changed without us."""
    if now in BY_THE_DIALER or settled(before) == now:
        return ""
    if now == Status.ACTIVE and before in RESUMING:
        return Cause.CONTINUED
    return Cause.ELSEWHERE if before else Cause.FIRST_SEEN
