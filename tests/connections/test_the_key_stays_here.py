"""A known key, searched for everywhere it must not be: pages, messages, logs, every table, queue rows, error pages."""

import base64
import logging
from urllib.parse import quote

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.db import connection as database
from django.utils import timezone

from tests.support.markup import markup
from voisoadmin.connections import services
from voisoadmin.connections.connection_test import check_for
from voisoadmin.connections.families import note_failure
from voisoadmin.connections.models import Connection
from voisoadmin.connections.opening import client_for
from voisoadmin.lib.jobs import enqueue
from voisoadmin.sandbox import Fault
from voisoadmin.voiso import ContactFields, VoisoError

KEY = "canary-2f6b8d1e94a7c035"
FORBIDDEN = [KEY, quote(KEY, safe=""), base64.b64encode(KEY.encode()).decode().rstrip("="), KEY[::-1], KEY.encode().hex()]


def dump() -> str:
    """Everything in the database, as text."""
    texts = []
    with database.cursor() as cursor:
        for table in database.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {database.ops.quote_name(table)}")
            texts += [str(value) for row in cursor.fetchall() for value in row]
    return "\n".join(texts)


def assert_hidden(text: str) -> None:
    for spelling in FORBIDDEN:
        assert spelling not in text


@pytest.mark.parametrize("generation", ["v4", "legacy"])
def test_the_key_is_nowhere_but_encrypted_in_its_column(client, ada, sandbox, generation, caplog):
    for name in ("", "httpx", "httpcore", "django"):
        caplog.set_level(logging.DEBUG, logger=name)
    sandbox.add_key(KEY, generation=generation)
    campaign = str(sandbox.add_campaign("Spring"))
    client.force_login(ada)
    seen = []

    def look(method: str, page_address: str, **data: str) -> None:
        page = getattr(client, method)(page_address, data, follow=True)
        seen.append(markup(page))
        seen.append(str(page.headers))

    look("post", "/connections/new/", name="Berlin", address="not a cluster", generation=generation, key=KEY)
    look("post", "/connections/new/", name="Berlin", address="cc-test01", generation=generation, key=KEY)
    connection = Connection.objects.get()
    look("get", f"/connections/{connection.pk}/")
    look("post", f"/connections/{connection.pk}/", name="Berlin", address="cc-test01", generation=generation, key=KEY)
    with client_for(connection) as voiso:
        voiso.add_contacts(campaign, [ContactFields(number="447415992548")])
        for fault in (Fault.HTML_502, Fault.RESET_BEFORE, Fault.TRUNCATED_JSON, Fault.POISON):
            sandbox.fault(fault, times=1, **({"numbers": None} if fault is Fault.POISON else {}))
            with pytest.raises(VoisoError) as caught:
                voiso.add_contacts(campaign, [ContactFields(number="447415992549")])
            note_failure(connection, caught.value, timezone.now())
            seen += [repr(caught.value), str(vars(caught.value))]
    sandbox.revoke_key(KEY)
    look("post", f"/connections/{connection.pk}/check/")
    sandbox.restore_key(KEY)
    sandbox.fault(Fault.ODD_JSON, times=9, on="any", status=500, body=f"<h1>/api/v1/{KEY}/campaigns</h1> Bearer {KEY}")
    look("post", f"/connections/{connection.pk}/check/")
    look("get", "/connections/")
    enqueue("voisoadmin.connections.connection_test.check", connection.pk)
    seen += [str(connection), repr(connection)]

    assert Connection.objects.get().key == KEY  # the search can find it
    assert_hidden("\n".join(seen))
    assert_hidden(dump())
    assert_hidden("\n".join(record.getMessage() + str(record.exc_text) for record in caplog.records))


def test_an_error_page_after_a_posted_key_shows_none_of_it(client, ada, sandbox, settings, caplog):
    client.force_login(ada)
    client.raise_request_exception = False
    settings.VOISO_TRANSPORT = "voisoadmin.no_such_module.transport"  # the view fails in the middle
    form = {"name": "Berlin", "address": "cc-test01", "generation": "v4", "key": KEY}

    page = client.post("/connections/new/", form)

    assert page.status_code == 500
    assert_hidden(markup(page))
    assert_hidden("\n".join(logging.Formatter().format(record) for record in caplog.records))


def test_the_same_key_is_encrypted_to_something_else_each_time(sandbox, ada):
    for name in ("Berlin", "Porto"):
        services.save_connection(name=name, address="cc-test01", generation="v4", key=KEY, by=ada, at=timezone.now())

    with database.cursor() as cursor:
        cursor.execute("SELECT key FROM connections_connection")
        first, second = (row[0] for row in cursor.fetchall())
    assert first != second
    assert {connection.key for connection in Connection.objects.all()} == {KEY}


def test_an_encryption_key_is_replaced_by_testing_each_connection_once(settings, sandbox, connection, ada):
    removed = services.save_connection(name="Porto", address="cc-test01", generation="v4", key=KEY, by=ada, at=timezone.now())
    services.remove_connection(removed, by=ada, at=timezone.now())
    (old,) = settings.ENCRYPTION_KEYS
    new = Fernet.generate_key().decode()

    settings.ENCRYPTION_KEYS = [new, old]
    assert check_for(Connection.objects.get(pk=connection.pk), by=ada, at=timezone.now()).ok
    settings.ENCRYPTION_KEYS = [new]

    assert {kept.pk: kept.key for kept in Connection.objects.all()} == {connection.pk: sandbox.V4_KEY, removed.pk: ""}


def test_a_key_whose_encryption_key_is_lost_is_reported_without_showing_it(settings, connection):
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    with pytest.raises(ImproperlyConfigured, match="VOISOADMIN_ENCRYPTION_KEYS"):
        Connection.objects.get()
