"""A test of a connection explains what is wrong: key, missing permission, host, generation."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.support.sandbox import connect
from tests.voiso.servers import answer, server
from voisoadmin.connections.connection_test import check
from voisoadmin.connections.models import Connection
from voisoadmin.sandbox import Fault
from voisoadmin.voiso import Generation


def checked(connection: Connection):
    found = check(connection, timezone.now())
    connection.refresh_from_db()
    return found


def test_a_successful_test_shows_the_number_of_campaigns(sandbox, any_connection):
    for n in range(3):
        sandbox.add_campaign(f"Campaign {n}")

    found = checked(any_connection)

    assert (found.ok, found.campaigns, found.words) == (True, 3, "Test centre answers and lists 3 campaigns.")
    assert any_connection.check_passed is True
    assert any_connection.checked_at == any_connection.answered_at


def test_a_test_changes_nothing_in_voiso(sandbox, any_connection):
    campaign = sandbox.add_campaign("Spring")

    checked(any_connection)

    assert sandbox.requests(campaign, "add", "update", "operate", "people") == []


def test_a_wrong_key_holds_the_connection_until_a_test_succeeds(sandbox, any_connection):
    key = any_connection.key
    sandbox.revoke_key(key)

    found = checked(any_connection)

    assert not found.ok
    assert found.words.startswith("Voiso at cc-test01.voiso.com doesn't accept the key. Create a new one in Voiso")
    assert any_connection.held_kind == Connection.HoldKind.KEY
    assert any_connection.held_until is None

    sandbox.restore_key(key)
    assert checked(any_connection).ok
    assert any_connection.held_reason == ""


@pytest.mark.parametrize(
    ("stored", "belongs_to"), [(Generation.V4, "the legacy API"), (Generation.LEGACY, "the current API (v4)")]
)
def test_a_key_of_the_other_generation_is_recognised(sandbox, db, stored, belongs_to):
    connection = connect(sandbox, generation="legacy" if stored is Generation.V4 else "v4")
    Connection.objects.update(generation=stored)
    connection.refresh_from_db()

    found = checked(connection)

    assert found.words.startswith(f"This key is for {belongs_to}, but Test centre is set to")


def test_a_missing_permission_is_named(sandbox, connection):
    connection.key = sandbox.add_key("a-key-that-may-only-read-users", generation="v4", scopes=["users.read"])

    found = checked(connection)

    assert not found.ok
    assert "The key works, but lacks a permission: campaigns.read." in found.words
    assert found.answer == "Forbidden"
    assert connection.held_reason == ""  # the key is good: other requests may succeed


def test_a_permission_needed_later_is_reported_at_once(sandbox, connection):
    connection.key = sandbox.add_key("a-key-that-only-reads-campaigns", generation="v4", scopes=["campaigns.read"])

    found = checked(connection)

    assert found.ok
    assert "Users and teams: the key can't read them. That needs the scope users.read." in found.words


def test_a_missing_host_is_reported(db, sandbox):
    found = checked(connect(sandbox, address="https://cc-nowhere.voiso.com"))

    assert found.words == "Can't reach cc-nowhere.voiso.com. Check the cluster ID and this server's internet connection."


@pytest.mark.parametrize("generation", list(Generation))
def test_network_problems_are_explained(db, settings, monkeypatch, generation):
    settings.VOISO_TRANSPORT = "voisoadmin.voiso.http.transport.network_transport"

    def words_for(base_url: str) -> str:
        key = "a-key-of-the-centre"
        name = f"Centre {Connection.objects.count()}"
        return checked(Connection.objects.create(name=name, generation=generation, base_url=base_url, key=key)).words

    with server(answer(b"")) as plain, no_tls() as insecure, monkeypatch.context() as patched:
        settings.EXTRA_HOSTS = [plain.host, insecure, "cc-nowhere.example:443"]
        assert words_for(f"https://{insecure}").startswith("Couldn't make a secure (TLS) connection.")
        patched.setattr(socket, "getaddrinfo", no_such_name)
        assert words_for("https://cc-nowhere.example").startswith("Host cc-nowhere.example wasn't found, or DNS isn't working.")
    assert words_for(plain.url).startswith(f"Can't reach {plain.host}.")  # it is shut down by now


@contextlib.contextmanager
def no_tls() -> Iterator[str]:
    """A host that answers every greeting in plain text."""

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                with listener.accept()[0] as connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(60)


def no_such_name(*_: object, **__: object) -> None:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@pytest.mark.parametrize(
    ("fault", "options", "words"),
    [
        (
            Fault.REDIRECT,
            {"location": "https://evil.example/"},
            "redirects to another address, which",
        ),
        (Fault.ODD_JSON, {"body": "<html>A web site</html>"}, "The answer from cc-test01.voiso.com isn't"),
        (Fault.HTML_502, {}, "gave no usable answer: Voiso had an internal error (HTTP 502)."),
        (Fault.RATE_LIMITED, {}, "Voiso answered and asked us to wait."),
        (Fault.ANSWER_LOST, {"how": "timeout"}, "gave no usable answer: Voiso didn't answer in time."),
    ],
)
def test_every_other_problem_is_explained(sandbox, any_connection, fault, options, words):
    sandbox.fault(fault, times=10, on="any", **options)

    found = checked(any_connection)

    assert not found.ok
    assert words in found.words
    assert any_connection.check_words == found.words


def test_a_successful_test_does_not_end_a_wait_that_voiso_asked_for(any_connection):
    until = timezone.now() + timedelta(minutes=5)
    Connection.objects.update(held_kind="rate", held_reason="Voiso asked us to wait.", held_until=until)

    assert checked(any_connection).ok

    assert any_connection.held_until == until
