"""An entry of the activity that has ended is never changed or deleted, by no update and no shell; an open one moves forward."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone

from voisoadmin.accounts.models import User
from voisoadmin.operations import services
from voisoadmin.operations.clicks import Click, Subject
from voisoadmin.operations.models import Door, Operation
from voisoadmin.operations.tasks import sweep

UPLOAD = Subject(Operation.Subject.UPLOAD, 7, "leads.csv")
TABLE = Operation._meta.db_table


@pytest.fixture
def ended(ines) -> Operation:
    return services.record_done(Operation.Kind.DOWNLOAD, UPLOAD, Click(by=ines, at=timezone.now()))


@pytest.fixture
def opened(ines) -> Operation:
    operation = services.ask(Operation.Kind.START, UPLOAD, Click(by=ines, at=timezone.now()))
    return services.take_up(operation.pk, attempt=0, at=timezone.now())


def refused(statement: str) -> None:
    with pytest.raises(IntegrityError, match="of the activity"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("column", [field.column for field in Operation._meta.concrete_fields if field.column != "id"])
def test_no_column_of_an_ended_entry_changes(ended, column):
    values = {"by_id": "NULL", "status": "'running'", "started_at": "NULL", "ended_at": "NULL"}
    before = Operation.objects.values().get()
    refused(f"UPDATE {TABLE} SET {column} = {values.get(column, f'(SELECT {column} FROM {TABLE})')}")
    assert Operation.objects.values().get() == before


@pytest.mark.parametrize("state", ["ended", "opened"])
def test_no_entry_is_deleted(request, state):
    operation = request.getfixturevalue(state)
    refused(f"DELETE FROM {TABLE}")
    with pytest.raises(IntegrityError), transaction.atomic():
        operation.delete()
    assert Operation.objects.count() == 1


def test_no_entry_is_replaced_and_the_table_is_not_emptied(ended):
    if connection.vendor == "postgresql":
        # The test's own row was written in this transaction; until its references are checked, PostgreSQL refuses anyway.
        refused(f"SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE {TABLE} CASCADE")
    else:
        refused(f"REPLACE INTO {TABLE} SELECT * FROM {TABLE}")
    assert Operation.objects.count() == 1


@pytest.mark.parametrize(
    "change", ["status = 'queued'", "attempt = 0", "kind = 'stop'", "by_label = 'Omar'", "subject_id = 8", "once_key = NULL"]
)
def test_an_open_entry_never_moves_back_and_never_changes_what_was_asked(opened, change):
    refused(f"UPDATE {TABLE} SET {change}")


def test_an_open_entry_moves_on_to_its_end(opened):
    assert services.note(opened, at=timezone.now(), result={"sent": 1})
    assert services.end(opened, Operation.Status.DONE, at=timezone.now())
    assert not services.end(opened, Operation.Status.REFUSED, at=timezone.now())


def test_removing_a_user_keeps_the_name_and_is_an_entry(ended, ines):
    key = ines.pk
    ines.delete()

    ended.refresh_from_db()
    assert (ended.by, ended.by_label) == (None, "Ines Sousa")
    removal = Operation.objects.get(kind="remove_user")
    assert (removal.subject_id, removal.subject_label) == (key, "Ines Sousa")
    assert not Door.objects.exists()


def test_users_removed_together_leave_an_entry_each(ended, ines, omar):
    User.objects.all().delete()
    assert Operation.objects.filter(kind="remove_user").count() == 2
    assert not Door.objects.exists()


def test_even_while_a_user_is_removed_nothing_else_changes(ended):
    with transaction.atomic():
        Door.objects.create(why=Door.Why.REMOVED_USER)
        refused(f"UPDATE {TABLE} SET by_id = NULL, by_label = 'Omar'")
        refused(f"DELETE FROM {TABLE}")


def test_the_retention_job_removes_what_ended_long_ago_and_is_an_entry(ended, opened, ines):
    long_ago = timezone.now() - timedelta(days=400)
    old = services.record_done(Operation.Kind.DOWNLOAD, UPLOAD, Click(by=ines, at=long_ago))

    call_command("remove_activity", older_than=365)
    call_command("remove_activity", older_than=365)

    assert not Operation.objects.filter(pk=old.pk).exists()
    assert {ended.pk, opened.pk} <= set(Operation.objects.values_list("pk", flat=True))
    removals = Operation.objects.filter(kind="remove_activity").order_by("pk")
    assert [entry.result for entry in removals] == [{"entries": 1}, {"entries": 0}]
    assert "(command line)" in removals[0].by_label
    refused(f"DELETE FROM {TABLE}")


def test_many_small_changes_are_one_open_entry_that_ends_by_itself(ines):
    began = timezone.now() - timedelta(minutes=11)
    for second in range(3):
        click = Click(by=ines, at=began + timedelta(seconds=second))
        services.count(Operation.Kind.EDIT_ROWS, UPLOAD, click, name="edits", unbroken=True)
    entry = Operation.objects.get()
    assert (entry.status, entry.outcome, entry.result) == ("running", "done", {"edits": 3})

    sweep()

    entry.refresh_from_db()
    assert (entry.status, entry.ended_at) == ("done", began + timedelta(seconds=2))
    services.count(Operation.Kind.EDIT_ROWS, UPLOAD, Click(by=ines, at=timezone.now()), name="edits", unbroken=True)
    assert Operation.objects.count() == 2


def test_what_was_recorded_between_two_changes_stays_between_them(ines, omar):
    now = timezone.now()
    for by in (ines, omar, ines):
        services.count(Operation.Kind.EDIT_ROWS, UPLOAD, Click(by=by, at=now), name="edits", unbroken=True)
    services.record_done(Operation.Kind.DOWNLOAD, UPLOAD, Click(by=ines, at=now))
    services.count(Operation.Kind.EDIT_ROWS, UPLOAD, Click(by=ines, at=now), name="edits", unbroken=True)

    entries = Operation.objects.order_by("pk")
    assert [(entry.by_label, entry.kind) for entry in entries] == [
        ("Ines Sousa", "edit_rows"),
        ("Omar Haddad", "edit_rows"),
        ("Ines Sousa", "edit_rows"),
        ("Ines Sousa", "download"),
        ("Ines Sousa", "edit_rows"),
    ]
    assert [entry.status for entry in entries] == ["done", "done", "done", "done", "running"]


@pytest.mark.parametrize(("outcome", "found"), [("done", 1), ("running", 0), ("refused", 1), ("queued", 0)])
def test_an_entry_that_counts_is_found_by_the_outcome_it_will_have(ines, outcome, found):
    click = Click(by=ines, at=timezone.now())
    services.count(Operation.Kind.EDIT_ROWS, UPLOAD, click, name="edits")
    services.count(Operation.Kind.SIGN_IN_FAILED, UPLOAD, click, name="tries")
    assert Operation.objects.all().narrowed(outcome=outcome).count() == found
    assert Operation.objects.filter(touched_at=F("asked_at")).count() == 2
