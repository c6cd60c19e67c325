"""Before anything is sent: changing how a file is read, and discarding the upload.

The posted form is compared with what was found, so that only what a person changed becomes a choice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import F

from voisoadmin.contacts.cleaning import MAX_PRIORITY, MAX_TEXT
from voisoadmin.contacts.column_choices import Chosen
from voisoadmin.contacts.fields import ACTIVE, BY_NAME, LABELS, NAME, PHONE
from voisoadmin.contacts.questions import COUNTRY, WHICH_SHEET
from voisoadmin.lib.jobs import enqueue
from voisoadmin.lib.numbers import whole_number
from voisoadmin.operations.clicks import ActionRefused, Click
from voisoadmin.operations.models import Operation
from voisoadmin.operations.services import record_done
from voisoadmin.phones.countries import countries
from voisoadmin.pushes.models import Push
from voisoadmin.sheets.text.encodings import ENCODINGS
from voisoadmin.uploads.intake.fix_operations import end_fixes
from voisoadmin.uploads.intake.receiving import FORGET_JOB, READ_JOB, READ_TIMEOUT
from voisoadmin.uploads.intake.removing import can_be_taken_back
from voisoadmin.uploads.models import Upload

TOO_LATE = "This upload was re-checked, sent or discarded meanwhile. Its current state is shown below."
CHANGED = "Someone changed this upload since you opened the page. {ready} now, {to_fix}. Check it, then try again."
DISCARDED = "The upload was discarded before the fix was applied."
NOT_THERE = "This upload can't be restored any more. Upload the file again."
MOST_HEADER_ROW = 999_999
DELIMITERS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Vertical bar", " ": "Blank"}
NUMBERS = {
    "auto": "Detect from the column",
    "international": "International",
    "national": "National",
}
CONSTANTS: Mapping[str, Callable[[str], object]] = {
    "source": lambda text: text if len(text) <= MAX_TEXT else None,
    "priority": lambda text: whole_number(text, most=MAX_PRIORITY),
    ACTIVE: lambda text: text if text in {"yes", "no"} else None,
}
"""Fields that can be the same for every row, and what they take."""

SETTINGS = {
    "encoding": "Encoding",
    "delimiter": "Delimiter",
    "sheet": "Sheet",
    "header_row": "Header row",
    "region": "Default country",
    "numbers": "Numbers",
    "resend_known": "Already known in this campaign",
}
"""Choices of a file, as the activity names them."""

REREADABLE = frozenset({Upload.Stage.CHECKED, Upload.Stage.NEEDS_MAPPING, Upload.Stage.UNREADABLE})


def why_out_of_date(upload: Upload) -> str:
    """Why a click on an older page isn't followed: what is true of the upload, read again, now."""
    draft = upload.draft
    if upload.stage != Upload.Stage.CHECKED or draft is None:
        return TOO_LATE
    ready = f"{draft.pending:,} row{' is' if draft.pending == 1 else 's are'} ready"
    return CHANGED.format(ready=ready, to_fix=f"{draft.invalid:,} to fix")


@transaction.atomic
def change(upload: Upload, posted: Mapping[str, Any], *, click: Click) -> None:
    """Save a person's choices and queue the file for another check. Raises ActionRefused."""
    choices = dict(upload.choices)
    reread = _reading(upload, posted, choices)
    _numbers(posted, choices)
    # Another sheet or delimiter has other columns: choices for the old ones mean nothing there.
    choices["mapping"] = {} if reread else _mapping(upload, posted)
    if reread:
        choices.pop("answers", None)
    choices["resend_known"] = bool(posted.get("resend_known"))
    choices["matches_again"] = bool(posted.get("match_again") or choices.get("matches_again"))
    kind = posted.get("kind", upload.kind)
    if kind not in Push.Kind.values:
        raise ActionRefused("Choose whether to add or update contacts.")
    # A user is looking at it now, so it is sent when that user confirms.
    choices.pop("send_when_checked", None)
    begin_again(upload, choices=choices, kind=kind)
    _record(upload, choices, click)


