"""Probes and scanners at a real server with HTTPS on, as sent by a balancer, a container and a stranger."""

import socket
import threading
from collections.abc import Iterator

import pytest

from tests.support.served import Served, Site
from tests.support.slow_clients import HOST, Client
from voisoadmin.runtime.supervisor import answers

pytestmark = [pytest.mark.once, pytest.mark.kills, pytest.mark.slow, pytest.mark.xdist_group("web server")]

ADDED = b"\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: 203.0.113.9"


@pytest.fixture(scope="module")
def site(tmp_path_factory, django_db_setup) -> Iterator[Served]:
    env = {"VOISOADMIN_HTTPS": "true", "VOISOADMIN_TRUST_PROXY": "true", "VOISOADMIN_ALLOWED_HOSTS": "dialer.example.com"}
    with Site(tmp_path_factory.mktemp("site"), env=env).served() as served:
        yield served


@pytest.fixture
def proxy(site) -> Iterator[int]:
    """A proxy on the same machine, which adds the scheme it was called with."""
    with socket.create_server((HOST, 0)) as listener:

        def forward() -> None:
            client, _ = listener.accept()
            with client, Client(site.port) as server:
                request = client.recv(65536)
                server.say(
                    request.replace(b"\r\n\r\n", b"\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n")
                )
                client.sendall(server.hear())

        thread = threading.Thread(target=forward)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(60)


def status(port: int, path: str, *, host: str) -> int:
    with Client(port) as client:
        client.say(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        return client.hear_status()


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.7:8000", "dialer.example.com", "health.checker"])
def test_a_probe_by_address_over_http_is_answered(site, host):
    assert status(site.port, "/health", host=host) == 200
    assert status(site.port, "/ready", host=host) == 503  # no worker runs here


def test_a_probe_through_a_proxy_is_answered(site, proxy):
    assert status(proxy, "/health", host="10.0.0.7") == 200


def test_our_own_probe_leaves_no_line_in_the_log(site):
    before = site.log.read_text()

    assert answers(HOST, site.port)

    assert site.log.read_text() == before


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", id="foreign host"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n", id="no host name"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", id="TLS"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", id="HTTP/2"),
        pytest.param(
            b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", id="web socket"
        ),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: dialer.example.com\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n"
            b"Content-Type: multipart/form-data\r\nContent-Length: 1\r\n\r\na",
            id="broken form",
        ),
    ],
)
def test_a_scanner_costs_one_line_without_a_traceback(site, request_):
    before = site.log.read_text()

    with Client(site.port) as client:
        client.say(request_)
        client.hear()

    added = site.log.read_text().removeprefix(before)
    assert added.count("\n") <= 1, added
    assert "Traceback" not in added
