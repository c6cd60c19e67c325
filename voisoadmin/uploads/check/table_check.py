"""Checks a whole table: its columns, then every row into a draft; again if the column says otherwise at its end."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import transaction

from voisoadmin.contacts.bare_digits import reader_of
from voisoadmin.contacts.book_notes import notes_on_book, sheets_to_choose
from voisoadmin.contacts.checker import NO_ROWS, Checker
from voisoadmin.contacts.do_not_call import Flags, flags_of
from voisoadmin.contacts.fields import PHONE
from voisoadmin.contacts.lines_in_quotes import ask_for_lines
from voisoadmin.contacts.mapped import to_json
from voisoadmin.contacts.mapping import SAMPLE_ROWS, ColumnMapping
from voisoadmin.contacts.questions import LINES_IN_QUOTES, UNKNOWN_ANSWER, Note, UnknownAnswer, open_ones
from voisoadmin.contacts.repaired_checker import RepairedChecker
from voisoadmin.contacts.repairs import Repairs
from voisoadmin.contacts.rules import changes_since, rules_in_force
from voisoadmin.contacts.shifted import Layout, layout_of
from voisoadmin.phones import Reader
from voisoadmin.pushes.models import Push
from voisoadmin.sheets import Table
from voisoadmin.sheets.reader.helper import Meanwhile
from voisoadmin.uploads.check import previews
from voisoadmin.uploads.check.claims import Claim
from voisoadmin.uploads.check.columns import mapping_of, which_phone
from voisoadmin.uploads.check.draft_rows import WrittenDraft, write_draft
from voisoadmin.uploads.check.expected_rows import expected_rows
from voisoadmin.uploads.check.judgement import checker_of, repairs_of, stored
from voisoadmin.uploads.check.repair_counts import count_repairs
from voisoadmin.uploads.check.repaired import note_applied
from voisoadmin.uploads.check.waking import Waking
from voisoadmin.uploads.intake.number_index import Flag
from voisoadmin.uploads.models import Upload

OpenAgain = Callable[[], Table]


class Pass(NamedTuple):
    """The table read through once."""

    table: Table
    mapping: ColumnMapping
    flags: Flags
    layout: Layout | None
    checker: Checker
    waking: Waking
    draft: WrittenDraft
    found: dict[str, Any]  # as it is stored with the upload


def check_table(claim: Claim, open_again: OpenAgain, meanwhile: Meanwhile, began: float) -> None:
    """Check the upload and store what was found. Raises Unreadable or Superseded."""
    upload = claim.upload
    reader = reader_of(
        upload.region,
        upload.choices.get("numbers") or "auto",
        upload.answers,
        suggested=bool(upload.choices.get("region_is_default")),
    )
    whole = _read_through(claim, reader, open_again, meanwhile)
    again = whole.checker.again() if whole is not None else None
    if again is not None:
        # The whole column disagrees with its beginning. Reader.unsettled never asks for a third time.
        whole = _read_through(claim, again, open_again, meanwhile)
    if whole is None:
        return
    if whole.draft.push.rows:
        _end(claim, whole, began)
    else:
        claim.end_without_draft(Upload.Stage.UNREADABLE, NO_ROWS, {"error_code": "no_rows"}, rows=0, **whole.found)


def _read_through(claim: Claim, reader: Reader, open_again: OpenAgain, meanwhile: Meanwhile) -> Pass | None:
    """None if a person must decide about the columns first."""
    upload = claim.upload
    with open_again() as table:
        sample = [cells for _, cells in table.preview(SAMPLE_ROWS)]
        mapping, problem, code = mapping_of(upload, table, sample)
        found: dict[str, Any] = {
            "facts": table.facts.to_json(),
            "mapping": to_json(mapping.fields),
            "preview": previews.before_check(table),
        }
        if problem:
            asked = {"error_code": code, "questions": which_phone(upload, table, mapping)}
            claim.end_without_draft(Upload.Stage.NEEDS_MAPPING, problem, asked, **found)
            return None
        claim.expect(expected_rows(upload, table.facts, sample))
        columns = table.facts.columns
        repairs = repairs_of(upload, table.facts.sheet or "", mapping.fields, columns)
        layout = layout_of(table.facts, sample, mapping.fields[PHONE], upload.answers, mapping.deciding)
        try:
            flags = _flags(upload, mapping, reader, layout, repairs, open_again)
        except UnknownAnswer as unknown:
            claim.end_without_draft(Upload.Stage.NEEDS_MAPPING, str(unknown), {"error_code": UNKNOWN_ANSWER}, **found)
            return None
        checker = checker_of(
            upload,
            mapping.fields,
            reader,
            flags=flags,
            names=columns,
            country=mapping.country,
            layout=layout,
            types=mapping.types,
            repairs=repairs,
            other_phones=mapping.other_phones,
            offers=mapping.offers,
            marks=table.marks,
        )
        waking = Waking(upload.campaign.lane, upload.kind, upload.answers)
        draft = write_draft(claim, table, checker, waking, meanwhile)
        found["facts"] = {**table.facts.to_json(), "numbers": reader.reads_bare_as}
    return Pass(table, mapping, flags, layout, checker, waking, draft, found)


def _flags(
    upload: Upload, mapping: ColumnMapping, reader: Reader, layout: Layout | None, repairs: Repairs, open_again: OpenAgain
) -> Flags:
    """Raises UnknownAnswer."""
    return flags_of(
        mapping.flags,
        mapping.other_channels,
        phone=mapping.fields[PHONE],
        like=reader,
        answers=upload.answers,
        open_again=open_again,
        country=mapping.country,
        layout=layout,
        repairs=repairs,
    )


def _end(claim: Claim, whole: Pass, began: float) -> None:
    upload, checker, push = claim.upload, whole.checker, whole.draft.push
    facts = whole.table.facts
    claim.confirm()  # a newer check may already have written its own array of numbers
    _write_numbers(upload, whole)
    notices = _notices(upload, whole)
    found = {
        **whole.found,
        "preview": whole.found["preview"] | {"rows": whole.draft.shown},
        "judgement": stored(checker.reader, whole.mapping, whole.layout),
    }
    if open_ones(notices):
        # The user who asked to send it once checked has to answer first.
        found["choices"] = {name: value for name, value in upload.choices.items() if name != "send_when_checked"}
    with transaction.atomic():
        claim.write(
            stage=Upload.Stage.CHECKED,
            draft=push,
            rows=push.rows,
            rows_read=push.rows,
            check_seconds=time.monotonic() - began,
            check_rules=rules_in_force(),
            check_beat_at=None,
            notices=notices,
            **found,
        )
        fitting = checker.fitting if isinstance(checker, RepairedChecker) else set()
        note_applied(upload, push, facts.sheet or "", fitting)


def _write_numbers(upload: Upload, whole: Pass) -> None:
    numbers = whole.draft.numbers
    numbers.say(whole.flags.blocked, Flag.DO_NOT_CALL)
    numbers.say(whole.flags.unread, Flag.ASKED)
    numbers.write(upload.stored_name, whole.draft.push.pk)


def _notices(upload: Upload, whole: Pass) -> dict[str, Any]:
    checker, mapping, draft, facts = whole.checker, whole.mapping, whole.draft, whole.table.facts
    reading = [Note("reading", None, sentence) for sentence in facts.notes]
    notes = [*_other_rules(upload, draft.push), *reading, *notes_on_book(facts), *mapping.notes, *checker.notes()]
    sheets = sheets_to_choose(facts, checker.rows, draft.push.pending)
    lines = ask_for_lines(facts, checker.rows, draft.push.pending, upload.answers.get(LINES_IN_QUOTES, ""))
    questions = [*lines, *checker.questions(), *whole.waking.question(draft.push.pending), *sheets]
    return {
        "warnings": dict(checker.warnings.most_common()),
        "ready_with_warnings": draft.warned,
        "questions": [question.stored() for question in questions],
        "repairs": count_repairs(upload, draft.push, draft.samples, checker.reader.twin(), mapping.fields, facts.columns),
        "flag_columns": [flag.column for flag in whole.flags.saying],
        "notes": [note.to_json() for note in notes],
    }


def _other_rules(upload: Upload, draft: Push) -> list[Note]:
    """What the rules of today changed, if an earlier check of this upload went by others."""
    if upload.draft is None or not upload.checked_by_other_rules:
        return []
    before, now = upload.draft.pending, draft.pending
    sentence = f"Checked again with newer rules: {before:,} rows were ready before, {now:,} are now."
    return [Note("newer_rules", None, " ".join([sentence, *changes_since(upload.check_rules)]))]
