"""Rows to fix of a sent upload are fixed on its pages and sent into the same upload."""

import re
import uuid

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from tests.pushes.support import numbers
from tests.support.markup import markup
from tests.uploads.test_send_and_see_every_row import words
from voisoadmin.pushes.audit import audit
from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.pages.buckets import buckets_of

pytestmark = pytest.mark.slow

ROWS = 8


@pytest.fixture
def given() -> list[str]:
    return numbers(5)


@pytest.fixture
def upload(give, cast, given) -> Upload:
    """Five numbers in rows 2 to 6, and three rows to fix."""
    table = "phone,name\n" + "".join(f"+{number},Ann\n" for number in given) + "+44,Bo\n447,Cy\nn/a,Di\n"
    return give(table, to=cast.campaign)


@pytest.fixture
def press(page):
    def do(action: str, upload: Upload, **values: object) -> list[str]:
        upload.refresh_from_db()
        form = {"client_token": str(uuid.uuid4()), "version": upload.version, **values}
        answer = page.post(reverse(f"uploads:{action}", args=[upload.pk]), form)
        assert answer.status_code == 302
        page.get(answer.url)  # shows the messages, so that they don't come again
        return [str(message) for message in get_messages(answer.wsgi_request)]

    return do


@pytest.fixture
def fix(page):
    """Type into a cell of the page of a row; return the message."""

    def do(upload: Upload, row: int, value: str, *, column: int = 0) -> str:
        address = reverse("uploads:fix_row", args=[upload.pk, row])
        shown = markup(page.get(address))
        hidden = dict(re.findall(r'name="(seen_hash|version)" value="([^"]*)"', shown))
        form = {"client_token": str(uuid.uuid4()), "column": column, "value": value, **hidden}
        answer = page.post(address, form)
        if answer.status_code == 422:
            assert f'value="{value}"' in markup(answer), "what was typed stays"
        else:
            page.get(answer.url)
        return " ".join(str(message) for message in get_messages(answer.wsgi_request))

    return do


def buckets(upload: Upload) -> dict[str, int]:
    found = {name: rows for name, rows in buckets_of(upload.pushes.all()).items() if rows}
    assert sum(found.values()) == ROWS
    assert audit() == []
    return found


def test_fixed_rows_go_into_the_same_upload(cast, upload, given, page, press, fix):
    press("send", upload)
    cast.drain()
    new = numbers(2)

    assert fix(upload, 7, f"+{new[0]}") == "Row 7 is ready to resend."
    assert fix(upload, 8, "+4474") != "Row 8 is ready to resend."
    assert fix(upload, 8, f"+{new[1]}") == "Row 8 is ready to resend."
    shown = page.get(reverse("uploads:detail", args=[upload.pk]))
    assert buckets(upload) == {"added": 5, "invalid": 3}
    text = words(markup(shown))
    assert "Now 5 of 8" in text
    assert "After this resend 7 of 8" in text
    assert "When all are fixed 8 of 8" in text
    assert "Resend 2" in text

    assert press("resend_fixed", upload, rows=2, version=0)  # an old page
    assert press("resend_fixed", upload, rows=2) == []
    assert press("resend_fixed", upload, rows=2)  # by another person
    assert buckets(upload) == {"added": 5, "invalid": 1, "pending": 2}
    cast.drain()

    assert buckets(upload) == {"added": 7, "invalid": 1}
    assert upload.pushes.count() == 2
    assert cast.sandbox.numbers_in(cast.id) >= {*given, *new}


def test_an_undone_or_repeated_number_is_not_sent(cast, upload, given, press, fix):
    press("send", upload)
    cast.drain()

    fix(upload, 7, f"+{numbers(1)[0]}")
    fix(upload, 7, "+44")
    assert fix(upload, 8, f"+{given[0]}") == "Already known in this campaign; not sent again."
    press("resend_fixed", upload, rows=1)
    cast.drain()

    assert buckets(upload) == {"added": 5, "invalid": 2, "duplicate": 1}


def test_a_number_in_doubt_cannot_be_edited_only_its_other_cells(cast, upload, given, press, fix):
    press("send", upload)
    cast.sandbox.fault("answer_lost", times=1)
    cast.one_call()
    press("cancel", upload)
    cast.drain()
    cast.sandbox.heal()
    assert buckets(upload) == {"needs_review": 5, "invalid": 3}

    assert "can't be edited" in fix(upload, 2, f"+{numbers(1)[0]}")
    assert fix(upload, 2, "Zoe", column=1) == "Row 2 is ready to resend."
    reason = upload.records().get(row_number=2).reason
    # The other rows with this reason go out together with it, or not at all.
    assert "Send the fixed rows first" in press("resend", upload, what="needs_review", rows=5)[0]
    assert "dismiss them one by one" in press("dismiss", upload, reason=reason, rows=5)[0]
    press("resend_fixed", upload, rows=1)
    press("resend", upload, what="needs_review", rows=4)
    cast.drain()

    assert buckets(upload) == {"unattributed": 5, "invalid": 3}


