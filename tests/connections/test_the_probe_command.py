"""`manage.py probe`: the structure of a contact centre's answers, as names and types, never values."""

import json

import httpx
import pytest
from django.core.management import CommandError, call_command

from tests.voiso import conftest as scripted
from voisoadmin.voiso.field_names import shown_name
from voisoadmin.voiso.probing import shape_of

pytestmark = pytest.mark.django_db


def run(capsys, name: str) -> list[dict]:
    call_command("probe", name, "--json")
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("generation", ["v4", "legacy"])
def test_every_known_endpoint_is_read_and_shown_by_names_and_types(request, capsys, sandbox, generation):
    connection = request.getfixturevalue("connection" if generation == "v4" else "legacy_connection")
    sandbox.add_campaign("Spring renewals")

    records = run(capsys, connection.name)

    campaigns = next(record for record in records if record["path"].endswith("/campaigns"))
    assert campaigns["status"] == 200
    assert "id: integer" in campaigns["shape"]
    assert "Spring" not in json.dumps(records)
    assert {seen.kind for seen in sandbox.seen} == {"read", "lookup"}


def test_without_json_it_prints_a_line_for_each_endpoint(capsys, sandbox, connection):
    call_command("probe", connection.name)

    assert "200  GET /api/v4/campaigns" in capsys.readouterr().out


def test_an_unknown_connection_is_bad_usage(capsys, connection):
    with pytest.raises(CommandError) as failed:
        call_command("probe", "Berlin")

    assert failed.value.returncode == 2
    assert connection.name in str(failed.value)


CANARIES = {
    "a phone number": "447400123456",
    "a number with a letter": "n447400123456",
    "an email": "ada@shop.example",
    "a UUID": "9d0a6c1e-0000-4000-8000-000000000042",
    "a name of a person": "Ada Byron",
    "a long name": "x" * 41,
    "another script": "имя",
    "markup": "<script>",
    "nothing": "",
}


@pytest.mark.parametrize("canary", CANARIES)
@pytest.mark.parametrize("where", ["at the top", "in a list", "deep"])
def test_a_name_that_may_be_a_value_is_not_shown(canary, where):
    entry = {CANARIES[canary]: {"status": "available"}}
    value = {"at the top": entry, "in a list": [entry], "deep": {"data": {"by_name": entry}}}[where]

    shape = shape_of(value)

    assert "{<key>: {status: string}} x 1" in shape
    assert not CANARIES[canary] or CANARIES[canary] not in shape


def test_an_object_with_very_many_names_shows_none():
    assert shape_of({f"name_{letter}": 1 for letter in "abcdefghijklmnopqrstuvwxyzABCDE"}) == "{<key>: integer} x 31"


def test_no_value_is_ever_shown():
    value = {"text": "canary", "number": 447400123456, "share": 12.5, "on": True, "none": None, "list": ["canary", 7, None]}

    shape = shape_of(value)

    assert (
        shape == "{text: string, number: integer, share: number, on: boolean, none: null, list: [integer | null | string] x 3}"
    )


def test_a_name_that_contains_the_key_is_not_shown_even_if_it_looks_harmless():
    assert shown_name("Secretkeyofourcentre", ["Secretkeyofourcentre"]) == "<key>"


@pytest.mark.parametrize("generation", ["v4", "legacy"])
def test_the_key_is_never_printed_even_if_an_answer_repeats_it(settings, capsys, request, sandbox, generation):
    connection = request.getfixturevalue("connection" if generation == "v4" else "legacy_connection")
    settings.VOISO_TRANSPORT = "tests.voiso.conftest.scripted_transport"
    echo = {connection.key: 1, "error": connection.key, "data": [{"a": {connection.key: connection.key}}]}
    scripted._handler.append(lambda request: httpx.Response(200, json=echo))

    records = run(capsys, connection.name)

    scripted._handler.clear()
    assert connection.key not in json.dumps(records)
    assert all(record["status"] == 200 for record in records if record["problem"] is None)


def test_an_id_that_could_change_the_path_is_not_used_in_an_address(settings, capsys, sandbox, connection):
    asked = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, json={"campaigns": [{"id": "../../users"}]})

    settings.VOISO_TRANSPORT = "tests.voiso.conftest.scripted_transport"
    scripted._handler.append(handler)

    run(capsys, connection.name)

    scripted._handler.clear()
    assert set(asked) == {"/api/v4/campaigns", "/api/v4/users", "/api/v4/teams"}
