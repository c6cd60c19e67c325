"""A double click, a resend, Back and post again: one effect per token, the same answer every time."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.utils import timezone

from voisoadmin.operations import services
from voisoadmin.operations.models import Operation

FORMS = 10
POSTS = 20


def ask(token, by, **changes):
    return services.ask(
        kind=Operation.Kind.PAUSE,
        subject_kind=Operation.Subject.CAMPAIGN,
        subject_id=1,
        subject_label="Summer Outreach",
        campaign_ref=1,
        by=by,
        client_token=token,
        at=timezone.now(),
        **changes,
    )


def test_a_repeat_returns_the_earlier_operation_and_changes_nothing(ines, omar):
    token = uuid.uuid4()
    first, first_is_new = ask(token, ines, shown_status="active")

    second, second_is_new = ask(token, omar, shown_status="paused")

    assert (first_is_new, second_is_new) == (True, False)
    assert second.pk == first.pk
    assert (second.by_label, second.shown_status) == ("Ines Sousa", "active")


def test_clicks_of_different_forms_are_different_operations(ines):
    ask(uuid.uuid4(), ines)
    ask(uuid.uuid4(), ines)

    assert Operation.objects.count() == 2


def test_immediate_work_is_recorded_as_done(ines):
    at = timezone.now()

    operation = services.record_done(
        kind=Operation.Kind.DOWNLOAD,
        subject_kind=Operation.Subject.UPLOAD,
        subject_id=7,
        subject_label="leads.csv",
        by=ines,
        result={"rows": 12},
        at=at,
    )

    operation.refresh_from_db()
    assert (operation.status, operation.by_label, operation.result) == ("done", "Ines Sousa", {"rows": 12})
    assert (operation.asked_at, operation.ended_at) == (at, at)


@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_posts_of_each_form_make_one_operation_each():
    tokens = [uuid.uuid4() for _ in range(FORMS)]
    with ThreadPoolExecutor(POSTS) as pool:
        for token in tokens:
            together = Barrier(POSTS)

            def post(_number, token=token, together=together):
                together.wait()
                try:
                    with transaction.atomic():
                        operation, new = ask(token, None, by_label="someone")
                        return operation.pk, new
                finally:
                    connection.close()

            answers = list(pool.map(post, range(POSTS)))

            assert len({pk for pk, _ in answers}) == 1
            assert [new for _, new in answers].count(True) == 1
    assert Operation.objects.count() == FORMS
