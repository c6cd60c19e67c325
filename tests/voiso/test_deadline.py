"""A request ends at its deadline, however slowly the answer arrives. Deadlines never fall below 3 s, connecting below 1
s."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.voiso.conftest import KEY
from tests.voiso.servers import server
from voisoadmin.voiso import NoReply, NotConnected, VoisoError, open_client

DEADLINE = 3.0


def drip_headers(connection: socket.socket, _: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X")
        time.sleep(0.3)


def drip_body(connection: socket.socket, _: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        connection.sendall(b" ")
        time.sleep(0.3)


def endless_beginnings(connection: socket.socket, _: bytes) -> None:
    while True:
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        time.sleep(0.3)


def silence(connection: socket.socket, _: bytes) -> None:
    connection.recv(1)


def half_a_list(connection: socket.socket, _: bytes) -> None:
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{"campaigns": [{"id": 4711}, ')
    connection.recv(1)


def seconds_until_given_up(url: str) -> tuple[float, VoisoError]:
    began = time.monotonic()
    with pytest.raises(VoisoError) as caught, open_client(generation="v4", base_url=url, key=KEY) as client:
        client.probe()
    return time.monotonic() - began, caught.value


def at_the_deadline(seconds: float) -> bool:
    """A machine busy with other tests is late; one of these servers would never end."""
    return -0.1 < seconds - DEADLINE < 5


@pytest.mark.parametrize("behave", [drip_headers, drip_body])
def test_each_of_fifty_dripping_answers_ends_at_the_deadline(settings, behave):
    with server(behave) as dripping:
        settings.EXTRA_HOSTS = [dripping.host]

        with ThreadPoolExecutor(13) as pool:
            ends = list(pool.map(seconds_until_given_up, [dripping.url] * 25))

    assert all(at_the_deadline(seconds) for seconds, _ in ends), [seconds for seconds, _ in ends]
    assert {type(problem) for _, problem in ends} == {NoReply}


@pytest.mark.parametrize("behave", [endless_beginnings, silence])
def test_a_server_that_never_finishes_is_dropped_at_the_deadline(settings, behave):
    with server(behave) as silent:
        settings.EXTRA_HOSTS = [silent.host]

        seconds, problem = seconds_until_given_up(silent.url)

    assert at_the_deadline(seconds)
    assert type(problem) is NoReply


def test_a_list_that_stops_in_the_middle_ends_after_a_silence(settings):
    # A read waits 12 s for its answer and has 60 s in all: 3.6 and 18 of these.
    settings.TIME_SCALE = 0.3
    with server(half_a_list) as stopping:
        settings.EXTRA_HOSTS = [stopping.host]

        seconds, problem = seconds_until_given_up(stopping.url)

    assert 3.5 < seconds < 14
    assert type(problem) is NoReply


def test_a_host_that_accepts_no_connection_is_dropped_much_earlier(settings):
    # A listener with a full backlog lets further connections wait for ever.
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        settings.EXTRA_HOSTS = [f"127.0.0.1:{port}"]

        seconds, problem = seconds_until_given_up(f"http://127.0.0.1:{port}")

        for filler in fillers:
            filler.close()
    assert 0.9 < seconds < 2
    assert type(problem) is NotConnected


def test_a_closed_port_fails_at_once(settings):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    settings.EXTRA_HOSTS = [f"127.0.0.1:{port}"]

    seconds, problem = seconds_until_given_up(f"http://127.0.0.1:{port}")

    assert seconds < 1
    assert type(problem) is NotConnected


def test_a_name_server_that_never_answers_blocks_no_thread(settings, monkeypatch):
    asked = []

    def never(*args: object, **kwargs: object) -> list[object]:
        asked.append(args)
        time.sleep(4)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", never)

    seconds, problem = seconds_until_given_up("https://cc-test01.voiso.com")

    assert asked
    assert 0.9 < seconds < 2
    assert type(problem) is NotConnected
