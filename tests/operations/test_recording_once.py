"""Something that two processes record at the same moment becomes one row of the activity."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.utils import timezone

from voisoadmin.operations import services
from voisoadmin.operations.clicks import Click, Subject
from voisoadmin.operations.models import Operation

PROCESSES = 20


def record(*, by, by_label="", **more) -> Operation:
    click = Click(by=by, by_label=by_label, at=timezone.now())
    return services.record_done(Operation.Kind.DOWNLOAD, Subject(Operation.Subject.UPLOAD, 7, "leads.csv"), click, **more)


def test_immediate_work_is_recorded_as_done(ines):
    operation = record(by=ines, result={"rows": 12})

    operation.refresh_from_db()
    assert (operation.status, operation.by_label, operation.result) == ("done", "Ines Sousa", {"rows": 12})
    assert operation.asked_at == operation.ended_at


def test_without_a_key_each_record_is_a_row(ines):
    record(by=ines)
    record(by=ines)

    assert Operation.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_twenty_records_with_one_key_are_one_row():
    key, together = uuid.uuid4(), Barrier(PROCESSES)

    def one(_number):
        together.wait()
        try:
            with transaction.atomic():
                return record(by=None, by_label="address 192.0.2.7", once_key=key).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(PROCESSES) as pool:
        found = set(pool.map(one, range(PROCESSES)))

    assert found == set(Operation.objects.values_list("pk", flat=True))
    assert len(found) == 1