def answer(upload: Upload, *, code: str, value: str) -> None:
    """Save the answer to a question of the last check and queue the file for another one. Raises ActionRefused."""
    offered = [
        one["value"]
        for question in upload.notices.get("questions", [])
        if question["code"] == code
        for one in question["answers"]
    ]
    if not offered:
        raise ActionRefused(TOO_LATE)
    if value not in offered:
        raise ActionRefused("Choose one of the answers first.")
    choices = {**upload.choices, "answers": {**upload.choices.get("answers", {}), code: value}}
    if code == WHICH_SHEET:
        choices["sheet"] = value
    choices.pop("send_when_checked", None)
    begin_again(upload, choices=choices, kind=upload.kind)


def _record(upload: Upload, choices: Mapping[str, Any], click: Click) -> None:
    """What was chosen, without any cell of the file: fields by name, and which settings differ."""
    before, after = upload.choices.get("mapping") or {}, choices.get("mapping") or {}
    changed = [LABELS[field] for field in BY_NAME if before.get(field, "") != after.get(field, "")]
    changed += [words for name, words in SETTINGS.items() if _chosen(upload.choices, name) != _chosen(choices, name)]
    if changed:
        record_done(Operation.Kind.CHANGE_COLUMNS, upload.subject, click, request={"changed": changed})


def _chosen(choices: Mapping[str, Any], name: str) -> object:
    """The same for a setting that was never chosen and one that was put back to its default."""
    value = choices.get(name)
    return None if value in ("", "auto", False) else value


@transaction.atomic
def begin_again(upload: Upload, *, choices: dict[str, Any], kind: str) -> None:
    """Queue the upload for a check with these choices. The check's number grows, so that older checks no longer count."""
    changed = Upload.objects.filter(pk=upload.pk, check_no=upload.check_no, stage__in=REREADABLE).update(
        stage=Upload.Stage.RECEIVED,
        check_no=upload.check_no + 1,
        version=F("version") + 1,
        check_tries=0,
        choices={name: value for name, value in choices.items() if value not in ("", None, {}, False)},
        kind=kind,
        problem="",
    )
    if not changed:
        raise ActionRefused(TOO_LATE)
    enqueue(READ_JOB, upload.pk, timeout=READ_TIMEOUT)


def in_force(upload: Upload) -> dict[str, Any]:
    """How the file is read: as found; or, if the choices made it unreadable, the earlier findings with the choices."""
    facts: dict[str, Any] = upload.facts
    if upload.stage != Upload.Stage.UNREADABLE:
        return facts
    chosen = {name: upload.choices[name] for name in ("encoding", "delimiter", "sheet", "header_row") if name in upload.choices}
    return facts | chosen | ({"header_row": None} if upload.choices.get("no_header") else {})


def _reading(upload: Upload, posted: Mapping[str, Any], choices: dict[str, Any]) -> bool:
    """Encoding, delimiter, sheet, header; True if the table's columns may now differ."""
    facts = in_force(upload)
    changed = False
    allowed: dict[str, Any] = {
        "encoding": {*ENCODINGS, *facts.get("other_encodings", [])},
        "delimiter": DELIMITERS,
        "sheet": {sheet["name"] for sheet in facts.get("sheets", [])},
    }
    for name, values in allowed.items():
        value = str(posted.get(name, ""))
        if value and value in values and value != facts.get(name):
            choices[name] = value
            changed = True
    header = str(posted.get("header_row", "")).strip()
    row = whole_number(header, least=1, most=MOST_HEADER_ROW)
    if header and row is None:
        raise ActionRefused("The header row must be a number from 1, or empty if there is none.")
    if facts and row != facts.get("header_row"):
        choices["header_row"], choices["no_header"] = row, row is None
        changed = True
    elif changed:
        choices.pop("header_row", None)
        choices.pop("no_header", None)
    return changed


