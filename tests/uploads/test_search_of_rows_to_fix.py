"""Rows to fix are searched without case and accents, in blocks that are filled some time after the rows were stored."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.support.queue import run_jobs, take_jobs
from voisoadmin.pushes import search_blocks, tasks
from voisoadmin.pushes.models import Push, RejectedRecord, SearchBlock
from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.pages import rejects, rejects_of_all

NAMES = ("Jürgen Müller", "Zoë Okafor", "Tom Nair")


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    """A few rows are treated as half a million."""
    for module in (rejects, rejects_of_all):
        monkeypatch.setattr(module, "ONE_BY_ONE", 0)
    monkeypatch.setattr(search_blocks, "BLOCK", 8)
    monkeypatch.setattr(search_blocks, "AT_ONCE", 30)


def sent(campaign, count, *, name="leads.csv", first=0):
    """An upload with rows to fix from row 2 on: those with even numbers first, as rows of a check come before refused ones."""
    push = Push.objects.create(
        campaign=campaign,
        lane=campaign.lane,
        state=Push.State.FINISHED,
        confirmed_at=timezone.now() + timedelta(seconds=first),
        rows=count,
        invalid=count,
        reasons={"too_short": count},
    )
    RejectedRecord.objects.bulk_create(
        RejectedRecord(
            push=push,
            row_number=row,
            bucket="invalid",
            reason="too_short",
            phone=f"+49 1{first + row:05}",
            name=f"{NAMES[row % 3]} {row}",
        )
        for row in sorted(range(2, count + 2), key=lambda row: (row % 2, row))
    )
    upload = Upload.objects.create(
        campaign=campaign, stage="sent", received_at=timezone.now(), file_name=name, file_size=1, rows=count
    )
    upload.pushes.add(push)
    return upload


def fill():
    RejectedRecord.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    tasks.sweep()
    run_jobs()


@pytest.fixture
def found(client, ines):
    """The rows of a search, of one upload or of all: those of its pages, one after the other."""
    client.force_login(ines)

    def search(query, upload=None):
        address = reverse("uploads:rejected_of", args=[upload.pk]) if upload else reverse("uploads:rejected")
        page, rows = client.get(address, {"q": query}), []
        while True:
            shown = page.context["listing"]
            rows += [(row.record.push_id, row.record.row_number) for row in shown.records]
            if not shown.next_url:
                return rows
            page = client.get(shown.next_url)

    return search


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("müller", [3, 6, 9]),
        ("MUELLER", [3, 6, 9]),
        ("muller 6", [6]),
        ("zoe", [4, 7, 10]),
        ("+49 100005", [5]),
        ("00005", [5]),
        ("8", [8]),
        ("müller%", []),
        ("invalid", []),
        ("too_short", []),
    ],
)
def test_a_row_is_found_before_and_after_it_is_in_a_block(campaign, found, query, rows):
    upload = sent(campaign, 9)
    push = upload.pushes.get().pk

    before = found(query, upload), found(query)
    fill()
    after = found(query, upload), found(query)

    assert SearchBlock.objects.count() == 2
    assert before == after == ([(push, row) for row in rows], [(push, row) for row in reversed(rows)])


def test_each_row_is_on_one_page_in_its_order(campaign, found):
    """Given two uploads, of which one got more rows after its blocks were filled, no page repeats or leaves out a row."""
    old, new = sent(campaign, 130), sent(campaign, 70, first=500)
    fill()
    late = sent(campaign, 40, first=1000)
    of_old, of_new, of_late = (upload.pushes.get().pk for upload in (old, new, late))

    assert found("49", old) == [(of_old, row) for row in range(2, 132)]
    assert found("49") == [
        (push, row) for push, count in ((of_late, 40), (of_new, 70), (of_old, 130)) for row in range(count + 1, 1, -1)
    ]


def test_what_is_dismissed_or_gone_since_is_not_found(campaign, found):
    upload = sent(campaign, 9)
    fill()
    RejectedRecord.objects.filter(row_number=3).update(dismissed_at=timezone.now())
    RejectedRecord.objects.filter(row_number=6).delete()

    assert [row for _, row in found("müller", upload)] == [9]
    assert [row for _, row in found("müller")] == [9]


def test_rows_that_were_stored_just_now_wait_for_their_block(campaign):
    """So that no row with a lower ID appears later, from a transaction that took longer."""
    sent(campaign, 9)

    tasks.sweep()

    assert "voisoadmin.pushes.tasks.fill_search" not in [name for name, _ in take_jobs()]
    assert search_blocks.fill(at=timezone.now(), seconds=5)
    assert not SearchBlock.objects.exists()


def test_a_repeated_job_adds_no_row_twice(campaign):
    sent(campaign, 20)

    fill()
    tasks.fill_search()

    assert sorted(row for block in SearchBlock.objects.all() for _, row, _ in block.rows) == list(range(2, 22))
