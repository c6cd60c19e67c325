"""Where a connection may go: Voiso's clusters and the hosts that the installation lists, and nowhere else."""

import socket

import pytest

from tests.voiso.conftest import KEY
from tests.voiso.servers import answer, server
from voisoadmin.voiso import (
    NotConnected,
    NotSent,
    UnknownName,
    UntrustedAddress,
    UnusableAddress,
    address_of,
    normalise_base_url,
    open_client,
)
from voisoadmin.voiso.http.addresses import is_public

GOOD = {
    "cc-ams03": "https://cc-ams03.voiso.com",
    " cc-ams03 ": "https://cc-ams03.voiso.com",
    "CC-AMS03": "https://cc-ams03.voiso.com",
    "cluster1": "https://cluster1.voiso.com",
    "7": "https://7.voiso.com",
    "a" * 40: f"https://{'a' * 40}.voiso.com",
    "cc-ams03.voiso.com": "https://cc-ams03.voiso.com",
    "https://cc-ams03.voiso.com": "https://cc-ams03.voiso.com",
    "https://CC-ams03.voiso.com:443/": "https://cc-ams03.voiso.com",
    # As pasted from a browser, the documentation, a chat.
    "http://cc-ams03.voiso.com": "https://cc-ams03.voiso.com",
    "https://cc-ams03.voiso.com/omnichannel/embedded": "https://cc-ams03.voiso.com",
    "https://cc-ams03.voiso.com/api/v4": "https://cc-ams03.voiso.com",
    "cc-ams03.voiso.com/campaigns?page=2#top": "https://cc-ams03.voiso.com",
    "https://cc-ams03.voiso.com?x": "https://cc-ams03.voiso.com",
    "http://cc-ams03.voiso.com:80/": "https://cc-ams03.voiso.com",
    '"https://cc-ams03.voiso.com/"': "https://cc-ams03.voiso.com",
    "'cc-ams03'": "https://cc-ams03.voiso.com",
    "<https://cc-ams03.voiso.com>": "https://cc-ams03.voiso.com",
    "“cc-ams03.voiso.com”": "https://cc-ams03.voiso.com",
}

HOSTILE = [
    "",
    " ",
    "-",
    "-a",
    "a-",
    "a" * 41,
    "a_b",
    "a.b",
    "a b",
    "cc-ams03\n",
    "cc-ams03\r\nHost: evil.example",
    "cc-ams03\x00",
    "cc-ams03\t",
    "cc-ams03%00",
    "cc-ams03%2eevil.example",
    "cc-ams03/",
    "cc-ams03/../evil",
    "cc-ams03?x=.voiso.com",
    "cc-ams03#.voiso.com",
    "cc-ams03@evil.example",
    "cc-ams03:8443",
    "cc‐ams03",
    "ⅽc-ams03",
    "\u212acluster",
    "сс-ams03",
    "xn--80ak6aa92e.com",
    "evil.example",
    "https://evil.example",
    "https://evil.example/cc-ams03.voiso.com",
    "https://cc-ams03.voiso.com.evil.example",
    "https://cc-ams03.voiso.com@evil.example",
    "https://user:password@cc-ams03.voiso.com",
    "https://cc-ams03.voiso.com:8443",
    "https://cc-ams03.voiso.com\\@evil.example",
    "https://evil.example\\.voiso.com",
    "https://a.cc-ams03.voiso.com",
    "https://voiso.com",
    "https://cc-ams03.voiso.com.evil.example/cc-ams03.voiso.com",
    "https://evil.example?cc-ams03.voiso.com/",
    "ftp://cc-ams03.voiso.com/api",
    "http://cc-ams03.voiso.com:8080/",
    "'a b'",
    "https://cc-ams03voiso.com",
    "https://cc-ams03.voiso.com.",
    "https:cc-ams03.voiso.com",
    "ftp://cc-ams03.voiso.com",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_",
    "javascript:alert(1)",
    "http://127.0.0.1",
    "http://127.0.0.1:8000",
    "http://127.1",
    "http://2130706433",
    "http://0x7f000001",
    "http://0177.0.0.1",
    "http://localhost",
    "http://localhost.:8000",
    "http://[::1]",
    "http://[::ffff:127.0.0.1]",
    "http://[fe80::1%25eth0]",
    "http://0.0.0.0",
    "http://169.254.169.254/latest/meta-data",
    "http://metadata.google.internal",
    "http://[fd00:ec2::254]",
    "http://10.0.0.1",
    "http://192.168.1.1",
    "//evil.example",
]

NOT_PUBLIC = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "255.255.255.255",
    "224.0.0.1",
    "198.18.0.1",
    "192.0.2.1",
    "240.0.0.1",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "2002:7f00:0001::",
    "2002:a9fe:a9fe::1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2001:db8::1",
    "not an address",
]


