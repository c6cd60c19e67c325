"""The page of rejected records of all uploads: order, filters, search, paging, and its speed with many."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.support.markup import markup
from voisoadmin.pushes.models import Push, RejectedRecord
from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.pages.rejects import ListFilter
from voisoadmin.uploads.pages.rejects_of_all import of_everything, pushes_with_rows_to_fix


@pytest.fixture
def rejected(campaign, ines):
    """An upload sent `ago` minutes ago, with records: (row number, reason code, name)."""

    def make(name, ago, *records, state=Push.State.FINISHED, bucket="invalid"):
        at = timezone.now() - timedelta(minutes=ago)
        reasons: dict[str, int] = {}
        for _, code, _ in records:
            reasons[code] = reasons.get(code, 0) + 1
        push = Push.objects.create(
            lane=campaign.lane,
            campaign=campaign,
            state=state,
            confirmed_at=None if state == Push.State.DRAFT else at,
            rows=len(records),
            reasons=reasons,
            **{bucket: len(records)},
        )
        upload = Upload.objects.create(
            campaign=campaign, stage="sent", by=ines, by_label="Ines", received_at=at, file_name=name, file_size=1, rows=1
        )
        upload.pushes.add(push)
        RejectedRecord.objects.bulk_create(
            [
                RejectedRecord(push=push, row_number=row, bucket=bucket, reason=code, phone=f"074{row:08d}", name=who)
                for row, code, who in records
            ]
        )
        return push

    return make


def listed(user, wanted):
    return of_everything(pushes_with_rows_to_fix(user, wanted), wanted)


def shown(user, **wanted):
    listing = listed(user, ListFilter(**wanted))
    return [(line.upload.file_name, line.record.row_number) for line in listing.records]


def test_the_latest_upload_comes_first_and_drafts_not_at_all(rejected, ines):
    rejected("later.csv", 5, (2, "letters", "Ada"), (3, "too_short", "Bo"))
    rejected("earlier.csv", 50, (7, "letters", "Cy"))
    rejected("latest.csv", 1, (4, "refused_by_voiso", "Di"), bucket="rejected")
    rejected("draft.csv", 0, (9, "letters", "Ed"), state=Push.State.DRAFT)

    assert shown(ines) == [("latest.csv", 4), ("later.csv", 3), ("later.csv", 2), ("earlier.csv", 7)]


def test_filters_by_bucket_and_reason_and_their_counts(rejected, ines, page):
    rejected("later.csv", 5, (2, "letters", "Ada"), (3, "too_short", "Bo"))
    rejected("earlier.csv", 50, (7, "letters", "Cy"))
    rejected("latest.csv", 1, (4, "refused_by_voiso", "Di"), bucket="rejected")

    tabs = {tab.label: tab.rows for tab in listed(ines, ListFilter()).tabs}

    assert shown(ines, bucket="rejected") == [("latest.csv", 4)]
    assert shown(ines, bucket="needs_review") == []
    assert shown(ines, reason="letters") == [("later.csv", 2), ("earlier.csv", 7)]
    assert shown(ines, reason="added") == []
    assert (tabs["All"], tabs["Invalid"], tabs["Rejected by Voiso"], tabs["Contains letters"]) == (4, 3, 1, 2)
    html = markup(page.get(reverse("uploads:rejected"), {"reason": "letters"}))
    assert re.findall(r'data-label="Row">([\d,]+)<', html) == ["2", "7"]


@pytest.mark.parametrize("together", [1, 3, 20_000])
@pytest.mark.parametrize("query", ["", "Person"])
def test_pages_follow_one_another_over_many_uploads(rejected, ines, monkeypatch, query, together):
    monkeypatch.setattr("voisoadmin.uploads.pages.rejects_of_all.TOGETHER", together)
    for number in range(6):
        rejected(f"{number}.csv", number, *[(row, "letters", "Person") for row in range(2, 2 + number)])
    whole = shown(ines, query=query, size=100)

    pages, after = [], None
    while True:
        listing = listed(ines, ListFilter(query=query, size=4, after=after))
        pages += [(line.upload.file_name, line.record.row_number) for line in listing.records]
        if not listing.next_url:
            break
        after = int(re.search(r"after=(\d+)", listing.next_url)[1])

    assert pages == whole
    assert len(whole) == 15


def test_a_search_finds_names_numbers_and_rows_wherever_they_are(rejected, ines):
    for number in range(5):
        rejected(f"{number}.csv", number, (2, "letters", "Nemo"))
    rejected("old.csv", 500, (4123, "letters", "Zoë Okafor"), (5, "letters", "Max"))

    assert shown(ines, query="okafor") == [("old.csv", 4123)]
    assert shown(ines, query="ZOË") == [("old.csv", 4123)]
    assert shown(ines, query="4,123") == [("old.csv", 4123)]
    assert shown(ines, query="07400000005") == [("old.csv", 5)]
    assert shown(ines, query="not there") == []


def test_a_page_costs_the_same_however_many_records_there_are(rejected, ines, django_assert_max_num_queries):
    for number in range(120):
        rejected(f"{number}.csv", 200 + number, (2, "letters", "Ada"))
    rejected("draft.csv", 0, *[(row, "letters", "Ed") for row in range(2, 500)], state=Push.State.DRAFT)

    with django_assert_max_num_queries(6):
        assert shown(ines, bucket="rejected") == []
    with django_assert_max_num_queries(6):
        assert shown(ines, query="no such name") == []


@pytest.mark.once  # PostgreSQL's plans depend on statistics, which a test doesn't have
def test_no_page_sorts_or_walks_all_records(rejected, ines):
    push = rejected("big.csv", 5, *[(row, "letters", "Ada") for row in range(2, 900)])
    records = RejectedRecord.objects.filter(replaced_by=None, push=push).order_by("-row_number")

    for asked in (records, records.filter(bucket="invalid"), records.filter(bucket="invalid", reason="letters")):
        plan = asked.values_list("pk", flat=True)[:51].explain()
        assert "SEARCH" in plan
        assert "TEMP B-TREE" not in plan
    assert "replaced" not in RejectedRecord.objects.filter(replaced_by=None, push__in=[push.pk, 7]).explain()
