"""Reading and checking a received file: from bytes to a draft push that waits for a person."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Container, Iterable, Mapping
from datetime import datetime
from itertools import chain
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from voisoadmin.connections.models import Connection
from voisoadmin.contacts.bare_digits import reader_of
from voisoadmin.contacts.checker import NO_ROWS, CheckedRow, Checker, Duplicate, Invalid, LeftOut, Verdict
from voisoadmin.contacts.do_not_call import flags_of
from voisoadmin.contacts.fields import PHONE
from voisoadmin.contacts.mapped import to_json
from voisoadmin.contacts.mapping import SAMPLE_ROWS, ColumnMapping, UnknownColumn, map_columns
from voisoadmin.contacts.packing import PackedRow
from voisoadmin.contacts.parallel import TOO_SLOW, check_all
from voisoadmin.contacts.phone_choice import ask_for_phone
from voisoadmin.contacts.questions import UNKNOWN_ANSWER, UNKNOWN_COLUMN, Note, Question, UnknownAnswer, open_ones
from voisoadmin.contacts.rules import changes_since, rules_in_force
from voisoadmin.contacts.shifted import layout_of
from voisoadmin.lib import disk, processor_time
from voisoadmin.lib.garbage import rare_collections
from voisoadmin.lib.jobs import enqueue
from voisoadmin.pushes.drafts import DraftWriter, discard_draft
from voisoadmin.pushes.known_contacts import known_numbers
from voisoadmin.pushes.models import Push
from voisoadmin.sheets import ReadChoices, Table, Unreadable, open_table
from voisoadmin.sheets.reader.helper import Meanwhile
from voisoadmin.uploads.check import previews
from voisoadmin.uploads.check.claims import Claim, Superseded, claimed
from voisoadmin.uploads.check.limits import limits
from voisoadmin.uploads.check.slots import slot
from voisoadmin.uploads.check.turns import turns
from voisoadmin.uploads.check.waking import Waking
from voisoadmin.uploads.intake import spool
from voisoadmin.uploads.intake.receiving import FORGET_JOB, READ_JOB, READ_TIMEOUT
from voisoadmin.uploads.models import Upload

log = logging.getLogger(__name__)

OUR_FAULT = "VoisoAdmin had an internal error while checking the file. It was logged; contact an administrator."
DISK_FULL = "Couldn't check the file: the server's disk is full. Ask an administrator to free some space, then re-check it."
FILE_GONE = "The uploaded file is no longer on this server. Upload it again."


def read_next() -> bool:
    """Check the file whose turn it is; False if none waits or no slot is free. Safe to repeat."""
    claim = None
    with slot() as free:
        while free and claim is None and (waiting := turns(at=timezone.now()).waiting):
            # None again if another worker has just claimed it: then it is another file's turn.
            claim = _read_claimed(waiting[0])
    return _after(claim)


def read_upload(upload_id: int) -> bool:
    """Check this upload, whatever else waits; False if it doesn't wait or no slot is free. Safe to repeat."""
    claim = None
    with slot() as free:
        if free:
            claim = _read_claimed(upload_id)
    return _after(claim)


def pick_up(*, at: datetime) -> int:
    """Queue as many waiting uploads as there are free slots; return how many. The queue may have lost any job."""
    now = turns(at=at)
    due = now.waiting[: now.free]
    for pk in due:
        enqueue(READ_JOB, pk, timeout=READ_TIMEOUT)
    return len(due)


def _read_claimed(upload_id: int) -> Claim | None:
    with claimed(upload_id, at=timezone.now()) as claim:
        if claim is not None:
            try:
                with rare_collections():
                    _read(claim)
            except Superseded:
                log.info("The check of upload %s was overtaken by another choice or worker.", upload_id)
    return claim


def _after(claim: Claim | None) -> bool:
    """Work that a check leaves for after its slot is free; False if there was none."""
    if claim is None:
        return False
    pick_up(at=timezone.now())
    if claim.is_lost:
        # Deleting a million rows takes a while, and a discarded check must end at once.
        enqueue(FORGET_JOB, claim.upload.pk)
    else:
        forget_drafts(claim.upload.pk, claim.drafts)
    return True


