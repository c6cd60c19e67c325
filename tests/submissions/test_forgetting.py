from datetime import UTC, datetime, timedelta

import pytest

from tests.support.queue import run_jobs
from voisoadmin.lib.jobs import enqueue
from voisoadmin.submissions.models import Submission

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.mark.django_db
def test_tokens_are_forgotten_when_no_page_can_send_them_again(ines, time_machine):
    ages = {"00000000-0000-0000-0000-000000000031": 31, "00000000-0000-0000-0000-000000000029": 29}
    for token, days in ages.items():
        Submission.objects.create(token=token, path="/", by=ines, content="", sent_at=NOW - timedelta(days=days))
    time_machine.move_to(NOW)

    enqueue("voisoadmin.submissions.tasks.sweep")
    run_jobs()

    assert [str(submission.pk) for submission in Submission.objects.all()] == ["00000000-0000-0000-0000-000000000029"]
