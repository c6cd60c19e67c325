"""Checks a whole table: its columns, then every row into a draft; again if the column says otherwise at its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from voisoadmin.contacts.bare_digits import reader_of
from voisoadmin.contacts.checker import NO_ROWS, Checker
from voisoadmin.contacts.do_not_call import flags_of
from voisoadmin.contacts.fields import PHONE
from voisoadmin.contacts.mapped import to_json
from voisoadmin.contacts.mapping import SAMPLE_ROWS, ColumnMapping
from voisoadmin.contacts.questions import UNKNOWN_ANSWER, Note, UnknownAnswer, open_ones
from voisoadmin.contacts.rules import changes_since, rules_in_force
from voisoadmin.contacts.shifted import layout_of
from voisoadmin.phones import Reader
from voisoadmin.pushes.models import Push
from voisoadmin.sheets import Table
from voisoadmin.sheets.reader.helper import Meanwhile
from voisoadmin.uploads.check import previews
from voisoadmin.uploads.check.claims import Claim
from voisoadmin.uploads.check.columns import mapping_of, which_phone
from voisoadmin.uploads.check.draft_rows import write_draft
from voisoadmin.uploads.check.waking import Waking
from voisoadmin.uploads.models import Upload

OpenAgain = Callable[[], Table]


def check_table(claim: Claim, open_again: OpenAgain, meanwhile: Meanwhile, began: float) -> None:
    """Check the upload and store what was found. Raises Unreadable or Superseded."""
    upload = claim.upload
    reader = reader_of(
        upload.region,
        upload.choices.get("numbers") or "auto",
        upload.answers,
        suggested=bool(upload.choices.get("region_is_default")),
    )
    for _ in range(2):  # Reader.unsettled never asks for a third time
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
                return
            try:
                checker = _checker(upload, table, mapping, sample, reader, open_again)
            except UnknownAnswer as unknown:
                claim.end_without_draft(Upload.Stage.NEEDS_MAPPING, str(unknown), {"error_code": UNKNOWN_ANSWER}, **found)
                return
            waking = Waking(upload.campaign.lane, upload.kind, upload.answers)
            draft, rows_shown, warned = write_draft(claim, table, checker, waking, meanwhile)
            found["facts"] = {**table.facts.to_json(), "numbers": reader.reads_bare_as}
        again = checker.again()
        if again is None:
            break
        # The whole column disagrees with its beginning: the file is read once more, as the column says.
        reader = again
    if not draft.rows:
        claim.end_without_draft(Upload.Stage.UNREADABLE, NO_ROWS, {"error_code": "no_rows"}, rows=0, **found)
        return
    found["preview"] |= {"rows": rows_shown}
    reading = [Note("reading", None, sentence) for sentence in table.facts.notes]
    notes = [*_other_rules(upload, draft), *reading, *mapping.notes, *checker.notes()]
    questions = [*checker.questions(), *waking.question(draft.pending)]
    notices = {
        "warnings": dict(checker.warnings.most_common()),
        "ready_with_warnings": warned,
        "questions": [question.stored() for question in questions],
        "flag_columns": [flag.column for flag in mapping.flags],
        "notes": [note.to_json() for note in notes],
    }
    _end(claim, draft, notices, found, began)


def _checker(
    upload: Upload, table: Table, mapping: ColumnMapping, sample: Sequence[list[str]], reader: Reader, open_again: OpenAgain
) -> Checker:
    """Raises UnknownAnswer."""
    layout = layout_of(table.facts, sample, mapping.fields[PHONE], upload.answers)
    flags = flags_of(
        mapping.flags,
        mapping.other_channels,
        phone=mapping.fields[PHONE],
        like=reader,
        answers=upload.answers,
        open_again=open_again,
        country=mapping.country,
        layout=layout,
    )
    return Checker(
        mapping.fields,
        reader,
        lowest_priority=upload.lowest_priority,
        flags=flags,
        answers=upload.answers,
        names=table.facts.columns,
        country=mapping.country,
        layout=layout,
        landlines=mapping.landlines,
        offers=mapping.offers,
    )


def _end(claim: Claim, draft: Push, notices: dict[str, Any], found: dict[str, Any], began: float) -> None:
    upload = claim.upload
    if open_ones(notices):
        # The user who asked to send it once checked has to answer first.
        found["choices"] = {name: value for name, value in upload.choices.items() if name != "send_when_checked"}
    claim.write(
        stage=Upload.Stage.CHECKED,
        draft=draft,
        rows=draft.rows,
        rows_read=draft.rows,
        check_seconds=time.monotonic() - began,
        check_rules=rules_in_force(),
        check_beat_at=None,
        notices=notices,
        **found,
    )


def _other_rules(upload: Upload, draft: Push) -> list[Note]:
    """What the rules of today changed, if an earlier check of this upload went by others."""
    if upload.draft is None or not upload.checked_by_other_rules:
        return []
    before, now = upload.draft.pending, draft.pending
    sentence = f"Checked again with newer rules: {before:,} rows were ready before, {now:,} are now."
    return [Note("newer_rules", None, " ".join([sentence, *changes_since(upload.check_rules)]))]