def test_a_row_that_waits_to_be_resent_is_dismissed_and_taken_back(page, cast, upload, press, fix):
    press("send", upload)
    cast.drain()
    assert fix(upload, 7, f"+{numbers(1)[0]}") == "Row 7 is ready to resend."

    for address in (reverse("uploads:rejected_of", args=[upload.pk]), reverse("uploads:rejected")):
        shown = words(markup(page.get(address)))
        assert "Ready to resend" in shown
        assert "Dismiss row 7" in shown
    assert press("dismiss", upload, row=7) == []
    assert "Resend 1" not in words(markup(page.get(reverse("uploads:detail", args=[upload.pk]))))
    assert press("resend_fixed", upload, rows=1) != []

    assert press("take_back", upload, row=7) == []
    assert press("resend_fixed", upload, rows=1) == []
    cast.drain()
    assert buckets(upload) == {"added": 6, "invalid": 2}


def test_a_cell_is_edited_in_the_list_of_rows_to_fix(page, cast, upload, press):
    press("send", upload)
    cast.drain()
    address = reverse("uploads:rejected_of", args=[upload.pk])

    for typed, said in (("+4474", "Row 8 saved: "), (f"+{numbers(1)[0]}", "Row 8 is ready to resend.")):
        shown = markup(page.get(address))
        form = next(form for form in re.findall(r"<form.*?</form>", shown, re.DOTALL) if 'aria-label="Phone, row 8"' in form)
        hidden = dict(re.findall(r'name="(seen_hash|version|column|list|filters)" value="([^"]*)"', form))
        answer = page.post(
            reverse("uploads:fix_row", args=[upload.pk, 8]), {"client_token": str(uuid.uuid4()), "value": typed, **hidden}
        )
        assert answer.url.startswith(address)
        page.get(answer.url)
        assert " ".join(map(str, get_messages(answer.wsgi_request))).startswith(said)

    press("resend_fixed", upload, rows=1)
    cast.drain()
    assert buckets(upload) == {"added": 6, "invalid": 2}


def test_each_form_of_the_list_has_its_own_row_cell_and_token_whatever_a_cell_says(page, give, cast, press):
    sent = give('phone,name\n+447415550101,Ann\n"x""><b>1,447",Bo\nn/a,Cy\n', to=cast.campaign)
    press("send", sent)
    cast.drain()

    text = markup(page.get(reverse("uploads:rejected_of", args=[sent.pk])))

    forms = re.findall(r'<form class="cell-in-list".*?</form>', text, re.DOTALL)
    cell = r'name="seen_hash" value="([^"]+)".*?name="value" value="([^"]*)".*?aria-label="Phone, row (\d+)"'
    cells = [re.findall(cell, form, re.DOTALL)[0] for form in forms]
    assert [(row, value) for _, value, row in cells] == [("3", "x&quot;&gt;&lt;b&gt;1,447"), ("4", "n/a")]
    assert len({seen_hash for seen_hash, _, _ in cells}) == 2
    assert [reverse("uploads:fix_row", args=[sent.pk, row]) in form for form, row in zip(forms, (3, 4), strict=True)] == [
        True
    ] * 2
    tokens = re.findall(r'name="client_token" value="([^"]+)"', text)
    assert len(tokens) == len(set(tokens))


@pytest.fixture
def with_two_numbers(give, cast) -> Upload:
    """Five numbers, two rows with two numbers each, one of which is the other's, and one with none."""
    first, second, third, *five = numbers(8)
    table = "phone,name\n" + "".join(f"+{number},Ann\n" for number in five)
    return give(f"{table}+{first} / +{second},Bo\n+{first} / +{third},Cy\nn/a,Di\n", to=cast.campaign)


def test_all_rows_with_a_reason_are_fixed_at_once_after_sending(page, cast, with_two_numbers, press):
    upload, list_of_rows = with_two_numbers, reverse("uploads:rejected_of", args=[with_two_numbers.pk])
    press("send", upload)
    cast.drain()
    assert buckets(upload) == {"added": 5, "invalid": 3}
    shown = markup(page.get(list_of_rows))
    key = next(key for key in re.findall(r'name="key"\s+value="([^"]*)"', shown) if "second" in key)
    assert "Leave these rows out" not in words(shown)

    press("fix_sent", upload, key=key, version=0)  # an old page
    assert "Resend" not in words(markup(page.get(list_of_rows)))
    assert press("fix_sent", upload, key=key) == []
    shown = words(markup(page.get(list_of_rows)))
    assert "2 rows fixed" in shown
    assert "Resend 2" in shown
    assert "Use the first number" not in shown  # it would fix no row
    assert press("fix_sent", upload, key=key) != []  # it was made

    undo = upload.fixes.get().pk
    assert press("fix_sent", upload, undo=undo) == []
    assert "Resend" not in words(markup(page.get(list_of_rows)))
    assert press("fix_sent", upload, key=key.replace("second", "first")) == []
    assert press("resend_fixed", upload, rows=2) == []
    cast.drain()

    assert buckets(upload) == {"added": 6, "duplicate_in_file": 1, "invalid": 1}


def test_an_edit_that_is_undone_leaves_the_fix_of_all_rows(cast, with_two_numbers, press, fix):
    upload = with_two_numbers
    press("send", upload)
    cast.drain()
    press("fix_sent", upload, key="phone:two_numbers:second_number")
    original = upload.records().get(row_number=7).cells[0]

    fix(upload, 7, f"+{numbers(9)[8]}")
    fix(upload, 7, original)

    assert press("resend_fixed", upload, rows=2) == []
    cast.drain()
    assert buckets(upload) == {"added": 7, "invalid": 1}