@pytest.fixture
def dialled(monkeypatch) -> list[tuple[object, ...]]:
    """Every address that this process tries to connect to."""
    tried: list[tuple[object, ...]] = []
    connect = socket.create_connection

    def spy(address: tuple[object, ...], *args: object, **kwargs: object) -> socket.socket:
        tried.append(address)
        return connect(address, *args, **kwargs)

    monkeypatch.setattr(socket, "create_connection", spy)
    return tried


def names_lead_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    asked = socket.getaddrinfo

    def answer(host: str, port: int, *args: object, **kwargs: object) -> list[tuple[object, ...]]:
        if not str(host).endswith(".voiso.com"):
            return asked(host, port, *args, **kwargs)
        return [
            (socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", answer)


@pytest.mark.parametrize(("typed", "base_url"), GOOD.items())
def test_a_cluster_is_found_however_it_is_written(typed, base_url):
    assert normalise_base_url(typed) == base_url
    assert normalise_base_url(base_url) == base_url
    assert address_of(base_url) == f"{base_url}:443"


@pytest.mark.parametrize("typed", HOSTILE)
def test_an_invalid_cluster_is_refused_with_a_reason_and_nothing_is_contacted(typed, dialled):
    with pytest.raises(UnusableAddress) as caught:
        normalise_base_url(typed)
    assert str(caught.value).endswith(".")

    # Even with the address in the database, from earlier or in another way, no connection would be made.
    with open_client(generation="v4", base_url=typed, key=KEY) as client, pytest.raises(NotSent):
        client.probe()
    assert dialled == []


def test_another_host_is_allowed_once_it_is_listed_with_its_port(settings):
    settings.EXTRA_HOSTS = ["127.0.0.1:8123", " Voiso.Example:443 ", "[::1]:9000"]

    assert normalise_base_url("http://127.0.0.1:8123/") == "http://127.0.0.1:8123"
    assert normalise_base_url("https://voiso.example") == "https://voiso.example"
    assert normalise_base_url("http://[::1]:9000") == "http://[::1]:9000"
    assert address_of("http://[::1]:9000") == "http://[::1]:9000"
    for typed in ("http://127.0.0.1:8124", "http://127.0.0.1", "http://voiso.example", "http://voiso.example:8123"):
        with pytest.raises(UnusableAddress):
            normalise_base_url(typed)


def test_a_listed_host_is_reached_over_plain_http_only_while_it_is_listed(settings):
    with server(answer(b'{"campaigns":[],"metadata":{"total":0}}')) as listed:
        settings.EXTRA_HOSTS = [listed.host]
        with open_client(generation="v4", base_url=listed.url, key=KEY) as client:
            assert client.probe() == 0

            settings.EXTRA_HOSTS = []
            with pytest.raises(UntrustedAddress):
                client.probe()

    assert listed.connections == 1


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_cluster_that_resolves_to_a_private_address_is_never_contacted(monkeypatch, dialled, address):
    assert not is_public(address)
    names_lead_to(monkeypatch, "8.8.8.8", address)

    with (
        pytest.raises(UntrustedAddress),
        open_client(generation="v4", base_url="https://cc-ams03.voiso.com", key=KEY) as client,
    ):
        client.probe()

    assert dialled == []


def test_the_checked_address_is_the_one_that_is_contacted(monkeypatch):
    # A rebinding name server: public at the first question, the loopback at every later one.
    dialled: list[object] = []
    answers = iter(["93.184.215.14"])
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, port, *_, **__: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers, "127.0.0.1"), port))],
    )

    def refuse(address: tuple[object, ...], *_: object, **__: object) -> socket.socket:
        dialled.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)

    with pytest.raises(NotConnected), open_client(generation="v4", base_url="https://cc-ams03.voiso.com", key=KEY) as client:
        client.probe()

    assert dialled == [("93.184.215.14", 443)]


def test_a_name_unknown_to_all_name_servers_is_reported(monkeypatch, dialled):
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    with pytest.raises(UnknownName), open_client(generation="v4", base_url="https://cc-ams03.voiso.com", key=KEY) as client:
        client.probe()

    assert dialled == []


def test_an_address_that_does_not_answer_leaves_time_for_the_next_one(settings, monkeypatch):
    with server(answer(b'{"campaigns":[],"metadata":{"total":3}}')) as listed:
        port = int(listed.host.rpartition(":")[2])
        settings.EXTRA_HOSTS = [f"contact-centre.example:{port}"]
        monkeypatch.setattr(
            socket,
            "getaddrinfo",
            lambda host, port, *_, **__: (
                [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in ("127.0.0.2", "127.0.0.1")]
                if host == "contact-centre.example"
                else [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]
            ),
        )

        with open_client(generation="v4", base_url=f"http://contact-centre.example:{port}", key=KEY) as client:
            assert client.probe() == 3
