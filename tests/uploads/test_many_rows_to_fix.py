"""A small file can have very many rows that a person has to fix: they cost a few times what rows that are ready cost."""

import time
import uuid

import pytest
from django.urls import reverse

from tests.support.queue import run_jobs
from voisoadmin.pushes.models import Push, RejectedRecord

pytestmark = pytest.mark.slow

ROWS = 40_000


def test_rows_to_fix_take_a_few_times_the_processor_time_of_ready_ones(give):
    ready = "".join(f"+4474{at + 10_000_000}\n" for at in range(ROWS))
    give("phone\n+447415000000\nx\n")  # what is loaded once is loaded now

    began = time.process_time()
    easy = give("phone\n" + ready)
    between = time.process_time()
    upload = give("phone\n" + "x\n" * ROWS)
    ended = time.process_time()

    assert ended - between < 6 * (between - began)  # a model instance for each: 12 times
    assert easy.draft.pending == ROWS
    assert upload.rows == upload.draft.invalid == ROWS
    assert upload.draft.rejected_records.count() == ROWS
    last = upload.draft.rejected_records.last()
    assert (last.row_number, last.cells, last.phone, last.reason) == (ROWS + 1, ["x"], "x", "no_digits")


def test_discarding_rows_to_fix_takes_less_processor_time_than_finding_them(give, page):
    give("phone\n+447415000000\nx\n")
    began = time.process_time()
    upload = give("phone\n" + "x\n" * ROWS)
    between = time.process_time()

    page.post(reverse("uploads:discard", args=[upload.pk]), {"client_token": str(uuid.uuid4())})
    run_jobs()

    assert time.process_time() - between < 1.5 * (between - began)
    assert not Push.objects.filter(uploads=upload).exists()
    assert RejectedRecord.objects.count() == 1
