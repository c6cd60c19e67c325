"""The uploads that a new demo begins with: files of the last days that were checked and sent, and one that is being sent.

They are checked by the check, and sent by the engine's own steps with past moments; only Voiso's answers are made here, as
its simulation has them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.demo import samples
from voisoadmin.demo.earlier_states import Event
from voisoadmin.operations.clicks import Click
from voisoadmin.pushes import pacing
from voisoadmin.pushes.engine.calls import open_call, take_lane
from voisoadmin.pushes.engine.holds import HoldWatch
from voisoadmin.pushes.lanes import Ticket
from voisoadmin.pushes.models import Push, RejectedRecord
from voisoadmin.pushes.outcomes.record import CallEnd, record_answer
from voisoadmin.uploads import services
from voisoadmin.uploads.check.run import read_upload
from voisoadmin.uploads.intake import receiving, spool
from voisoadmin.uploads.models import Upload
from voisoadmin.voiso.payloads import ContactsAnswer

SENT_AFTER = timedelta(seconds=40)  # since the file was received
ANSWERED_IN = 420  # milliseconds
NO_NUMBERS = ("call the office", "4.474E+11", "n/a")  # in place of a number
BEING_SENT = "renewals_of_the_year.csv"
ROWS_BEING_SENT = 50_000


@dataclass(frozen=True, kw_only=True, slots=True)
class EarlierUpload:
    campaign: str
    file_name: str
    days_ago: int
    hour: int  # 0 days ago: hours before now
    first: int  # of its numbers, which follow one another
    rows: int
    # One row in this number of rows ...
    wrong_each: int = 0  # has no number
    refused_each: int = 0  # is refused by Voiso
    known_each: int = 0  # was in the campaign before

    def row_kind(self, n: int) -> str:
        for kind, each in (("wrong", self.wrong_each), ("refused", self.refused_each), ("known", self.known_each)):
            if each and n % each == each // 2:
                return kind
        return ""

    def numbers(self, *kinds: str) -> Iterator[str]:
        return (str(self.first + n) for n in range(self.rows) if self.row_kind(n) in kinds)

    def write(self, path: Path) -> None:
        _write(path, (self._row(n) for n in range(self.rows)))

    def _row(self, n: int) -> list[str]:
        row = samples.contact_row(self.first + n, n)
        return [NO_NUMBERS[n % len(NO_NUMBERS)], *row[1:]] if self.row_kind(n) == "wrong" else row


_FROM = samples.UK + 810_000
EARLIER = (
    EarlierUpload(campaign="Spring renewals", file_name="renewals_week_1.csv", days_ago=5, hour=9, first=_FROM, rows=900),
    EarlierUpload(
        campaign="Spring renewals", file_name="web_forms.csv", days_ago=2, hour=14, first=_FROM + 1000, rows=640, known_each=16
    ),
    EarlierUpload(campaign="Tariff change calls", file_name="tariff_b.csv", days_ago=1, hour=11, first=_FROM + 2000, rows=1500),
    EarlierUpload(
        campaign="Spring renewals",
        file_name="spring_fair.csv",
        days_ago=0,
        hour=1,
        first=_FROM + 4000,
        rows=1200,
        wrong_each=40,
        refused_each=75,
        known_each=60,
    ),
)


def in_campaign(name: str) -> Iterator[str]:
    """The numbers that Voiso has of these uploads."""
    for earlier in EARLIER:
        if earlier.campaign == name:
            yield from earlier.numbers("", "known")


def sent_earlier(by: User, folder: Path, *, at: datetime) -> list[Event]:
    """Each of them checked and sent, as of its day."""
    events = []
    for earlier in EARLIER:
        campaign = Campaign.objects.select_related("lane", "connection").get(name=earlier.campaign)
        moment = _moment(earlier, campaign, at)
        events.append(Event(moment, partial(_check_and_send, earlier, campaign, by, folder, moment), is_upload=True))
    return events


def _check_and_send(earlier: EarlierUpload, campaign: Campaign, by: User, folder: Path, at: datetime) -> None:
    path = folder / earlier.file_name
    earlier.write(path)
    upload = _receive(campaign, path, by, at=at)
    read_upload(upload.pk)
    upload.refresh_from_db()
    click = Click(by=by, at=at + SENT_AFTER)
    services.send(upload, version=upload.version, click=click)
    push = upload.pushes.get()
    _send(push, earlier, at=click.at)
    RejectedRecord.objects.filter(push=push).update(created_at=click.at)


def send_one_now(by: User, folder: Path, *, at: datetime) -> None:
    """Let the worker check and send a large file, beginning as soon as it runs."""
    campaign = Campaign.objects.get(name="Tariff change calls")
    path = folder / BEING_SENT
    _write(path, (samples.contact_row(_FROM + 10_000 + n, n) for n in range(ROWS_BEING_SENT)))
    _receive(campaign, path, by, at=at, send_when_checked=True)


def _write(path: Path, rows: Iterator[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(samples.HEADER)
        writer.writerows(rows)


def _moment(earlier: EarlierUpload, campaign: Campaign, at: datetime) -> datetime:
    if not earlier.days_ago:
        return at - timedelta(hours=earlier.hour)
    day = at.astimezone(campaign.connection.zone) - timedelta(days=earlier.days_ago)
    return day.replace(hour=earlier.hour, minute=12, second=0, microsecond=0)


def _receive(campaign: Campaign, path: Path, by: User, *, at: datetime, send_when_checked: bool = False) -> Upload:
    """The file is kept as an upload; the copy in the folder isn't needed after it."""
    file = spool.spool_path(path)
    path.unlink()
    return receiving.receive_file(
        campaign=campaign,
        file=file,
        file_name=path.name,
        by=by,
        by_label=by.label,
        at=at,
        choices={"region": "GB"} | ({"send_when_checked": True} if send_when_checked else {}),
        queue_reading=send_when_checked,
    )


def _send(push: Push, earlier: EarlierUpload, *, at: datetime) -> None:
    """The engine's steps, one batch after the other, at its pace."""
    rest = pacing.pace()
    epoch, first_rest = take_lane(push.lane_id, at=at)
    owed = first_rest.total
    while True:
        at += timedelta(seconds=owed or rest)
        ticket = open_call(
            push.lane_id,
            epoch,
            at=at,
            watch=HoldWatch(),
            after_small=False,
            rested=owed,
            owed=owed,
            asked=frozenset(),
        )
        if not isinstance(ticket, Ticket):
            return
        at += timedelta(milliseconds=ANSWERED_IN)
        record_answer(ticket, _answer(ticket, earlier), CallEnd(at, ANSWERED_IN))
        owed = rest


def _answer(ticket: Ticket, earlier: EarlierUpload) -> ContactsAnswer:
    sent = [row.number.lstrip("+") for row in ticket.rows]
    known, refused = set(earlier.numbers("known")), set(earlier.numbers("refused"))
    return ContactsAnswer(
        created=tuple(number for number in sent if number not in known | refused),
        duplicates=tuple(number for number in sent if number in known),
        rejected=tuple(number for number in sent if number in refused),
        reasons=dict.fromkeys(refused & set(sent), "Number is not in service"),
    )
