"""The legacy API has two paths for its users: the one since October 2024 is asked first, the older one where that fails."""

import pytest
from django.utils import timezone

from voisoadmin.assignments import roster
from voisoadmin.assignments.models import Agent
from voisoadmin.connections.models import Connection
from voisoadmin.connections.opening import client_for
from voisoadmin.sandbox import Fault
from voisoadmin.voiso.legacy import CDR_USERS, USERS

pytestmark = pytest.mark.django_db


@pytest.fixture
def read_users(sandbox, legacy_connection):
    """Read the roster; return the error message, and the remembered path."""

    def read() -> tuple[str, str]:
        connection = Connection.objects.get(pk=legacy_connection.pk)
        with client_for(connection) as client:
            problem = roster.sync_roster(connection, client, at=timezone.now())
        return problem, Connection.objects.get(pk=legacy_connection.pk).users_path

    return read


@pytest.mark.parametrize(("newer", "older", "path"), [(True, True, USERS), (True, False, USERS), (False, True, CDR_USERS)])
def test_users_are_read_from_whichever_path_has_them(sandbox, read_users, newer, older, path):
    sandbox.behaviour.newer_users, sandbox.behaviour.older_users = newer, older

    assert read_users() == ("", path)
    assert Agent.objects.count() == 3


def test_the_contact_centres_key_is_enough_for_the_newer_path(sandbox, legacy_connection, read_users):
    sandbox.behaviour.older_users = False

    assert read_users()[0] == ""


def test_the_path_that_worked_is_asked_first_the_next_time(sandbox, read_users):
    sandbox.behaviour.newer_users = False
    read_users()
    sandbox.forget()

    read_users()

    assert len(sandbox.seen) == 2, "users and teams, and no other path"


def test_a_remembered_path_that_ends_is_left_for_the_other(sandbox, read_users):
    sandbox.behaviour.newer_users = False
    read_users()
    sandbox.behaviour.newer_users, sandbox.behaviour.older_users = True, False

    assert read_users() == ("", USERS)


def test_a_contact_centre_that_fails_is_not_asked_on_the_other_path_too(sandbox, read_users):
    sandbox.fault(Fault.HTML_502, times=9, on="any")

    problem, path = read_users()

    assert problem
    assert path == ""
    assert len(sandbox.seen) == 1


def test_without_either_path_the_page_says_why(sandbox, read_users):
    sandbox.behaviour.newer_users = sandbox.behaviour.older_users = False

    problem, path = read_users()

    assert problem.endswith(".")
    assert path == ""
