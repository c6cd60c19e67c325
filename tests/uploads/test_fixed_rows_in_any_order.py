"""Sends, refusals, lost answers, edits, dismissals and resends of one upload in any order: each row counts once, and truly."""

import contextlib
import itertools

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.pushes.oracle import false_reports, lost_rows
from tests.pushes.support import Cast, numbers
from tests.support.queue import run_jobs
from tests.support.sandbox import connect, mirror, open_contact_centre
from voisoadmin.contacts.repairs import hash_of
from voisoadmin.lib.clock import monotonic
from voisoadmin.operations.clicks import ActionRefused, Click
from voisoadmin.pushes.audit import audit
from voisoadmin.pushes.engine.loop import Engine
from voisoadmin.pushes.models import EditedRow, RejectedRecord
from voisoadmin.pushes.services import iter_rows
from voisoadmin.uploads import services
from voisoadmin.uploads.fixes.after_sending import edit_sent_row, resend_fixed
from voisoadmin.uploads.fixes.dismissing import dismiss_row, take_row_back
from voisoadmin.uploads.fixes.editing import edit_cell, leave_out
from voisoadmin.uploads.fixes.refusals import NotEditable
from voisoadmin.uploads.fixes.session import SeenRow
from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.pages.buckets import buckets_of
from voisoadmin.uploads.resending import rows_of, send_again

ROWS, FIRST_ROW = 6, 2
GOOD, SPARE = 4, 3
"""Numbers of the file, before two rows without one; and numbers that only edits bring."""
NO_SHRINKING = [Phase.explicit, Phase.reuse, Phase.generate]  # which takes minutes
AT, NUMBER = st.integers(0, ROWS - 1), st.integers(0, GOOD + SPARE)
EARLY = st.tuples(st.sampled_from(["early edit", "leave out", "refuse", "refuse"]), AT, NUMBER)
STEPS = st.tuples(
    st.sampled_from(
        [
            *["edit"] * 5,
            *["resend fixed"] * 4,
            *["run", "rejected", "needs_review", "rest"] * 2,
            *["rename", "refuse", "lose an answer", "cancel", "heal", "dismiss", "take back"],
        ]
    ),
    AT,
    NUMBER,
)
_names = itertools.count()


def fixed_in(upload: Upload) -> int:
    """How many rows are fixed and not sent yet."""
    return EditedRow.objects.filter(push=upload.resend_draft_id).count()


