"""An installation with thousands of campaigns, a file that is being sent, rows to fix and a long activity, for benchmarks.

Django must be set up and migrated. The campaigns are in simulated contact centres, so that a worker finds what is stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING

from search_rows import SMALL, sent_upload

if TYPE_CHECKING:
    from tests.support.sandbox import RemoteSandbox
    from voisoadmin.accounts.models import User
    from voisoadmin.campaigns.models import Campaign

STATUSES = ("active", "paused", "stopped", "draft", "auto_paused", "completed", "active", "paused")
ZONES = ("Europe/Berlin", "Europe/Lisbon", "America/New_York", "Asia/Tokyo")
SENT_TODAY = 3  # to each third campaign
QUARTERS = 8  # of each day in which something was sent to it
AT_ONCE = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    campaigns: int
    rows_to_fix: int
    operations: int
    rows_to_send: int  # of the file that is being sent


@dataclass(frozen=True, kw_only=True, slots=True)
class Places:
    """Numbers of what the pages are about."""

    campaign: int  # to which a file is being sent
    sending: int  # its upload
    to_fix: int  # the upload with most of the rows to fix
    connection: int


def fill(centres: "Sequence[RemoteSandbox]", size: Size, ines: "User", *, at: datetime) -> Places:
    campaigns: list[Campaign] = []
    for number, centre in enumerate(centres):
        campaigns += _campaigns(centre, size.campaigns // len(centres), ZONES[number % len(ZONES)], at=at)
    _sent_today(campaigns, at=at)
    to_fix = _rows_to_fix(campaigns, size.rows_to_fix, at=at)
    _activity(campaigns, ines, size.operations, at=at)
    sends = campaigns[0]
    places = Places(
        campaign=sends.pk,
        sending=_sending(sends, size.rows_to_send, ines, at=at),
        to_fix=to_fix,
        connection=sends.connection_id,
    )
    _know_the_tables()
    return places


def _know_the_tables() -> None:
    """What PostgreSQL does on its own some minutes after such an import: look at how many rows there are of each kind."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _campaigns(centre: "RemoteSandbox", count: int, zone: str, *, at: datetime) -> "list[Campaign]":
    from django.db import transaction

    from tests.support.sandbox import connect
    from voisoadmin.campaigns.board_places import keep_places
    from voisoadmin.campaigns.models import Campaign, Lane

    connection = connect(centre, address=centre.address, name=zone.partition("/")[2].replace("_", " "))
    connection.time_zone, connection.answered_at, connection.synced_at = zone, at, at
    connection.save()
    names = [f"{connection.name} {number:04}" for number in range(count)]
    statuses = [STATUSES[number % len(STATUSES)] for number in range(count)]
    keys = [str(centre.add_campaign(name, status=status)) for name, status in zip(names, statuses, strict=True)]
    lanes = Lane.objects.bulk_create(Lane(address=centre.address, voiso_id=key, last_push_at=at) for key in keys)
    made = Campaign.objects.bulk_create(
        Campaign(
            connection=connection,
            lane=lane,
            voiso_id=lane.voiso_id,
            name=name,
            status=status,
            status_source=Campaign.Source.POLLED,
            status_since=at - timedelta(minutes=20 + number % 600),
            live=True,
            agents_count=number % 40,
            seen_at=at,
            changed_at=at - timedelta(minutes=number % 600),
        )
        for number, (lane, name, status) in enumerate(zip(lanes, names, statuses, strict=True))
    )
    with transaction.atomic():
        keep_places(Campaign.objects.filter(connection=connection))
    return made


def _sent_today(campaigns: "Sequence[Campaign]", *, at: datetime) -> None:
    from django.db import connection

    from voisoadmin.campaigns.counted import quarter_of
    from voisoadmin.campaigns.models import QuarterHour

    quarters = [quarter_of(at - timedelta(days=day, minutes=15 * number)) for day in range(2) for number in range(QUARTERS)]
    QuarterHour.objects.bulk_create(
        (
            QuarterHour(lane_id=campaign.lane_id, began_at=quarter, added=100 + campaign.pk % 900, duplicate=3)
            for campaign in campaigns[::SENT_TODAY]
            for quarter in quarters
        ),
        batch_size=AT_ONCE,
    )
    with connection.cursor() as cursor:
        cursor.execute(import_module("voisoadmin.campaigns.migrations.0015_quarter_hours_of_centres").FILL)


def _rows_to_fix(campaigns: "Sequence[Campaign]", count: int, *, at: datetime) -> int:
    """Three fifths of one upload, the others of many small ones."""
    from django.db import transaction

    from voisoadmin.campaigns.models import Lane
    from voisoadmin.pushes import search_blocks

    large = count * 3 // 5
    with transaction.atomic():  # to commit some thousand times takes longer than to write the rows
        upload = sent_upload(campaigns[1], 0, large, at - timedelta(hours=1))
        Lane.objects.filter(pk=campaigns[1].lane_id).update(rows_to_fix=large)
        for number, first in enumerate(range(large, count, SMALL)):
            campaign = campaigns[2 + number % (len(campaigns) - 2)]
            sent_upload(campaign, first, min(SMALL, count - first), at - timedelta(hours=2))
            Lane.objects.filter(pk=campaign.lane_id).update(rows_to_fix=SMALL)
    while not search_blocks.fill(at=at, seconds=60):
        pass
    return int(upload.pk)


def _activity(campaigns: "Sequence[Campaign]", ines: "User", count: int, *, at: datetime) -> None:
    from voisoadmin.operations.models import Operation

    def entry(number: int) -> Operation:
        campaign, asked = campaigns[number % len(campaigns)], at - timedelta(seconds=30 * number + 60)
        return Operation(
            kind="start" if number % 2 else "pause",
            status="done",
            subject_kind="campaign",
            subject_id=campaign.pk,
            subject_label=str(campaign),
            campaign_ref=campaign.pk,
            connection_ref=campaign.connection_id,
            by=ines,
            by_label="Ines Sousa",
            asked_at=asked,
            started_at=asked,
            ended_at=asked + timedelta(seconds=2),
        )

    for first in range(0, count, AT_ONCE):
        Operation.objects.bulk_create(entry(number) for number in range(first, min(first + AT_ONCE, count)))


def _sending(campaign: "Campaign", count: int, ines: "User", *, at: datetime) -> int:
    from tests.pushes.support import numbers, row
    from voisoadmin.pushes import services
    from voisoadmin.pushes.drafts import DraftWriter
    from voisoadmin.uploads.models import Upload

    writer = DraftWriter(campaign, kind="add", by=ines, by_label="Ines Sousa")
    for place, number in enumerate(numbers(count), start=2):
        writer.add_ready(row(number, place))
    push = writer.finish()
    assert services.confirm(push, by=ines, by_label="Ines Sousa", at=at)
    upload = Upload.objects.create(
        campaign=campaign,
        stage=Upload.Stage.SENT,
        received_at=at,
        by=ines,
        by_label="Ines Sousa",
        file_name="autumn.csv",
        file_size=90 * count,
        rows=count,
        facts={"columns": ["Phone", "Name", "Source"], "header_row": 1},
    )
    upload.pushes.add(push)
    return upload.pk
