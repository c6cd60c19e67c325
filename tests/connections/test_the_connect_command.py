import io
import json
import sys

import pytest
from django.core.management import CommandError, call_command

from voisoadmin.connections.models import Connection
from voisoadmin.operations.models import Operation

CLUSTER = ("--cluster", "cc-test01", "--api", "v4")


def connect(*arguments: str, json_: bool = True) -> str:
    out = io.StringIO()
    call_command("connect", *arguments, *(["--json"] if json_ else []), stdout=out)
    return out.getvalue()


@pytest.fixture
def key(sandbox, monkeypatch, db):
    """The key in the environment, as a script sets it."""
    monkeypatch.setenv("VOISO_API_KEY", sandbox.V4_KEY)
    return sandbox.V4_KEY


CHECKS = [
    "Users and teams: can be read.",
    "Status of agents: can be read.",
    "Adding contacts: not tried yet with this key.",
    "Start, pause, stop: not tried yet with this key.",
]


def test_the_command_saves_tests_and_prints_one_line(sandbox, key):
    sandbox.add_campaign("Spring")

    (line,) = connect("Berlin", *CLUSTER).splitlines()

    record = json.loads(line)
    assert record.pop("checks") == CHECKS
    assert record == {"connection": "Berlin", "api": "v4", "base_url": "https://cc-test01.voiso.com", "campaigns": 1}
    assert Connection.objects.get().key == key
    assert {operation.kind for operation in Operation.objects.all()} == {"save_connection", "check_connection"}
    assert all("(command line)" in operation.by_label for operation in Operation.objects.all())


def test_without_json_it_prints_text(key):
    lines = connect("Berlin", *CLUSTER, json_=False).splitlines()

    assert lines == ["Berlin answers and lists 0 campaigns.", *CHECKS]


def test_a_connection_with_the_same_name_is_updated(sandbox, key, monkeypatch):
    connect("Berlin", *CLUSTER)
    monkeypatch.setenv("VOISO_API_KEY", sandbox.LEGACY_KEY)

    connect("Berlin", "--base-url", "https://cc-test01.voiso.com/", "--api", "legacy")

    stored = Connection.objects.get()
    assert (stored.generation, stored.key) == ("legacy", sandbox.LEGACY_KEY)


def test_a_name_with_more_blanks_is_the_same_name(sandbox, key):
    for _ in range(2):
        connect(" Berlin  Mitte", *CLUSTER)

    assert Connection.objects.get().name == "Berlin Mitte"


def test_the_key_comes_from_a_file_before_the_environment(sandbox, key, monkeypatch, tmp_path):
    monkeypatch.setenv("VOISO_API_KEY", "another-key-entirely")
    file = tmp_path / "key"
    file.write_text(f"\ufeff{sandbox.V4_KEY}\n")  # some editors write it

    connect("Berlin", *CLUSTER, "--key-file", str(file))

    assert Connection.objects.get().key == sandbox.V4_KEY


def test_the_key_is_read_from_standard_input_as_a_last_resort(sandbox, db, monkeypatch):
    monkeypatch.delenv("VOISO_API_KEY", raising=False)
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{sandbox.V4_KEY}\n"))

    connect("Berlin", *CLUSTER)

    assert Connection.objects.get().key == sandbox.V4_KEY


def test_a_failed_test_exits_with_1_and_the_connection_is_saved(sandbox, key):
    sandbox.revoke_key(key)

    out = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("connect", "Berlin", *CLUSTER, "--json", stdout=out)

    assert caught.value.returncode == 1
    assert "The check of Berlin failed. Voiso at cc-test01.voiso.com doesn't accept" in str(caught.value)
    printed = json.loads(out.getvalue())
    assert printed.pop("checks") == []
    assert printed == {"connection": "Berlin", "api": "v4", "base_url": "https://cc-test01.voiso.com", "campaigns": None}
    assert Connection.objects.get().held_kind == "key"
    assert key not in str(caught.value)


@pytest.mark.parametrize(
    "arguments",
    [
        ["Berlin", "--cluster", "cc-test01"],
        ["Berlin", "--api", "v4"],
        ["Berlin", "--cluster", "cc-test01", "--api", "v5"],
        ["Berlin", "--cluster", "cc-test01", "--base-url", "https://cc-test01.voiso.com", "--api", "v4"],
        ["Berlin", *CLUSTER, "--key", "a-key-as-an-argument"],
    ],
)
def test_bad_usage_saves_nothing(key, arguments):
    with pytest.raises(CommandError, match=r"Error: |unrecognized"):
        connect(*arguments)

    assert not Connection.objects.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["Berlin", "--cluster", "evil.example", "--api", "v4"],
        ["Berlin", "--cluster", "", "--api", "v4"],
        ["Berlin", "--base-url", "http://127.0.0.1:9", "--api", "v4"],
        ["Berlin", *CLUSTER, "--key-file", "/nowhere/key"],
        [" ", *CLUSTER],
        ["B" * 81, *CLUSTER],
    ],
)
def test_invalid_input_exits_with_2_and_saves_nothing(key, arguments):
    with pytest.raises(CommandError) as caught:
        connect(*arguments)

    assert caught.value.returncode == 2
    assert str(caught.value).endswith(".")
    assert not Connection.objects.exists()


@pytest.mark.parametrize("text", ["", "\n", "two words", "abc"])
def test_an_invalid_key_exits_with_2(db, sandbox, monkeypatch, text):
    monkeypatch.setenv("VOISO_API_KEY", text)
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))

    with pytest.raises(CommandError) as caught:
        connect("Berlin", *CLUSTER)

    assert caught.value.returncode == 2
    assert not Connection.objects.exists()


def test_a_connection_with_campaigns_cannot_change_its_contact_centre(campaign, key):
    with pytest.raises(CommandError) as caught:
        connect("Test centre", "--cluster", "cc-other", "--api", "v4")

    assert caught.value.returncode == 2
    assert "Add a new connection for that one." in str(caught.value)


def test_a_time_zone_is_kept_unless_another_one_is_named(key):
    connect("Berlin", *CLUSTER, "--time-zone", "Europe/Berlin")
    connect("Berlin", *CLUSTER)

    assert Connection.objects.get().time_zone == "Europe/Berlin"
    with pytest.raises(CommandError, match="This isn't a time zone"):
        connect("Berlin", *CLUSTER, "--time-zone", "Mars/Olympus")
