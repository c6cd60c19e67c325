"""The key is in no exception, no log, no repr, and no excerpt, whatever goes wrong."""

import base64
import html
import json
import logging
import socket
import traceback
from urllib.parse import quote

import httpx
import pytest

from tests.voiso.servers import answer, server
from voisoadmin.lib.logs import OneLineFormatter
from voisoadmin.voiso import Change, ContactFields, VoisoError, open_client
from voisoadmin.voiso.http.redaction import KeyFilter, redact
from voisoadmin.voiso.keys import Key

KEY = "canary/7f3a+9c51=d20e4b86"
SPELLINGS = (KEY, quote(KEY, safe=""), quote(KEY), base64.b64encode(KEY.encode()).decode())


def echo(connection: socket.socket, head: bytes) -> None:
    body = b'{"error": "No such thing: ' + head.split(b"\r\n")[0] + b'", "seen": "' + KEY.encode() + b'"}'
    answer(body, status="400 Bad Request")(connection, head)


def hang_up(connection: socket.socket, _: bytes) -> None:
    connection.shutdown(socket.SHUT_RDWR)


BEHAVIOURS = {
    "echo": echo,
    "hang up": hang_up,
    "error page": answer(f"<pre>GET /api/v1/{quote(KEY, safe='')}/campaigns {KEY}</pre>".encode(), status="502 Bad"),
    "nonsense": answer(f'{{"campaigns": "{KEY}"}}'.encode()),
    "refused key": answer(f'{{"error": "Invalid api_key {KEY}"}}'.encode(), status="403 Forbidden"),
    "redirect": answer(b"", status="302 Found", headers=f"Location: /api/v1/{quote(KEY, safe='')}/login\r\n"),
}


@pytest.mark.parametrize("generation", ["v4", "legacy"])
@pytest.mark.parametrize("behave", BEHAVIOURS.values(), ids=BEHAVIOURS)
def test_no_failure_reveals_the_key(settings, caplog, generation, behave):
    for name in ("httpx", "httpcore", ""):
        caplog.set_level(logging.DEBUG, logger=name)
    texts = []

    with server(behave) as voiso:
        settings.EXTRA_HOSTS = [voiso.host]
        with open_client(generation=generation, base_url=voiso.url, key=KEY) as client:
            texts += [repr(client), repr(vars(client))]
            for call in (
                client.list_campaigns,
                client.probe_users,
                client.teams,
                lambda: client.add_contacts("4711", [ContactFields(number="447400123456")]),
                lambda: client.update_contacts("4711", [ContactFields(number="447400123456", values={"active": True})]),
                lambda: client.change("4711", Change.STOP),
                lambda: client.change_people("4711", add_agents=["101"]),
            ):
                with pytest.raises(VoisoError) as caught:
                    call()
                problem = caught.value
                assert problem.__cause__ is None
                assert problem.__context__ is None  # nor does it carry one that knows the address
                texts += [repr(problem), str(vars(problem)), "".join(traceback.format_exception(problem))]

    assert voiso.connections >= 7  # the key was really sent
    texts += [text for record in caplog.records for text in (record.getMessage(), str(record.args))]
    for spelling in SPELLINGS:
        assert all(spelling not in text for text in texts)


@pytest.mark.parametrize("key", ["line\nbreak", "schlüssel", "\u2028key", "null\x00key"])
@pytest.mark.parametrize("generation", ["v4", "legacy"])
def test_a_key_that_fits_no_header_is_not_revealed_either(voiso_answers_nothing, key, generation):
    with (
        open_client(generation=generation, base_url=voiso_answers_nothing, key=key) as client,
        pytest.raises(VoisoError) as caught,
    ):
        client.change("4711", Change.STOP)

    assert key not in str(vars(caught.value))
    assert caught.value.__context__ is None


@pytest.fixture
def voiso_answers_nothing(settings):
    with server(hang_up) as voiso:
        settings.EXTRA_HOSTS = [voiso.host]
        yield voiso.url


def test_even_a_log_that_holds_an_address_is_written_without_the_key():
    record = logging.LogRecord("httpx", logging.INFO, __file__, 1, "GET %s", (), None)
    record.args = (httpx.URL(f"https://cc-ams03.voiso.com/api/v1/{quote(KEY, safe='')}/campaigns?key={quote(KEY)}&page=2"),)

    assert KeyFilter().filter(record)
    line = OneLineFormatter().format(record)

    assert "canary" not in line
    assert line.endswith("https://cc-ams03.voiso.com/api/v1/[key]/campaigns?key=[key]&page=2")


def test_a_key_with_quotes_is_hidden_however_it_is_escaped():
    key = 'canary"7f3a\\9c51<d20e>'
    for spelling in (key, quote(key), json.dumps(key), html.escape(key), base64.b64encode(key.encode()).decode()):
        assert "canary" not in redact(f"You sent {spelling}.", *Key(key).spellings())
        assert spelling.strip('"=') not in redact(f"You sent {spelling}.", *Key(key).spellings())


def test_a_key_object_shows_none_of_its_text():
    assert f"{Key(KEY)!r} {Key(KEY)} {[Key(KEY)]}" == "[key] [key] [[key]]"