class Story:
    """One upload to a contact centre that no other example uses."""

    def __init__(self, give, ines, generation: str, there: int) -> None:
        address = f"https://cc-story{next(_names)}.voiso.com"
        sandbox = open_contact_centre(address)
        connection = connect(sandbox, generation=generation, address=address, name=address)
        self.cast = Cast(sandbox, mirror(sandbox, connection, sandbox.add_campaign("Spring")))
        self.ines = ines
        self.pool = numbers(GOOD + SPARE)
        sandbox.add_leads(self.cast.id, self.pool[:there])
        rows = [f"+{number},Person {at}" for at, number in enumerate(self.pool[:GOOD])]
        rows += [f"n/a,Person {at}" for at in range(GOOD, ROWS)]
        self.upload: Upload = give("\n".join(["phone,name", *rows, ""]), to=self.cast.campaign)

    @property
    def click(self) -> Click:
        return Click(by=self.ines, at=timezone.now())

    def do(self, what: str, at: int, number: int) -> None:
        """One step; what isn't possible now is refused, and changes nothing."""
        self.upload.refresh_from_db()
        upload, row, sandbox = self.upload, at + FIRST_ROW, self.cast.sandbox
        with contextlib.suppress(ActionRefused, NotEditable):
            match what:
                case "early edit":
                    edit_cell(upload, row=row, column=0, value=self.phone(number), **self.seen(row))
                    run_jobs()
                case "leave out":
                    seen = self.seen(row)
                    leave_out(upload, rows=[SeenRow(row, seen.pop("seen_hash"))], **seen)
                    run_jobs()
                case "send":
                    services.send(upload, version=upload.version, click=self.click)
                case "edit":
                    self.edit(at, 0, self.phone(number))
                case "rename":
                    self.edit(at, 1, "Renamed")
                case "resend fixed":
                    if not fixed_in(upload):
                        self.edit(at, 0, self.phone(number))
                        upload.refresh_from_db()
                    resend_fixed(upload, rows=fixed_in(upload), version=upload.version, click=self.click)
                case "rejected" | "needs_review" | "rest":
                    rows = rows_of(list(upload.pushes.all()), what)
                    send_again(upload, what=what, rows=rows, click=self.click)
                case "dismiss":
                    dismiss_row(upload, row=row, click=self.click)
                case "take back":
                    take_row_back(upload, row=row, click=self.click)
                case "cancel":
                    services.cancel(upload, click=self.click)
                case "refuse":
                    sandbox.fault("poison", numbers=[self.pool[number % len(self.pool)]])
                case "lose an answer":
                    sandbox.fault("answer_lost", times=1)
                    Engine().run(until=monotonic() + 0.1)
                    services.cancel(upload, click=self.click)
                case "run":
                    self.run()
                case "heal":
                    sandbox.heal()

    def phone(self, number: int) -> str:
        return f"+{self.pool[number]}" if number < len(self.pool) else "n/a"

    def seen(self, row: int) -> dict[str, object]:
        """What a page of the check knows about a row."""
        found = next(found for found in iter_rows(self.upload.draft) if found.row_number == row)
        return {"seen_hash": hash_of(found.cells), "version": self.upload.version, "click": self.click}

    def edit(self, at: int, column: int, value: str) -> None:
        """Edit one of the rows to fix."""
        records = RejectedRecord.objects.filter(push__in=self.upload.pushes.all(), replaced_by=None).order_by("row_number")
        if records:
            record, version = records[at % len(records)], self.upload.version
            seen = {"seen_hash": hash_of(record.cells), "version": version, "click": self.click}
            edit_sent_row(self.upload, row=record.row_number, column=column, value=value, **seen)

    def run(self) -> None:
        Engine().run(until_empty_lane=self.cast.campaign.lane_id)

    def check(self) -> None:
        """Every row is in one bucket, in the page's figures and in the stored rows, and each report is true."""
        pushes = list(self.upload.pushes.all()) or [self.upload.draft]
        assert sum(buckets_of(pushes).values()) == ROWS
        assert audit() == []
        assert false_reports(self.cast.sandbox, self.cast.id, self.cast.campaign.lane_id) == []
        records = RejectedRecord.objects.filter(push__in=pushes, replaced_by=None).values_list("row_number", flat=True)
        assert len(records) == len(set(records))
        # What was fixed is a row to fix until it is sent.
        fixed = EditedRow.objects.filter(push=self.upload.resend_draft_id).values_list("row_number", flat=True)
        assert set(fixed) <= set(records)

    def check_the_end(self) -> None:
        """Nothing is lost, and no number went out with the name of another row."""
        self.cast.sandbox.heal()
        self.run()
        self.check()
        assert lost_rows(self.cast.sandbox, self.cast.id, self.cast.campaign.lane_id) == []
        for push in self.upload.pushes.all():
            for row in iter_rows(push):
                at = row.row_number - FIRST_ROW
                assert row.cells[1] in {f"Person {at}", "Renamed"}


@pytest.mark.slow
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=NO_SHRINKING)
@given(
    st.sampled_from(["v4", "legacy"]),
    st.integers(0, 3),
    st.lists(EARLY, max_size=3),
    st.sampled_from(["run", "lose an answer", "cancel"]),
    st.lists(STEPS, min_size=3, max_size=12),
)
def test_each_row_of_an_upload_counts_once_whatever_is_done_after_sending(
    transactional_db, sandbox, give, ines, generation, there, before, first, after
):
    story = Story(give, ines, generation, there)

    for step in [*before, ("send", 0, 0), (first, 0, 0), *after]:
        story.do(*step)
        story.upload.refresh_from_db()
        story.check()

    story.check_the_end()