def _numbers(posted: Mapping[str, Any], choices: dict[str, Any]) -> None:
    region, numbers = str(posted.get("region", "")), str(posted.get("numbers", "auto"))
    if region and region not in countries():
        raise ActionRefused("Choose a country from the list.")
    if numbers not in NUMBERS:
        raise ActionRefused("Choose how to read numbers without a “+”.")
    if region != choices.get("region", ""):
        choices.pop("region_is_default", None)
        choices["answers"] = {code: value for code, value in choices.get("answers", {}).items() if code != COUNTRY}
    choices["region"], choices["numbers"] = region, numbers


def _mapping(upload: Upload, posted: Mapping[str, Any]) -> dict[str, Chosen]:
    """Field to column, for the fields whose column a person changed now or earlier. A name may be joined from several."""
    wanted: dict[str, list[int]] = {}
    names = upload.facts.get("columns", [])
    for at in range(len(names)):
        field = str(posted.get(f"column-{at}", ""))
        if not field:
            continue
        if field not in BY_NAME:
            raise ActionRefused("Choose fields from the list.")
        wanted.setdefault(field, []).append(at)
    before: dict[str, Chosen] = upload.choices.get("mapping") or {}
    chosen: dict[str, Chosen] = {}
    for field in BY_NAME:
        found = upload.mapped.get(field)
        columns, constant = wanted.get(field, []), _constant(field, posted)
        if columns == sorted(found.columns if found else []) and constant == (found.constant if found else ""):
            if field in before:
                chosen[field] = before[field]
            continue
        if len(columns) > 1 and field != NAME:
            raise ActionRefused(
                f"Two columns are set to {LABELS[field]}: “{names[columns[0]]}” and “{names[columns[1]]}”. Keep one."
            )
        is_plain = len(columns) < 2 and not constant
        chosen[field] = next(iter(columns), None) if is_plain else {"columns": columns, "constant": constant}
    # "No phone" is never a choice: without a phone there is nothing to send, so it is detected again.
    if chosen.get(PHONE, 0) is None:
        del chosen[PHONE]
    return chosen


def _constant(field: str, posted: Mapping[str, Any]) -> str:
    """The value for every row whose cell is blank. Raises ActionRefused."""
    text = " ".join(str(posted.get(f"constant-{field}", "")).split()) if field in CONSTANTS else ""
    if text and CONSTANTS[field](text) is None:
        raise ActionRefused(f"{LABELS[field]} for every row: enter a value that the field takes.")
    return text


@transaction.atomic
def discard(upload: Upload, *, click: Click) -> None:
    """Cancel an upload before anything was sent; its page stays."""
    open_ones = Upload.objects.filter(pk=upload.pk).exclude(stage__in=[Upload.Stage.SENT, Upload.Stage.CANCELLED])
    if not open_ones.update(
        stage=Upload.Stage.CANCELLED,
        check_no=F("check_no") + 1,
        version=F("version") + 1,
        check_beat_at=None,
        draft=None,
        discarded_at=click.at,
    ):
        raise ActionRefused(TOO_LATE)
    end_fixes(upload.pk, Operation.Status.REFUSED, at=click.at, problem=DISCARDED)
    record_done(Operation.Kind.DISCARD_UPLOAD, upload.subject, click)
    enqueue(FORGET_JOB, upload.pk)


@transaction.atomic
def take_back(upload: Upload, *, click: Click) -> None:
    """Undo discarding: the file is checked again, with its choices, fixes and edits."""
    if not can_be_taken_back(upload, at=click.at):
        raise ActionRefused(NOT_THERE)
    discarded = Upload.objects.filter(pk=upload.pk, stage=Upload.Stage.CANCELLED, file_removed_at=None)
    if not discarded.update(
        stage=Upload.Stage.RECEIVED,
        check_no=F("check_no") + 1,
        version=F("version") + 1,
        check_tries=0,
        discarded_at=None,
        problem="",
    ):
        raise ActionRefused(TOO_LATE)
    record_done(Operation.Kind.RESTORE_UPLOAD, upload.subject, click)
    enqueue(READ_JOB, upload.pk, timeout=READ_TIMEOUT)
