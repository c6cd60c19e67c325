"""Writers of an SQLite file take turns; PostgreSQL locks rows, and keeps the order of those who wait."""

import threading

import pytest
from django.db import connection, connections, transaction
from django.db.models import F

from tests.support.waiting import until
from voisoadmin.campaigns.models import Lane
from voisoadmin.lib.write_turns import turn

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]
ONE_TRANSACTION = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT max(i) FROM n"


def counted() -> int:
    return Lane.objects.values_list("contacts_accepted", flat=True).get()


@pytest.fixture
def busy_writer():
    """One thread that writes transaction after transaction, each some milliseconds long, and counts them in a lane."""
    Lane.objects.create(address="https://cc-test01.voiso.com:443", voiso_id="1")
    end = threading.Event()

    def write() -> None:
        try:
            while not end.is_set():
                with transaction.atomic(), connection.cursor() as cursor:
                    Lane.objects.update(contacts_accepted=F("contacts_accepted") + 1)
                    cursor.execute(ONE_TRANSACTION).fetchall()
        finally:
            connections.close_all()

    thread = threading.Thread(target=write)
    thread.start()
    yield
    end.set()
    thread.join()


@pytest.mark.parametrize("how", ["a transaction", "one statement"])
@pytest.mark.usefixtures("busy_writer")
def test_one_who_writes_without_a_pause_keeps_no_one_else_waiting(how):
    passed_by = []
    for _ in range(9):
        last = counted()
        until(lambda last=last: counted() > last + 1, seconds=60, what="it writes")
        before = counted()
        if how == "a transaction":
            with transaction.atomic():
                passed_by.append(counted() - before)
        else:
            Lane.objects.update(contacts_known=F("contacts_accepted"))
            passed_by.append(Lane.objects.values_list("contacts_known", flat=True).get() - before)

    assert sorted(passed_by)[4] <= 3


def test_one_who_stopped_in_the_middle_of_its_turn_delays_the_others_but_not_for_ever(tmp_path):
    with turn(tmp_path / "turn"), turn(tmp_path / "turn"):
        pass
