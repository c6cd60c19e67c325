"""Usernames that differ only in case are one."""

import pytest
from django.contrib.auth.management.commands.createsuperuser import Command
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse
from django.utils import timezone

from tests.support.triggers import create_triggers
from voisoadmin.accounts.models import User
from voisoadmin.accounts.services import UserRefused, save_user

PASSWORD = "correct horse battery"
SIGN_IN = reverse("accounts:sign_in")
SPELLINGS = ["ines", "Ines", "INES", "ｉｎｅｓ"]  # the last one as typed on an East Asian keyboard


@pytest.mark.parametrize("typed", SPELLINGS)
def test_a_person_signs_in_however_the_name_is_typed(client, ines, typed):
    response = client.post(SIGN_IN, {"username": f" {typed} ", "password": PASSWORD})

    assert response.status_code == 302
    assert client.session["_auth_user_id"] == str(ines.pk)


@pytest.mark.parametrize("typed", ["élodie", "ÉLODIE", "E\u0301lodie"])
def test_letters_outside_of_ascii_have_no_case_either(db, client, typed):
    User.objects.create_user("Élodie", password=PASSWORD)

    assert client.post(SIGN_IN, {"username": typed, "password": PASSWORD}).status_code == 302


@pytest.mark.parametrize("typed", SPELLINGS)
def test_no_second_account_gets_the_name(client, ada, ines, typed):
    client.force_login(ada)

    response = client.post(reverse("accounts:user_new"), {"username": typed, "role": "supervisor", "password": PASSWORD})

    assert response.status_code == 422
    assert "This username is taken." in response.text
    assert User.objects.filter(username="ines").count() == 1


@pytest.mark.parametrize("make", [User.objects.create, User.objects.create_user], ids=["create", "create_user"])
def test_no_program_adds_a_second_account_with_the_name(ines, make):
    with pytest.raises(IntegrityError):
        make(username="INES")


def test_when_two_administrators_add_one_name_at_once_the_second_is_refused_with_a_message(ada):
    save_user(User(username="jonas"), by=ada, at=timezone.now())

    with pytest.raises(UserRefused, match="This username is taken"):
        save_user(User(username="Jonas"), by=ada, at=timezone.now())


def test_the_command_adds_no_second_account_with_the_name(ines, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)

    with pytest.raises((CommandError, IntegrityError)):
        call_command(Command(), "--no-input", "--username=Ines", "--email=i@example.com")


def test_a_person_is_renamed_to_another_case_of_the_own_name(client, ada, ines):
    client.force_login(ada)

    form = {"username": "INES", "role": "supervisor", "is_active": "on"}
    response = client.post(reverse("accounts:user_edit", args=[ines.pk]), form)

    assert response.status_code == 302
    ines.refresh_from_db()
    assert ines.username == "ines"


BEFORE, AFTER = [("accounts", "0001_initial")], [("accounts", "0002_usernames_without_case")]


@pytest.fixture
def old_accounts(transactional_db):
    """The table of users from before, with names that differ only in case."""
    executor = MigrationExecutor(connection)
    latest = executor.loader.graph.leaf_nodes()
    executor.migrate(BEFORE)
    yield executor.loader.project_state(BEFORE).apps.get_model("accounts", "User")
    executor = MigrationExecutor(connection)
    executor.migrate(latest)
    create_triggers()


def test_accounts_whose_names_differ_in_case_are_kept_and_each_is_named(old_accounts, caplog):
    old_accounts.objects.create(username="mal", is_active=False)
    used = old_accounts.objects.create(username="MAL", last_login="2026-11-01T09:00:00Z")
    third = old_accounts.objects.create(username="Mal")
    old_accounts.objects.create(username="mal-2")
    old_accounts.objects.create(username="Ada")

    MigrationExecutor(connection).migrate(AFTER)

    names = dict(old_accounts.objects.values_list("pk", "username"))
    assert sorted(names.values()) == ["ada", "mal", "mal-2", "mal-3", "mal-4"]
    assert names[used.pk] == "mal", "the account that is used keeps the name"
    assert names[third.pk] == "mal-3"
    assert "Mal now signs in as mal-3, with the same password" in caplog.text
