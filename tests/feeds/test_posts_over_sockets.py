"""Posts over real sockets: a body that is too large, too slow or of unknown length, while pages stay quick."""

import time
from collections.abc import Iterator

import pytest

from tests.support.served import Served, Site
from tests.support.slow_clients import Client, crowd, head

pytestmark = [pytest.mark.once, pytest.mark.kills, pytest.mark.slow, pytest.mark.xdist_group("web server of feeds")]

LIMIT = 0.3 * 8  # seconds for a page, on a slow and busy machine
LEAD = b'{"phone": "+447400300018"}'
TEN_GB = 10_000_000_000
FEED = """
from django.utils import timezone
from voisoadmin.campaigns.models import Campaign, Lane
from voisoadmin.connections.models import Connection
from voisoadmin.feeds.services import create_feed, create_token
from voisoadmin.operations.clicks import Click
berlin = Connection.objects.create(name='Berlin', generation='v4', key='a-key', base_url='https://cc-ams03.voiso.com')
lane = Lane.objects.create(address=berlin.base_url, voiso_id='4701')
campaign = Campaign.objects.create(connection=berlin, lane=lane, voiso_id='4701', changed_at=timezone.now())
click = Click(by=None, by_label='Ada', at=timezone.now())
feed = create_feed(campaign, name='CRM', writing='refuse', click=click)
print(feed.public_id, str(create_token(feed, click)))
"""
WAITING = "from voisoadmin.pushes.models import WaitingLead; print(WaitingLead.objects.count())"


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Served]:
    with Site(tmp_path_factory.mktemp("site"), time_scale=0.03).served() as served:
        yield served


@pytest.fixture(scope="module")
def feed(site) -> tuple[str, str]:
    public_id, token = site.site.run(FEED).split()
    return public_id, token


def post_head(feed: tuple[str, str], **more: object) -> bytes:
    public_id, token = feed
    always = {"Authorization": f"Bearer {token}", "Content_Type": "application/json", "Idempotency_Key": "lead-1"}
    return head("POST", f"/api/v1/feeds/{public_id}/leads", **always, **more)


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def test_a_body_that_is_declared_too_large_is_refused_unread_and_the_connection_closed(site, feed):
    with Client(site.port) as client:
        client.say(post_head(feed, Content_Length=TEN_GB))

        answer = client.hear()

    assert b" 413 " in answer.split(b"\r\n")[0]
    assert b"connection: close" in answer.lower()
    assert b'"too_large"' in answer


def test_a_chunked_body_is_taken_up_to_one_mebibyte_and_cut_there(site, feed):
    with Client(site.port) as client:
        client.say(post_head(feed, Transfer_Encoding="chunked", Connection="close") + chunk(LEAD) + chunk(b""))
        assert b'"accepted":1' in client.hear()
    with Client(site.port) as client:
        client.say(post_head(feed, Transfer_Encoding="chunked") + chunk(b" " * 600_000) + chunk(b" " * 600_000))
        assert b" 413 " in client.hear().split(b"\r\n")[0]
    assert site.site.run(WAITING) == "1"


def test_a_body_must_arrive_soon(site, feed):
    began = time.monotonic()
    with Client(site.port) as client:
        client.say(post_head(feed, Content_Length=len(LEAD)) + LEAD[:5])

        assert b" 408 " in client.hear().split(b"\r\n")[0]

    assert time.monotonic() - began < 10 * 4


def test_slow_large_and_chunked_posts_take_no_time_from_pages(site, feed):
    slow = post_head(feed, Content_Length=1000)
    endless = post_head(feed, Transfer_Encoding="chunked")
    declared = post_head(feed, Content_Length=TEN_GB)
    with (
        crowd(site.port, 16, slow, drop=b"a"),
        crowd(site.port, 16, endless, drop=chunk(b"a")),
        crowd(site.port, 16, declared, drop=b"a" * 2000),
    ):
        assert site.slowest() < LIMIT


def test_no_log_has_a_token(site, feed):
    assert feed[1] not in site.log.read_text()