def _read(claim: Claim) -> None:
    began = time.monotonic()
    upload = claim.upload
    path = spool.stored_path(upload.stored_name)

    try:
        if not path.exists():
            raise Unreadable(FILE_GONE)
        seconds = limits().check_seconds_for(path.stat().st_size)
        with claim.watched(), processor_time.at_most(seconds, Unreadable(TOO_SLOW)) as look:

            def meanwhile() -> None:
                claim.heartbeat()
                look()

            def open_again() -> Table:
                choices = read_choices(upload.choices)
                return open_table(path, choices, limits(), file_name=upload.file_name, meanwhile=meanwhile)

            _check(claim, open_again, meanwhile, began)
    except Unreadable as problem:
        _end_without_draft(claim, Upload.Stage.UNREADABLE, str(problem), {"error_code": problem.code})
    except Superseded:
        raise
    except Exception as problem:
        claim.confirm()  # a draft deleted during a discarded check isn't an error
        # An unexpected error must not be hidden: it is logged with its traceback. But a user is waiting, and a retry would
        # fail again.
        log.exception("The check of upload %s failed.", upload.pk)
        why = DISK_FULL if disk.is_full(problem) else OUR_FAULT
        _end_without_draft(claim, Upload.Stage.UNREADABLE, why, {})


def _end_without_draft(
    claim: Claim, stage: Upload.Stage, problem: str, notices: dict[str, Any], *, rows: int | None = None, **found: Any
) -> None:
    """There is nothing to send: `problem` says why. Raises Superseded."""
    claim.write(stage=stage, problem=problem, notices=notices, check_beat_at=None, rows=rows, draft=None, **found)


def _check(claim: Claim, open_again: Callable[[], Table], meanwhile: Meanwhile, began: float) -> None:
    upload = claim.upload
    region = str(upload.choices.get("region") or "")
    reader = reader_of(
        region,
        upload.choices.get("numbers") or "auto",
        upload.choices.get("answers") or {},
        suggested=bool(upload.choices.get("region_is_default")),
    )
    for _ in range(2):  # Reader.unsettled never asks for a third time
        with open_again() as table:
            mapping, problem, code = _map(table, upload.choices, region)
            found: dict[str, Any] = {
                "facts": table.facts.to_json(),
                "mapping": to_json(mapping.fields),
                "preview": previews.before_check(table),
            }
            if problem:
                asked = {"error_code": code, "questions": _stored(_which_phone(claim, table, mapping, region))}
                _end_without_draft(claim, Upload.Stage.NEEDS_MAPPING, problem, asked, **found)
                return
            sample = [cells for _, cells in table.preview(SAMPLE_ROWS)]
            layout = layout_of(table.facts, sample, mapping.fields[PHONE], upload.choices.get("answers") or {})
            try:
                flags = flags_of(
                    mapping.flags,
                    mapping.other_channels,
                    phone=mapping.fields[PHONE],
                    like=reader,
                    answers=upload.choices.get("answers") or {},
                    open_again=open_again,
                    country=mapping.country,
                    layout=layout,
                )
            except UnknownAnswer as problem:
                _end_without_draft(claim, Upload.Stage.NEEDS_MAPPING, str(problem), {"error_code": UNKNOWN_ANSWER}, **found)
                return
            checker = Checker(
                mapping.fields,
                reader,
                lowest_priority=lowest_priority(upload.campaign.connection),
                flags=flags,
                answers=upload.choices.get("answers"),
                names=table.facts.columns,
                country=mapping.country,
                layout=layout,
            )
            waking = Waking(upload.campaign.lane, upload.kind, upload.choices.get("answers") or {})
            draft, rows_shown, warned = _write_draft(claim, table, checker, waking, meanwhile)
            found["facts"] = {
                **table.facts.to_json(),
                "numbers": reader.reads_bare_as,
            }
        again = checker.again()
        if again is None:
            break
        # The whole column disagrees with its beginning: the file is read once more, as the column says.
        reader = again
    if not draft.rows:
        _end_without_draft(claim, Upload.Stage.UNREADABLE, NO_ROWS, {"error_code": "no_rows"}, rows=0, **found)
        return
    found["preview"] |= {"rows": rows_shown}
    reading = [Note("reading", None, sentence) for sentence in table.facts.notes]
    notes = [*_other_rules(upload, draft), *reading, *mapping.notes, *checker.notes()]
    notices = {
        "warnings": dict(checker.warnings.most_common()),
        "ready_with_warnings": warned,
        "questions": _stored([*checker.questions(), *waking.question(draft.pending)]),
        "flag_columns": [flag.column for flag in mapping.flags],
        "notes": [note.to_json() for note in notes],
    }
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


