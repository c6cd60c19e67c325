"""A nearly full disk, through the front door: large requests are refused with a message, and everything else still works."""

import pytest

from tests.support.served import Served, Site
from tests.support.slow_clients import Client, head

pytestmark = [pytest.mark.once, pytest.mark.kills, pytest.mark.xdist_group("web server")]

SENTENCE = b"Ask an administrator to free some space, then send it again."
LARGE = 100_000_000
BLOCKS_OF_10_MB = 20_480


def upload_head(site: Served, length: int) -> bytes:
    kind = "multipart/form-data; boundary=x"
    return head("POST", "/uploads/new/", Cookie=site.cookie, Content_Type=kind, Content_Length=length, Connection="close")


def test_below_the_reserve_a_large_request_is_refused_before_it_is_read_and_pages_work(tmp_path):
    with (
        Site(tmp_path, env={"VOISOADMIN_DISK_RESERVE_MIB": "1000000"}).served() as site,
        Client(site.port) as client,
        Client(site.port) as reader,
    ):
        client.say(upload_head(site, LARGE))  # and not a byte of the body
        answer = client.hear()
        reader.say(head("GET", "/", Cookie=site.cookie, Connection="close"))
        board = reader.hear()

    assert answer.startswith(b"HTTP/1.1 507 ")
    assert SENTENCE in answer
    assert board.startswith(b"HTTP/1.1 200 ")


def test_a_request_that_fills_the_disk_is_refused_and_leaves_nothing(tmp_path):
    with (
        Site(tmp_path, env={"VOISOADMIN_DISK_RESERVE_MIB": "0"}).served(ulimit=f"-f {BLOCKS_OF_10_MB}") as site,
        Client(site.port) as client,
    ):
        client.say(upload_head(site, LARGE))
        for _ in range(30):
            if not client.say(bytes(1_000_000)):
                break
        answer = client.hear()

        assert answer.startswith(b"HTTP/1.1 507 ")
        assert SENTENCE in answer
        assert [path.name for path in (tmp_path / "tmp").iterdir()] == []
