"""Each tab of a check lists all of its rows, page by page, and opens only a few batches for a page."""

import re
import uuid
from collections import Counter
from collections.abc import Iterator

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.support.markup import markup
from tests.support.queue import run_jobs
from voisoadmin.pushes.models import Batch, RowList
from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.pages.check_rows import listing_of

pytestmark = pytest.mark.slow

ROWS = 1700
KINDS = {1: "n/a", 2: "again", 3: "+44 (0) 7400 {at:06}", 4: "flagged"}
"""What the first rows of ten are; the others are plain numbers."""


def row(at: int) -> str:
    number = f"+447400{at:06}"
    match KINDS.get(at % 10):
        case None:
            return f"{number},Name {at},no"
        case "again":
            return f"+447400{at - at % 10:06},Name {at},no"
        case "flagged":
            return f"{number},Name {at},yes"
        case cell:
            return f"{cell.format(at=at)},Name {at},no"


@pytest.fixture
def checked(give):
    """1,700 rows: a tenth each to fix, repeated, with a warning, do-not-call; row numbers 2 to 1701."""
    upload = give("Phone,Name,Do not call\n" + "".join(row(at) + "\n" for at in range(ROWS)))
    assert upload.stage == "checked", upload.problem
    return upload


@pytest.fixture
def short(give):
    """The same with row numbers 2 to 21."""
    return give("Phone,Name,Do not call\n" + "".join(row(at) + "\n" for at in range(20)))


def rows_in(text: str) -> list[int]:
    return [int(number) for number in re.findall(r'<tr id="row-(\d+)"', text)]


def expected(*kinds: int) -> list[int]:
    return [at + 2 for at in range(ROWS) if at % 10 in kinds]


def pages_of(upload: Upload, tab: str) -> Iterator[tuple[list[int], int]]:
    """The row numbers of each page of a tab, by its links, and how many batches were opened for it."""
    query = f"?tab={tab}"
    while query:
        with CaptureQueriesContext(connection) as seen:
            listing = listing_of(upload, upload.draft, QueryDict(query.partition("?")[2]))
        yield [row.number for row in listing.rows], sum('"pushes_batch"."rows"' in one["sql"] for one in seen)
        query = listing.next_url


def test_a_tab_lists_each_of_its_rows_once_and_opens_at_most_three_batches_a_page(checked):
    kinds_of = {
        "all": range(10),
        "ready": (0, 3, 5, 6, 7, 8, 9),
        "fix": (1,),
        "repeats": (2,),
        "warnings": (3,),
        "do-not-call": (4,),
    }

    for tab, kinds in kinds_of.items():
        pages = list(pages_of(checked, tab))

        assert [number for rows, _ in pages for number in rows] == expected(*kinds), tab
        assert max(opened for _, opened in pages) <= 3, tab


def test_the_tabs_count_all_rows_and_everything_but_warnings_adds_up(checked, look):
    tabs = dict(re.findall(r'id="tab-([a-z-]+)".*?<span class="v[^"]*">([\d,]+)</span>', look(checked), re.DOTALL))

    assert tabs == {
        "all": "1,700",
        "ready": "1,190",
        "fix": "170",
        "repeats": "170",
        "there": "0",
        "do-not-call": "170",
        "warnings": "170",
    }


def test_tabs_are_left_out_of_which_nothing_can_be_known(give, look):
    assert 'id="tab-do-not-call"' not in look(give("phone\n+447400300001\n"))
    assert 'id="tab-there"' not in look(give("phone\n+447400300001\n", kind="update"))


def test_a_page_begins_at_the_row_that_was_asked_for(short, page):
    address = reverse("uploads:detail", args=[short.pk])

    assert rows_in(markup(page.get(address, {"tab": "ready", "q": "13"}))) == [15, 17, 18, 19, 20, 21]
    assert rows_in(markup(page.get(address, {"tab": "fix", "q": "13"}))) == [13]


def test_a_number_finds_its_row_whatever_the_tab(short, page):
    address = reverse("uploads:detail", args=[short.pk])

    assert rows_in(markup(page.get(address, {"tab": "all", "q": "+44 7400 000016"}))) == [18]
    assert rows_in(markup(page.get(address, {"tab": "repeats", "q": "447400000016"}))) == [18]
    assert "No rows match" in markup(page.get(address, {"tab": "all", "q": "+44 7400 999999"}))


def test_a_reason_shows_only_its_rows(give, page):
    upload = give("phone,priority\nn/a,1\n+447400300001,soon\nn/a,2\n+44 74,1\n")
    address = reverse("uploads:detail", args=[upload.pk])

    text = markup(page.get(address, {"tab": "fix", "reason": "no_digits"}))

    assert rows_in(text) == [2, 4]
    assert "Show all reasons" in text


@pytest.mark.parametrize(
    "query", ["tab=x", "after=-5", "after=9999999999999", "q=%00", "reason=%00&tab=warnings", "q=99999999999"]
)
def test_an_address_that_makes_no_sense_shows_a_page(short, page, query):
    assert page.get(f"{reverse('uploads:detail', args=[short.pk])}?{query}").status_code == 200


def test_a_draft_of_an_earlier_version_says_that_its_rows_are_listed_after_another_check(short, look):
    Batch.objects.update(first_row=None, last_row=None)
    RowList.objects.all().delete()

    assert "This file was checked by an earlier version" in look(short, tab="ready")


def test_a_page_that_a_refused_form_shows_has_the_same_addresses(short, page):
    form = {"client_token": str(uuid.uuid4()), "kind": "add", "region": "GB", "header_row": "1", "column-0": "phone"}
    spent = reverse("uploads:choices", args=[short.pk])
    page.post(spent, form)
    run_jobs()

    shown = page.post(spent, form | {"region": "DE"})

    assert shown.status_code == 422
    assert f'href="{reverse("uploads:detail", args=[short.pk])}?tab=ready"' in markup(shown)


def test_a_tab_is_swapped_into_the_page_without_the_rest(short, page):
    answer = page.get(
        reverse("uploads:detail", args=[short.pk]),
        {"tab": "all"},
        headers={"HX-Request": "true", "HX-Target": "verdict"},
    )

    assert markup(answer).lstrip().startswith("<section")
    assert Counter(re.findall(r"aria-current", markup(answer)))["aria-current"] == 1
