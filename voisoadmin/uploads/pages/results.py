"""The page from the click on: progress while sending, then for ever the outcomes, requests and how it was sent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone

from voisoadmin.campaigns.models import Lane
from voisoadmin.contacts.fields import LABELS
from voisoadmin.contacts.mapped import in_words
from voisoadmin.contacts.reasons import IN_BATCH_TO_SEND, Bucket
from voisoadmin.lib.times import duration
from voisoadmin.operations.models import Operation
from voisoadmin.phones.countries import countries
from voisoadmin.pushes.models import Call, Push
from voisoadmin.pushes.services import PushProgress, progress
from voisoadmin.sheets.text.encodings import name_of
from voisoadmin.uploads.intake.read_options import DELIMITERS, NUMBERS
from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.pages import fix_cards, rejects
from voisoadmin.uploads.pages.buckets import bar_parts, bucket_lines, buckets_of, headline, sent_lines
from voisoadmin.uploads.pages.call_lines import folded, latest_calls
from voisoadmin.uploads.pages.fixed_rows import THERE, fixing
from voisoadmin.uploads.pages.sending_time import sending_time
from voisoadmin.uploads.pages.sending_words import how_it_goes_on, summary
from voisoadmin.uploads.pages.states import State, decision_of
from voisoadmin.uploads.resending import REST, rows_of

LATEST_CALLS = 8
TIMELINE_CALLS = 200
MAX_CELLS = 100
CELLS_WIDTH, GAP = 468.0, 2.0  # of the chart, which is stretched to its panel


def context(upload: Upload, state: State, *, at: datetime, is_idle: bool) -> dict[str, Any]:
    """`is_idle`: the background worker doesn't run."""
    pushes = sorted(upload.pushes.all(), key=lambda push: push.pk)
    buckets = buckets_of(pushes)
    running = state in {State.SENDING, State.PAUSED, State.BLOCKED}
    lines = bucket_lines(buckets, kind=upload.kind, running=running)
    shared: dict[str, Any] = {
        "buckets": buckets,
        "lines": lines,
        "shown_lines": [line for line in lines if line.rows],
        "empty_lines": [line for line in lines if not line.rows],
        "there": None if running else sum(buckets[bucket] for bucket in THERE),
        "total": sum(buckets.values()),
        "calls_made": sum(push.calls for push in pushes),
        "batches_done": sum(push.batches_done for push in pushes),
        "bar_label": "Outcomes: " + ", ".join(f"{line.rows:,} {line.label.lower()}" for line in lines if line.rows),
        "sent": True,
    }
    if running:
        return shared | _running(upload, pushes, state, at=at, is_idle=is_idle)
    return shared | _ended(upload, pushes, buckets)


def _running(upload: Upload, pushes: Sequence[Push], state: State, *, at: datetime, is_idle: bool) -> dict[str, Any]:
    running = [push for push in pushes if push.state in Push.RUNNING] or [pushes[-1]]
    now = progress(*running, at=at)
    waiting_reason = now.waiting_reason if now.state == "waiting" else ""
    hold = hold_shown(upload)
    last = Call.objects.filter(batch__push__in=running).exclude(milliseconds=None).order_by("-started_at", "-pk").first()
    return {
        "sent": now.sent,
        "to_send": now.to_send,
        "parts": bar_parts(sent_lines(running)),
        "progress": {"rows": now.to_send, "done": now.sent},
        "summary": summary(
            state,
            waits=bool(waiting_reason) or is_idle,
            seconds_left=now.seconds_left,
            ends_at=at + timedelta(seconds=now.seconds_left) if now.seconds_left is not None else None,
        ),
        "how_it_goes_on": how_it_goes_on(state, of_lane=hold["of_lane"], is_idle=is_idle),
        "batches_done": now.batches_done,
        "batches_total": now.batches,
        "next_call": _next_call(now),
        "next_try": now.waits_until,
        "next_try_seconds": int((now.waits_until - at).total_seconds()) if now.waits_until else None,
        "rate": round(now.rate) if now.state == "sending" and not is_idle else 0,
        "last_took": duration(last.milliseconds / 1000) if last and last.milliseconds is not None else "",
        "waiting_reason": waiting_reason,
        "busy_for_long": upload.campaign.lane.sending_state == Lane.Sending.BUSY,
        "waiting": now.buckets["pending"],
        "hold": hold,
        "cells": _cells(now),
        "calls": latest_calls(Call.objects.filter(batch__push__in=pushes), LATEST_CALLS),
    }


def _who_cancelled(upload: Upload) -> str:
    cancels = Operation.objects.filter(
        subject_kind=Operation.Subject.UPLOAD, subject_id=upload.pk, kind=Operation.Kind.CANCEL_SENDING
    )
    return cancels.values_list("by_label", flat=True).first() or ""


def _end(push: Push, cancelled_by: str) -> str:
    if push.state == Push.State.CANCELLED and cancelled_by:
        return f"{cancelled_by} cancelled the rest"
    return push.get_state_display()


