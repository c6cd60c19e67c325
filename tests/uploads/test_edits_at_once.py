"""Two people fix one upload, or one fixes it while the other sends it: one of them is first, and no row is lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection as database
from django.utils import timezone

from tests.support.queue import run_jobs, take_jobs
from voisoadmin.contacts.repairs import hash_of
from voisoadmin.operations.clicks import ActionRefused, Click
from voisoadmin.pushes.audit import audit
from voisoadmin.pushes.models import EditedRow
from voisoadmin.pushes.services import iter_rows
from voisoadmin.uploads import services
from voisoadmin.uploads.fixes.bulk import apply_fix
from voisoadmin.uploads.fixes.editing import edit_cell
from voisoadmin.uploads.intake.read_options import begin_again
from voisoadmin.uploads.models import Upload

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

FILE = "name,phone\n" + "".join(f"Zoe,+4474155{at:05}\n" for at in range(50000, 50003)) + "Max,447\nIda,447\n"
TO_FIX = 5  # its row
ROUNDS = 4


@pytest.fixture
def at_once(ines):
    """Do these at once, each with the upload as all of them see it; return what each was refused with."""

    def do(upload: Upload, *actions: Callable[[Upload, Click], object]) -> list[str]:
        together = Barrier(len(actions))
        seen = [Upload.objects.for_pages().get(pk=upload.pk) for _ in actions]

        def one(at: int) -> str:
            together.wait()
            try:
                actions[at](seen[at], Click(by=ines, at=timezone.now()))
            except ActionRefused as refusal:
                return str(refusal)
            finally:
                database.close()
            return ""

        with ThreadPoolExecutor(len(actions)) as pool:
            return list(pool.map(one, range(len(actions))))

    return do


def edit_to(value: str, row: int = TO_FIX) -> Callable[[Upload, Click], object]:
    def act(upload: Upload, click: Click) -> object:
        cells = ["Max" if row == TO_FIX else "Ida", "447"]
        return edit_cell(upload, row=row, column=1, value=value, seen_hash=hash_of(cells), version=upload.version, click=click)

    return act


def assert_each_row_counted(upload: Upload) -> None:
    upload.draft.refresh_from_db()
    rows = list(iter_rows(upload.draft))
    assert [row.row_number for row in rows] == [2, 3, 4, 5, 6]
    assert sum(upload.draft.reasons.values()) == upload.draft.rows == len(rows)
    ready = [row.number for row in rows if row.reason == "waiting"]
    assert len(ready) == len(set(ready)) == upload.draft.pending


def test_of_two_edits_of_one_cell_the_first_counts(give, at_once):
    for _ in range(ROUNDS):
        upload = give(FILE)
        refused = at_once(upload, edit_to("+447415550010"), edit_to("+447415550011"))

        assert sorted(map(bool, refused)) == [False, True]
        upload.refresh_from_db()
        assert upload.edits.get().new == ("+447415550010" if not refused[0] else "+447415550011")
        assert_each_row_counted(upload)


def test_two_rows_that_get_the_same_number_are_sent_once(give, at_once):
    for _ in range(ROUNDS):
        upload = give(FILE)
        assert at_once(upload, edit_to("+447415550010"), edit_to("+447415550010", row=6)) == ["", ""]
        assert [row.reason for row in iter_rows(upload.draft)][3:] == ["waiting", "same_number_in_file"]
        assert_each_row_counted(upload)


def test_an_edit_is_sent_or_the_send_is_refused(give, at_once):
    for _ in range(ROUNDS):
        upload = give(FILE)

        def send(seen: Upload, click: Click) -> None:
            services.send(seen, version=seen.version, click=click)

        edit_refused, send_refused = at_once(upload, edit_to("+447415550010"), send)
        take_jobs()

        assert bool(edit_refused) != bool(send_refused)
        upload.refresh_from_db()
        assert upload.stage == ("sent" if edit_refused else "checked")
        assert_each_row_counted(upload)
        if send_refused:
            services.send(upload, version=upload.version, click=Click(by=upload.by, at=timezone.now()))
            take_jobs()
            assert not EditedRow.objects.filter(push=upload.draft).exists()
            assert_each_row_counted(upload)
        assert audit() == []


def test_an_edit_against_another_check_is_in_its_result_or_refused(give, at_once):
    for _ in range(ROUNDS):
        upload = give(FILE)

        def check_again(seen: Upload, click: Click) -> None:
            begin_again(seen, choices=seen.choices, kind=seen.kind)

        refused, _ = at_once(upload, edit_to("+447415550010"), check_again)
        run_jobs()

        upload.refresh_from_db()
        assert upload.stage == "checked"
        assert [row.reason for row in iter_rows(upload.draft)][3] == ("too_short" if refused else "waiting")
        assert upload.edits.count() == (0 if refused else 1)
        assert_each_row_counted(upload)


def test_of_a_fix_and_an_edit_none_is_lost(give, at_once):
    upload = give(FILE)

    def fix(seen: Upload, click: Click) -> None:
        apply_fix(seen, "phone:too_short:leave_out", version=seen.version, click=click)

    refused = at_once(upload, edit_to("+447415550010"), fix)
    run_jobs()

    upload.refresh_from_db()
    assert sorted(map(bool, refused)) == [False, True]
    reasons = [row.reason for row in iter_rows(upload.draft)][3:]
    assert reasons == (["left_out", "left_out"] if refused[0] else ["waiting", "too_short"])
    assert_each_row_counted(upload)
