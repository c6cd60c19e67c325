"""Writes the checked rows of a table into a draft push, and keeps what its page and later edits need."""

from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from django.db import transaction

from voisoadmin.contacts.checker import Checker
from voisoadmin.contacts.packing import PackedRow
from voisoadmin.contacts.parallel import check_all
from voisoadmin.contacts.verdicts import CheckedRow, Duplicate, Invalid, LeftOut, Verdict
from voisoadmin.pushes.drafts import DraftWriter
from voisoadmin.pushes.known_contacts import known_numbers
from voisoadmin.pushes.models import Push
from voisoadmin.sheets import Table
from voisoadmin.sheets.reader.helper import Meanwhile
from voisoadmin.uploads.check import previews
from voisoadmin.uploads.check.claims import Claim
from voisoadmin.uploads.check.reason_samples import ReasonSamples
from voisoadmin.uploads.check.waking import Waking
from voisoadmin.uploads.intake.number_index import NumberIndexWriter


class WrittenDraft:
    """A draft with what was found while its rows were written."""

    def __init__(self, claim: Claim) -> None:
        self.writer = _writer(claim)
        self.numbers = NumberIndexWriter()
        self.samples = ReasonSamples()
        self.shown: list[dict[str, Any]] = []  # the first rows for the page

    @property
    def push(self) -> Push:
        return self.writer.push

    @property
    def warned(self) -> dict[str, Any]:
        """How many of the ready rows have a warning."""
        return {"rows": self.writer.warned, "codes": dict(self.writer.warnings.most_common())}


def write_draft(claim: Claim, table: Table, checker: Checker, waking: Waking, meanwhile: Meanwhile) -> WrittenDraft:
    upload = claim.upload
    draft = WrittenDraft(claim)

    def judged(outcomes: Sequence[Verdict]) -> list[Verdict]:
        _note_numbers(draft.numbers, outcomes)
        return waking.judge(outcomes)

    chunks = checker.to_the_end(table.chunks())
    first = checker.preview(next(chunks, []))
    outcomes_of_first = judged([one.outcome for one in first])
    draft.shown = previews.rows_shown(
        [CheckedRow(outcome, one.warnings) for outcome, one in zip(outcomes_of_first, first, strict=True)]
    )
    rest = map(judged, check_all(checker, chunks, meanwhile=meanwhile))
    for outcomes in chain([outcomes_of_first], rest):
        known: dict[str, datetime] = {}
        if upload.leaves_known_out:
            ready = [outcome.number for outcome in outcomes if isinstance(outcome, PackedRow)]
            known = known_numbers(upload.campaign.lane, ready)
        _add(draft, outcomes, known, checker.warned)
        draft.shown = previews.mark_known(draft.shown, known)
        claim.heartbeat(checker.rows)
    draft.writer.finish()
    return draft


def _note_numbers(numbers: NumberIndexWriter, outcomes: Sequence[Verdict]) -> None:
    """Rows that are sent if they are the first ones with their number."""
    for outcome in outcomes:
        if isinstance(outcome, PackedRow):
            numbers.add(int(outcome.number), outcome.row_number)
        elif isinstance(outcome, Duplicate):
            numbers.add(int(outcome.row.number), outcome.row.row_number)


def _writer(claim: Claim) -> DraftWriter:
    upload = claim.upload
    with transaction.atomic():
        writer = DraftWriter(
            upload.campaign,
            kind=upload.kind,
            resends_known=bool(upload.choices.get("resend_known")),
            by=upload.by,
            by_label=upload.by_label,
        )
        upload.drafts.add(writer.push)
    claim.drafts.append(writer.push.pk)
    return writer


def _add(draft: WrittenDraft, outcomes: list[Verdict], known: Container[str], warned: Mapping[int, tuple[str, ...]]) -> None:
    writer = draft.writer
    for outcome in outcomes:
        if isinstance(outcome, Invalid):
            draft.samples.add(outcome)
            writer.add_invalid(outcome.row_number, outcome.cells, outcome.problems_json(), outcome.phone, outcome.name)
        elif isinstance(outcome, Duplicate):
            writer.add_left_out(outcome.row._replace(first_row=outcome.first_row), "same_number_in_file")
        elif isinstance(outcome, LeftOut):
            writer.add_left_out(outcome.row, outcome.code)
        elif outcome.number in known:
            writer.add_left_out(outcome, "known_here")
        else:
            writer.add_ready(outcome, warned.get(outcome.row_number, ()))
