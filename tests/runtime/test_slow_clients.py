"""Slow and silent clients, over real sockets: each may take its time, without slowing down the others."""

import contextlib
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.served import Served, Site
from tests.support.slow_clients import Client, crowd, head

pytestmark = [pytest.mark.once, pytest.mark.kills, pytest.mark.slow, pytest.mark.xdist_group("web server")]

SCALE = 0.03  # a minute of the rate rule is 1.8 s
LIMIT = 0.3 * 8  # seconds; for a slow and busy machine (threads that wait for clients answer none in 10)
LARGE = 300_000_000
CAMPAIGN = """
from django.utils import timezone
from voisoadmin.campaigns.models import Campaign, Lane
from voisoadmin.connections.models import Connection
berlin = Connection.objects.create(name='Berlin', generation='v4', key='a-key', base_url='https://cc-ams03.voiso.com')
lane = Lane.objects.create(address=berlin.base_url, voiso_id='4701')
known = {'connection': berlin, 'lane': lane, 'changed_at': timezone.now()}
print(Campaign.objects.create(voiso_id='4701', name='Spring renewals', **known).pk)
"""
SIZE = "from voisoadmin.uploads.models import Upload; print(Upload.objects.get().file_size)"
FORGED = "sessionid=abcdefghijklmnopqrstuvwxyz123456"


@pytest.fixture(scope="module")
def whole_site(tmp_path_factory) -> Site:
    return Site(tmp_path_factory.mktemp("site"), time_scale=SCALE)


@pytest.fixture(scope="module")
def site(whole_site) -> Iterator[Served]:
    with whole_site.served() as served:
        yield served


def upload_head(site: Served, length: int, **more: object) -> bytes:
    kind = "multipart/form-data; boundary=x"
    return head("POST", "/uploads/new/", Cookie=site.cookie, Content_Type=kind, Content_Length=length, **more)


@pytest.mark.parametrize(
    ("number", "opening", "drop"),
    [
        pytest.param(200, lambda site: b"", b"", id="200 silent sockets"),
        pytest.param(16, lambda site: head("GET", "/", X_Long="a")[:-4], b"a", id="16 unfinished heads"),
        pytest.param(16, lambda site: head("POST", "/sign-in/", Content_Length=1000), b"a", id="16 dripping bodies"),
        pytest.param(16, lambda site: upload_head(site, LARGE), b"a" * 2000, id="16 slow uploads"),
    ],
)
def test_slow_clients_take_no_time_from_the_others(site, number, opening, drop):
    with crowd(site.port, number, opening(site), drop=drop):
        assert site.slowest() < LIMIT


def test_clients_that_do_not_read_their_answers_take_no_time_from_the_others(site):
    opening = head("GET", "/static/vendor/tabler.min.css") * 50

    with crowd(site.port, 16, opening, receive_buffer=4096):
        assert site.slowest() < LIMIT


@pytest.mark.parametrize("signed_in", [False, True])
def test_a_body_that_hardly_moves_is_not_waited_for(site, signed_in):
    opening = upload_head(site, LARGE) if signed_in else head("POST", "/sign-in/", Content_Length=1000)

    with crowd(site.port, 1, opening, drop=b"a") as (client,):
        assert client.hear_status() == 408
    assert site.slowest() < LIMIT


