"""A board on which everything happens at once, and how often each way of asking for it asks the database."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.campaigns.support import make_campaign, make_connection
from tests.pushes.leads import inbox_of, post
from tests.support.markup import markup
from voisoadmin.campaigns.counted import count, quarter_of
from voisoadmin.operations.clicks import Click
from voisoadmin.operations.services import ask
from voisoadmin.pushes.models import Push
from voisoadmin.rules.models import Evaluation, Rule
from voisoadmin.uploads.models import Upload

pytestmark = pytest.mark.django_db
MOST = 12


@pytest.fixture
def busy_board(client, ines):
    """Two time zones; something is sent, leads wait, a file waits, a click was refused, a start was missed."""
    client.force_login(ines)
    at = timezone.now()
    centres = make_connection(), make_connection("Lisbon", time_zone="Europe/Lisbon")
    sends, waits, ended, refused = (
        make_campaign(
            centres[number % 2],
            str(number),
            f"Campaign {number}",
            status="stopped" if number == 2 else "paused",
            lane={"sending_state": "sending", "sending_rows": 9, "last_push_at": at} if number == 0 else {"last_push_at": at},
        )
        for number in range(4)
    )
    count(sends.lane_id, quarter_of(at), {"added": 4})
    count(waits.lane_id, quarter_of(at), {"added": 5})
    push = Push.objects.create(
        lane=sends.lane, campaign=sends, state="sending", rows=9, pending=5, added=4, reasons={"created": 4}, confirmed_at=at
    )
    upload = partial(Upload.objects.create, received_at=at, by=ines, by_label="ines", file_size=10)
    upload(file_name="sent.csv", stage="sent", campaign=sends).pushes.add(push)
    upload(file_name="waits.csv", stage="needs_mapping", campaign=waits)
    post(inbox_of(waits), ["4915112345001", "4915112345002"], at - timedelta(hours=1))
    refused.failed_operation = ask("start", refused.subject, Click(by=ines, at=at)).pk
    refused.place = refused.Place.ATTENTION
    refused.save()
    Evaluation.objects.create(at=at)
    rule = Rule.objects.create(name="Mornings", owner=ines, owner_label="ines", looked_since=at, changed_at=at)
    missed = {"change": "start", "outcome": "missed", "local_date": at.date(), "decided_at": at}
    rule.firings.create(campaign=refused, occurrence="x", due_at=at - timedelta(hours=1), **missed)
    return ended


def test_a_busy_board_takes_at_most_twelve_queries_however_it_is_asked_for(client, busy_board):
    page = markup(client.get("/"))
    for shown in ("sent.csv", "Website form", "waits.csv", "Start refused", "Mornings: start missed", "<b>9</b>"):
        assert shown in page

    asked = {}
    for address in ("/", "/?sort=name", "/?show=paused", "/?q=camp", "/board/", f"/board/?q=camp&kept={busy_board.pk}"):
        with CaptureQueriesContext(database) as queries:
            assert client.get(address).status_code == 200
        asked[address] = len(queries)

    assert max(asked.values()) <= MOST, asked
