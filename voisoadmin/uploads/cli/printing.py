"""An upload in the commands' output: the record, the text, and the exit code for its state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from voisoadmin.contacts.questions import UNKNOWN_ANSWER, UNKNOWN_COLUMN, offers_of, open_ones
from voisoadmin.contacts.wording import bucket_of, title_of
from voisoadmin.lib.commands import bad_input, refused
from voisoadmin.lib.numbers import whole_number
from voisoadmin.lib.times import about
from voisoadmin.pushes.models import Counted, Push
from voisoadmin.pushes.progress import PushProgress, progress
from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.pages import rejects
from voisoadmin.uploads.pages.buckets import buckets_of, label_of, reasons_of
from voisoadmin.uploads.pages.states import LOOKS, State, decision_of, hold_of, state_of


def find_upload(text: str) -> Upload:
    """The upload with that number; ends the command with exit code 2 if there is none."""
    key = whole_number(text)
    upload = None if key is None else Upload.objects.for_pages().filter(pk=key).first()
    if upload is None:
        raise bad_input(f"No upload {text}.")
    return upload


def record(upload: Upload, *, seconds: float | None = None) -> dict[str, Any]:
    """`seconds`: the duration of the command; without it, the duration of checking and sending."""
    pushes = rejects.counted_of(upload)
    problem = verdict(upload)
    facts = {
        "upload": upload.pk,
        "state": state_of(upload, at=timezone.now()).value,
        "rows": upload.rows_of_all,
        "buckets": buckets_of(pushes),
        "reasons": reasons_of(pushes),
        "warnings": upload.notices.get("warnings", {}),
        "questions": [_plain(question) for question in open_ones(upload.notices)],
        "offers": [_plain(offer) | {"chosen": offer["chosen"]} for offer in offers_of(upload.notices)],
        "notes": [note for note in upload.notices.get("notes", []) if isinstance(note, dict)],
        "problem": str(problem) if problem else "",
        "calls": sum(push.calls for push in pushes),
        "seconds": round(_took(upload, pushes) if seconds is None else seconds, 3),
    }
    if upload.stage in {Upload.Stage.UNREADABLE, Upload.Stage.NEEDS_MAPPING}:
        facts |= {"error": upload.problem, "error_code": upload.notices.get("error_code", "unreadable")}
    return facts


def _plain(question: dict[str, Any]) -> dict[str, Any]:
    """A stored question as scripts read it: without the words of a page."""
    answers = [{"value": answer["value"], "ready": answer["ready"]} for answer in question["answers"]]
    return {name: question[name] for name in ("code", "column", "count")} | {
        "answers": answers,
        "sentence": question["sentence"],
    }


def in_words(upload: Upload, facts: dict[str, Any]) -> str:
    outcomes = ", ".join(f"{rows:,} {label_of(name).lower()}" for name, rows in facts["buckets"].items() if rows)
    rows = "not checked yet" if facts["rows"] is None else f"{facts['rows']:,} rows: {outcomes or 'none'}"
    lines = [
        f"Upload {upload.pk}, {upload.file_name} to {upload.campaign}: {LOOKS[State(facts['state'])].word}.",
        rows,
    ]
    lines += [f"  {title_of(code)}: {count:,}" for code, count in facts["reasons"].items()]
    if running := [push for push in upload.pushes.all() if push.state in Push.RUNNING]:
        lines.append(progress_in_words(progress(*running)))
    return "\n".join([*lines, f"{facts['calls']:,} requests, {facts['seconds']:.1f} s"])


def progress_in_words(now: PushProgress) -> str:
    """One line for a terminal, with the figures of the pages."""
    left = f"{about(now.seconds_left).capitalize()} left." if now.state == "sending" and now.seconds_left is not None else ""
    return " ".join(filter(None, (f"{now.sent:,} of {now.to_send:,} sent.", left, now.waiting_reason)))


def verdict(upload: Upload) -> CommandError | None:
    """What the upload's state means for a script: None, or the error that ends the command."""
    at = timezone.now()
    state = state_of(upload, at=at)
    if state == State.NEEDS_MAPPING and upload.notices.get("error_code") in {UNKNOWN_ANSWER, UNKNOWN_COLUMN}:
        return bad_input(upload.problem)
    if state in {State.CHECKED, State.NEEDS_MAPPING} and (questions := open_ones(upload.notices)):
        asked = " ".join(question["sentence"] for question in questions)
        return refused(f"{asked} Answer with --answer CODE=VALUE, or on the upload's page.")
    match state:
        case State.UNREADABLE:
            return bad_input(upload.problem)
        case State.NEEDS_MAPPING:
            return bad_input(f"{upload.problem} Set it with --map phone=COLUMN, or on the upload's page.")
        case State.BLOCKED:
            return refused(f"Sending is blocked: {_hold_in_words(upload, at=at)}")
        case State.PAUSED:
            return refused("Sending is paused.")
        case _:
            pushes = rejects.counted_of(upload)
            buckets, reasons = buckets_of(pushes), reasons_of(pushes)
            # Rows that a person left out, or is done with, are where that person wants them.
            to_fix = rejects.counts(pushes)
            buckets["needs_review"] = sum(rows for code, rows in to_fix.items() if bucket_of(code) == "needs_review")
            buckets["not_sent"] -= reasons.get("left_out", 0) + reasons.get("optional_field", 0)
            open_rows = [f"{buckets[name]:,} rows {words}" for name, words in _OPEN if buckets[name]]
            if state == State.CANCELLED:
                return refused(f"The upload was cancelled: {', '.join(open_rows) or 'nothing was sent'}.")
            return refused(f"{' and '.join(open_rows)}.".capitalize()) if open_rows else None


def _hold_in_words(upload: Upload, *, at: datetime) -> str:
    reason = hold_of(upload, at=at)
    decision = decision_of(upload)
    if decision is None:
        return reason
    answer = f" Voiso: “{decision.paused_answer}”." if decision.paused_answer else ""
    return f"{reason}{answer} On the upload's page, send the rest with each batch once, or cancel it."


_OPEN = (("needs_review", "need review"), ("not_sent", "were not sent"))


def _took(upload: Upload, pushes: Sequence[Counted]) -> float:
    sending = [
        (push.ended_at or timezone.now()) - push.confirmed_at for push in pushes if isinstance(push, Push) and push.confirmed_at
    ]
    return (upload.check_seconds or 0.0) + sum(span.total_seconds() for span in sending)