def test_an_honest_upload_takes_as_long_as_its_line_needs(site):
    # 300 MB at 1 Mbit/s take 40 minutes. Scaled: the speed of that line over five windows of the rate rule.
    campaign = site.site.run(CAMPAIGN)
    with Client(site.port) as form:
        form.say(head("GET", f"/uploads/new/?campaign={campaign}", Cookie=site.cookie, Connection="close"))
        page = form.hear().decode()
    fields = {name: re.search(rf'name="{name}" value="([^"]+)"', page)[1] for name in ("csrfmiddlewaretoken", "client_token")}
    csrf = re.search(r"csrftoken=(\w+)", page)[1]
    fields |= {"kind": "add", "region": "GB"}
    parts = [f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
    parts.append('--x\r\nContent-Disposition: form-data; name="file"; filename="leads.csv"\r\n\r\nphone\n')
    rate, seconds = 125_000, 5 * 60 * SCALE
    rows = b"+447415550012\n" * int(rate * seconds / 14)
    body = "".join(parts).encode() + rows + b"\r\n--x--\r\n"
    opening = head(
        "POST", f"/uploads/new/?campaign={campaign}", Cookie=f"{site.cookie}; csrftoken={csrf}",
        Content_Type="multipart/form-data; boundary=x", Content_Length=len(body), Connection="close",
    )  # fmt: skip

    began = time.monotonic()
    with Client(site.port) as client:
        client.say(opening)
        for start in range(0, len(body), rate // 10):
            assert client.say(body[start : start + rate // 10])
            time.sleep(0.1)
        answer = client.hear()

    assert time.monotonic() - began > 4 * 60 * SCALE
    assert answer.startswith(b"HTTP/1.1 302 "), answer
    assert f"{len(rows) + 6}" == site.site.run(
        "from voisoadmin.uploads.models import Upload; print(Upload.objects.get().file_size)"
    )


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"Content_Length": 10_000_000_000}, 413, id="10 GB"),
        pytest.param({"Content_Length": 64 * 1024 + 1}, 413, id="one byte over 64 KB"),
        pytest.param({"Content_Length": 10_000_000_000, "Cookie": FORGED}, 413, id="forged"),
        pytest.param({"Content_Length": 10_000_000_000, "Expect": "100-continue"}, 413, id="asks first"),
        pytest.param({"Transfer_Encoding": "chunked"}, 411, id="without a length"),
    ],
)
@pytest.mark.parametrize("path", ["/sign-in/", "/uploads/new/", "/theme/", "/nowhere/"])
def test_a_large_body_of_a_stranger_is_refused_before_it_is_read(site, path, headers, status):
    with Client(site.port) as client:
        client.say(head("POST", path, **headers))  # and not a byte of the body

        assert client.hear_status() == status


def test_a_stranger_who_sends_on_is_not_listened_to(site):
    sent = 0

    with Client(site.port) as client:
        client.say(head("POST", "/sign-in/", Content_Length=10_000_000_000))
        assert client.hear_status() == 413
        until = time.monotonic() + 60
        while client.say(b"a" * 1000) and time.monotonic() < until:
            sent += 1000
            time.sleep(0.001)

    assert time.monotonic() < until
    assert site.slowest() < LIMIT


def test_up_to_64_kb_a_stranger_may_send(site):
    body = b"a" * 64 * 1024

    with Client(site.port) as client:
        client.say(head("POST", "/sign-in/", Content_Length=len(body)) + body)

        assert client.hear_status() == 403  # of the form: its token is missing


def test_a_file_over_the_limit_is_refused_before_it_is_read(site):
    with Client(site.port) as client:
        client.say(upload_head(site, 301 * 1024 * 1024, Connection="close"))
        answer = client.hear()

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"The limit is 300 MB for CSV" in answer


def test_what_was_received_so_far_lies_without_a_name_in_the_data_directory(site):
    folder = site.site.installation.folder / "tmp"

    with Client(site.port) as client:
        client.say(upload_head(site, LARGE) + b"a" * 1_000_000)
        give_up = time.monotonic() + 60
        while not any(str(folder) in name for name in open_files(site.process.pid)):
            assert time.monotonic() < give_up
            time.sleep(0.05)

        assert list(folder.iterdir()) == []


def open_files(pid: int) -> list[str]:
    names = []
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            names.append(str(entry.readlink()))
    return names


@pytest.mark.parametrize("opening", [b"", head("GET", "/", X_Long="a")[:-4]], ids=["silent", "unfinished head"])
def test_a_connection_that_asks_for_nothing_is_closed(site, opening):
    with crowd(site.port, 1, opening, drop=b"a" if opening else b"") as (client,):
        assert client.hear() == b""


def test_with_more_silent_connections_than_there_is_room_for_an_honest_one_is_served(whole_site):
    with whole_site.served(ulimit="-n 2000") as site, crowd(site.port, 1000, b""):
        assert site.slowest() < LIMIT


def test_the_server_does_not_say_what_it_is(site):
    with Client(site.port) as client:
        client.say(head("GET", "/health", Connection="close"))

        assert b"\r\nserver:" not in client.hear().lower()


def test_it_stops_in_order_while_clients_dawdle(whole_site):
    with (
        whole_site.served() as site,
        crowd(site.port, 4, b""),
        crowd(site.port, 4, head("POST", "/sign-in/", Content_Length=1000)),
    ):
        site.process.terminate()

        assert site.process.wait(120) == 0