def _map(table: Table, choices: dict[str, Any], region: str) -> tuple[ColumnMapping, str, str]:
    """The mapping, and why a person must choose, if so, with its code."""
    facts = table.facts
    sample = [cells for _, cells in table.preview(SAMPLE_ROWS)]
    named = facts.header_row is not None
    try:
        mapping = map_columns(
            facts.columns,
            sample,
            chosen=choices.get("mapping"),
            answers=choices.get("answers"),
            region=region,
            named=named,
        )
    except (UnknownColumn, UnknownAnswer) as problem:
        code = UNKNOWN_ANSWER if isinstance(problem, UnknownAnswer) else UNKNOWN_COLUMN
        return map_columns(facts.columns, sample, region=region, named=named), str(problem), code
    return mapping, mapping.problem if mapping.needs_mapping else "", mapping.code


def _which_phone(claim: Claim, table: Table, mapping: ColumnMapping, region: str) -> Iterable[Question]:
    if not mapping.candidates:
        return ()
    return ask_for_phone(
        mapping,
        table.facts.columns,
        table.chunks(),
        region=region,
        numbers=claim.upload.choices.get("numbers") or "auto",
        lowest_priority=lowest_priority(claim.upload.campaign.connection),
    )


def _stored(questions: Iterable[Question]) -> list[dict[str, Any]]:
    return [question.stored() for question in questions]


def _write_draft(
    claim: Claim, table: Table, checker: Checker, waking: Waking, meanwhile: Meanwhile
) -> tuple[Push, list[dict[str, Any]], dict[str, Any]]:
    """The draft, its first rows for the page, and how many of its ready rows have a warning."""
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
    leave_known_out = upload.kind == Push.Kind.ADD and not upload.choices.get("resend_known")
    chunks = table.chunks()
    first = checker.preview(next(chunks, []))
    outcomes_of_first = waking.judge([one.outcome for one in first])
    shown = previews.rows_shown(
        [CheckedRow(outcome, one.warnings) for outcome, one in zip(outcomes_of_first, first, strict=True)]
    )
    rest = map(waking.judge, check_all(checker, chunks, meanwhile=meanwhile))
    for outcomes in chain([outcomes_of_first], rest):
        known: dict[str, datetime] = {}
        if leave_known_out:
            ready = [outcome.number for outcome in outcomes if isinstance(outcome, PackedRow)]
            known = known_numbers(upload.campaign.lane, ready)
        _add(writer, outcomes, known, checker.warned)
        shown = previews.mark_known(shown, known)
        claim.heartbeat(checker.rows)
    return writer.finish(), shown, {"rows": writer.warned, "codes": dict(writer.warnings.most_common())}


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


def forget_drafts(upload_id: int, drafts: Iterable[int]) -> None:
    """Delete these drafts of the upload, except the current one."""
    current = Upload.objects.filter(pk=upload_id).values_list("draft_id", flat=True).first()
    for draft in drafts:
        if draft != current:
            discard_draft(draft)


def forget_left_drafts() -> int:
    """Delete drafts that belong to no upload and no running check: their worker died first. Return how many."""
    at_rest = Upload.objects.exclude(stage__in=[Upload.Stage.RECEIVED, Upload.Stage.READING])
    # A cancelled push can also be an unconfirmed draft: the process that was deleting it died.
    begun = at_rest.filter(drafts__confirmed_at=None, drafts__state__in=[Push.State.DRAFT, Push.State.CANCELLED])
    left = begun.annotate(begun=F("drafts")).filter(Q(draft=None) | ~Q(draft=F("begun")))
    pairs = list(left.values_list("pk", "begun")[:20])
    for upload_id, draft in pairs:
        forget_drafts(upload_id, [draft])
    return len(pairs)


def read_choices(choices: dict[str, Any]) -> ReadChoices:
    return ReadChoices(
        encoding=str(choices.get("encoding") or ""),
        delimiter=str(choices.get("delimiter") or ""),
        sheet=str(choices.get("sheet") or ""),
        header_row=choices.get("header_row"),
        no_header=bool(choices.get("no_header")),
    )


def lowest_priority(connection: Connection) -> int:
    return connection.capabilities.priority_min
