"""What goes wrong below HTTP: whatever may have reached Voiso is uncertain, and no answer can fill the memory."""

import gzip
import socket
import tracemalloc

import pytest

from tests.voiso.conftest import KEY
from tests.voiso.servers import answer, server
from voisoadmin.voiso import ContactFields, NoReply, open_client

ONE = [ContactFields(number="447400123456")]
BOMB = gzip.compress(b"0" * 200_000_000)


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
        answer(BOMB, headers="Content-Encoding: gzip\r\n"),
        answer(BOMB, headers="Content-Encoding: identity, gzip\r\n"),
        answer(b"{}", headers="Content-Encoding: br\r\n"),
    ],
    ids=["hang up", "half", "not HTTP", "10 MB", "header of 10 MB", "gzip bomb", "hidden gzip bomb", "brotli"],
)
def test_a_call_that_may_have_arrived_is_uncertain_and_costs_little_memory(settings, behave):
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


def test_nothing_of_the_environment_changes_where_a_call_goes(settings, monkeypatch):
    with server(answer(b'{"campaigns":[],"metadata":{"total":0}}')) as voiso, server(hang_up) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.setenv("NETRC", "/dev/null")
        settings.EXTRA_HOSTS = [voiso.host]

        with open_client(generation="v4", base_url=voiso.url, key=KEY) as client:
            assert client.probe() == 0

    assert (voiso.connections, proxy.connections) == (1, 0)
    assert b"accept-encoding: identity" in voiso.received.lower()
