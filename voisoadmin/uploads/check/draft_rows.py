"""Writes the checked rows of a table into a draft push, and keeps the first ones for the page."""

from collections.abc import Container, Mapping
from datetime import datetime
from itertools import chain
from typing import Any

from django.db import transaction

from voisoadmin.contacts.checker import CheckedRow, Checker, Duplicate, Invalid, LeftOut, Verdict
from voisoadmin.contacts.packing import PackedRow
from voisoadmin.contacts.parallel import check_all
from voisoadmin.pushes.drafts import DraftWriter
from voisoadmin.pushes.known_contacts import known_numbers
from voisoadmin.pushes.models import Push
from voisoadmin.sheets import Table
from voisoadmin.sheets.reader.helper import Meanwhile
from voisoadmin.uploads.check import previews
from voisoadmin.uploads.check.claims import Claim
from voisoadmin.uploads.check.waking import Waking


def write_draft(
    claim: Claim, table: Table, checker: Checker, waking: Waking, meanwhile: Meanwhile
) -> tuple[Push, list[dict[str, Any]], dict[str, Any]]:
    """The draft, its first rows for the page, and how many of its ready rows have a warning."""
    upload = claim.upload
    writer = _writer(claim)
    chunks = table.chunks()
    first = checker.preview(next(chunks, []))
    outcomes_of_first = waking.judge([one.outcome for one in first])
    shown = previews.rows_shown(
        [CheckedRow(outcome, one.warnings) for outcome, one in zip(outcomes_of_first, first, strict=True)]
    )
    rest = map(waking.judge, check_all(checker, chunks, meanwhile=meanwhile))
    for outcomes in chain([outcomes_of_first], rest):
        known: dict[str, datetime] = {}
        if upload.leaves_known_out:
            ready = [outcome.number for outcome in outcomes if isinstance(outcome, PackedRow)]
            known = known_numbers(upload.campaign.lane, ready)
        _add(writer, outcomes, known, checker.warned)
        shown = previews.mark_known(shown, known)
        claim.heartbeat(checker.rows)
    return writer.finish(), shown, {"rows": writer.warned, "codes": dict(writer.warnings.most_common())}


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


def _add(writer: DraftWriter, outcomes: list[Verdict], known: Container[str], warned: Mapping[int, tuple[str, ...]]) -> None:
    for outcome in outcomes:
        if isinstance(outcome, Invalid):
            writer.add_invalid(outcome.row_number, outcome.cells, outcome.problems_json(), outcome.phone, outcome.name)
        elif isinstance(outcome, Duplicate):
            writer.add_left_out(outcome.row._replace(first_row=outcome.first_row), "same_number_in_file")
        elif isinstance(outcome, LeftOut):
            writer.add_left_out(outcome.row, outcome.code)
        elif outcome.number in known:
            writer.add_left_out(outcome, "known_here")
        else:
            writer.add_ready(outcome, warned.get(outcome.row_number, ()))