def hold_shown(upload: Upload) -> dict[str, Any]:
    lane, connection = upload.campaign.lane, upload.campaign.connection
    decision = decision_of(upload)
    if decision is not None:
        return {"reason": decision.paused_reason, "answer": decision.paused_answer, "of_lane": True, "of_push": True}
    if lane.held_reason:
        answer = "" if lane.held_answer in lane.held_reason else lane.held_answer
        return {"reason": lane.held_reason, "answer": answer, "of_lane": True}
    return {"reason": connection.held_reason, "answer": "", "of_lane": False}


def _next_call(now: PushProgress) -> str:
    if now.waits_until is not None:
        return f"at {timezone.localtime(now.waits_until):%H:%M:%S}"
    if now.state not in {"sending", "waiting"}:
        return ""
    if now.next_call_seconds is None:
        return "sending now" if now.state == "sending" and now.calls else ""
    return f"in {duration(math.ceil(now.next_call_seconds))}" if now.next_call_seconds >= 0.05 else "now"


@dataclass(frozen=True, slots=True)
class Cell:
    css: str
    x: str
    width: str


def _cells(now: PushProgress) -> list[Cell]:
    """One cell for each batch, or for several if there are more than a hundred; from counters only."""
    count = min(now.batches, MAX_CELLS)
    if count < 2:
        return []
    # By rows, because a batch that was refused and split added nothing.
    done = now.sent * count // now.to_send if now.to_send else 0
    going = now.state == "sending"
    step = (CELLS_WIDTH + GAP) / count
    words = ["ok" if at < done else "now" if at == done and going else "wait" for at in range(count)]
    return [Cell(word, f"{at * step:.2f}", f"{step - GAP:.2f}") for at, word in enumerate(words)]


def _ended(upload: Upload, pushes: Sequence[Push], buckets: dict[str, int]) -> dict[str, Any]:
    calls = latest_calls(Call.objects.filter(batch__push__in=pushes), TIMELINE_CALLS)
    cancelled_by = _who_cancelled(upload) if any(one.state == Push.State.CANCELLED for one in pushes) else ""
    begins = [
        {"at": one.confirmed_at, "words": f"{one.by_label or 'Someone'} confirmed sending {_rows(_confirmed(one))}"}
        for one in reversed(pushes)
        if one.confirmed_at
    ]
    ends = [{"at": one.ended_at, "words": _end(one, cancelled_by)} for one in reversed(pushes) if one.ended_at]
    listing = rejects.of_upload(upload, rejects.ListFilter(size=10))
    return {
        **fixing(upload, buckets, listing.total),
        "headline": headline(buckets, upload.kind),
        "parts": bar_parts(bucket_lines(buckets, kind=upload.kind, running=True)),
        "calls": folded(calls),
        "calls_shown": len(calls),
        "more_calls": sum(push.calls for push in pushes) > len(calls),
        "begins": begins,
        "ends": ends,
        "took": sending_time(pushes),
        "unsettled": any(one.ended_at is None for one in pushes),
        "again": again(pushes),
        "listing": listing,
        "listing_url": reverse("uploads:rejected_of", args=[upload.pk]),
        "cards": fix_cards.of_upload(upload, rejects.ListFilter()),
        "how": _how(upload, pushes),
    }


def again(pushes: Sequence[Push]) -> dict[str, int]:
    """How many rows can be sent again as they are: by outcome, and the rest after a cancel."""
    return {what: rows_of(pushes, what) for what in (Bucket.REJECTED, Bucket.NEEDS_REVIEW, REST)}


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _confirmed(push: Push) -> int:
    """The rows that were to be sent, whatever became of them."""
    return sum(rows for counts in (push.reasons, push.replaced) for code, rows in counts.items() if code in IN_BATCH_TO_SEND)


def _how(upload: Upload, pushes: Sequence[Push]) -> list[tuple[str, str]]:
    push, people = pushes[0], dict.fromkeys(push.by_label for push in pushes)
    facts, choices = upload.facts, upload.choices
    columns = facts.get("columns", [])
    read_as = [
        DELIMITERS.get(facts.get("delimiter") or "", ""),
        name_of(facts["encoding"]) if facts.get("encoding") else "",
        f"sheet “{facts['sheet']}”" if facts.get("sheet") else "",
        f"header on row {facts['header_row']}" if facts.get("header_row") else "no header",
    ]
    mapped = [f"{words} → {LABELS[field]}" for field, found in upload.mapped.items() if (words := in_words(found, columns))]
    region = choices.get("region")
    numbers = facts.get("numbers", "auto")
    left_out = push.kind == Push.Kind.ADD and not push.resends_known
    return [
        ("File", f"{upload.file_name}, {filesizeformat(upload.file_size)}"),
        ("Fingerprint", upload.sha256),
        ("Read as", ", ".join(filter(None, read_as))),
        ("Columns", ", ".join(mapped)),
        ("Country", f"{countries()[region]} (default)" if region in countries() else "none (such rows not sent)"),
        ("Numbers without +", NUMBERS[numbers].lower() if numbers in NUMBERS else numbers),
        ("Skipped", "repeated in file" + (", already known in this campaign" if left_out else "")),
        ("Action", push.get_kind_display()),
        ("Sent by", f"{', '.join(people)}, via {upload.campaign.connection}"),
    ]
