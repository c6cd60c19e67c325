"""Failures below HTTP: anything that may have reached Voiso is uncertain, and no answer can fill the memory."""

import functools
import gzip
import json
import re
import socket
import tracemalloc
import zlib
from collections.abc import Callable

import pytest

from tests.voiso.conftest import KEY
from tests.voiso.servers import Behaviour, answer, server
from voisoadmin.voiso import ContactFields, NoReply, open_client

ONE = [ContactFields(number="447400123456")]
ADDED = b'{"leads_import":{"created":["447400123456"],"duplicates":[],"rejected":[]}}'
ZIPPED = gzip.compress(ADDED)


@functools.cache
def zipped_zeros() -> bytes:
    """200 megabytes, made in a few."""
    zipping, zeros = zlib.compressobj(1, wbits=zlib.MAX_WBITS | 16), b"0" * 1_000_000
    return b"".join([*(zipping.compress(zeros) for _ in range(200)), zipping.flush()])


def bomb(coding: str, *, wrap: Callable[[bytes], bytes] = bytes) -> Behaviour:
    """Made when it is asked for: not each time the tests are collected."""
    return lambda connection, head: answer(wrap(zipped_zeros()), headers=f"Content-Encoding: {coding}\r\n")(connection, head)


def hang_up(connection: socket.socket, _: bytes) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def half(connection: socket.socket, _: bytes) -> None:
    connection.sendall(b'HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{"leads_import":{"created":["447400123456"]')


def not_http(connection: socket.socket, _: bytes) -> None:
    connection.sendall(b"220 mail.example ESMTP\r\n")


def ten_megabytes(connection: socket.socket, _: bytes) -> None:
    connection.sendall(b"HTTP/1.1 201 Created\r\n\r\n")
    for _ in range(160):
        connection.sendall(b" " * 65536)


def endless_header(connection: socket.socket, _: bytes) -> None:
    connection.sendall(b"HTTP/1.1 201 Created\r\nX: ")
    for _ in range(160):
        connection.sendall(b"x" * 65536)


@pytest.mark.parametrize(
    "behave",
    [
        hang_up,
        half,
        not_http,
        ten_megabytes,
        endless_header,
        bomb("gzip"),
        bomb("identity, gzip"),
        bomb("gzip, gzip", wrap=gzip.compress),
        answer(b"{}", headers="Content-Encoding: br\r\n"),
        answer(b"{}", headers="Content-Encoding: gzip\r\n"),
        answer(ZIPPED[:-9], headers="Content-Encoding: gzip\r\n"),
        answer(ZIPPED + ZIPPED, headers="Content-Encoding: gzip\r\n"),
    ],
    ids=[
        "hang up",
        "half",
        "not HTTP",
        "10 MB",
        "header of 10 MB",
        "gzip bomb",
        "hidden gzip bomb",
        "bomb in a bomb",
        "brotli",
        "not zipped",
        "zipped and cut short",
        "zipped twice over",
    ],
)
def test_a_request_that_may_have_arrived_is_uncertain_and_costs_little_memory(settings, behave):
    with server(behave) as broken:
        settings.EXTRA_HOSTS = [broken.host]
        with open_client(generation="v4", base_url=broken.url, key=KEY) as client:
            tracemalloc.start()
            with pytest.raises(NoReply):
                client.add_contacts("4711", ONE)
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()

    assert peak < 20 * 1024 * 1024
    assert broken.connections == 1  # one layer retries, and it is not this one


@pytest.mark.parametrize(
    ("coding", "body"),
    [("gzip", ZIPPED), ("identity, GZIP", ZIPPED), ("x-gzip", ZIPPED), ("deflate", zlib.compress(ADDED))],
    ids=["gzip", "identity and gzip", "x-gzip", "deflate"],  # not by the body, which contains the time it was made
)
def test_an_unrequested_compressed_answer_is_read(settings, coding, body):
    with server(answer(body, headers=f"Content-Encoding: {coding}\r\n")) as zipping:
        settings.EXTRA_HOSTS = [zipping.host]
        with open_client(generation="v4", base_url=zipping.url, key=KEY) as client:
            assert client.add_contacts("4711", ONE).created == ("447400123456",)


def test_a_server_that_silently_closes_connections_loses_no_page(settings):
    def page(connection: socket.socket, head: bytes) -> None:
        offset = int(re.search(rb"offset=(\d+)", head)[1])
        campaigns = [{"id": n, "name": f"Campaign {n}", "live": True} for n in range(offset, offset + 100)]
        body = json.dumps({"campaigns": campaigns, "metadata": {"total": 2000}}).encode()
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)

    with server(page) as voiso:
        settings.EXTRA_HOSTS = [voiso.host]
        with open_client(generation="v4", base_url=voiso.url, key=KEY) as client:
            assert len(client.list_campaigns()) == 2000

    assert voiso.connections == 20
    assert voiso.received.lower().count(b"connection: close") == 20


def test_the_environment_never_redirects_a_request(settings, monkeypatch):
    with server(answer(b'{"campaigns":[],"metadata":{"total":0}}')) as voiso, server(hang_up) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.setenv("NETRC", "/dev/null")
        settings.EXTRA_HOSTS = [voiso.host]

        with open_client(generation="v4", base_url=voiso.url, key=KEY) as client:
            assert client.probe() == 0

    assert (voiso.connections, proxy.connections) == (1, 0)
    assert b"accept-encoding: identity" in voiso.received.lower()
