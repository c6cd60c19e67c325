"""Rows that were fixed after sending, before they are sent again: what the page says about them, and the page of one row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from voisoadmin.accounts.requests import Request
from voisoadmin.contacts.reasons import Bucket
from voisoadmin.contacts.repairs import hash_of
from voisoadmin.operations.clicks import ActionRefused, Click
from voisoadmin.pushes import pacing
from voisoadmin.pushes.drafts import BATCH_SIZE
from voisoadmin.pushes.models import EditedRow, RejectedRecord
from voisoadmin.submissions.services import FirstAnswer, FormRefused, once
from voisoadmin.submissions.typed_again import shows_typed_again
from voisoadmin.uploads.fixes.after_sending import edit_sent_row, record_to_fix
from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.pages import lists
from voisoadmin.uploads.pages.buckets import BarPart, BucketLine, bar_parts
from voisoadmin.uploads.pages.check_rows import edits_of_rows
from voisoadmin.uploads.pages.forms import SentRowForm
from voisoadmin.uploads.pages.rejects import list_address
from voisoadmin.uploads.pages.row_cells import cells_of_row, show_typed

THERE = (Bucket.ADDED, Bucket.UPDATED, Bucket.DUPLICATE, Bucket.UNATTRIBUTED)
OLD_FORM = "This page was out of date. Look at the row again."


@dataclass(frozen=True, slots=True)
class Round:
    """How much of the file is in the campaign: now, after the resend, when all is fixed."""

    label: str
    rows: int
    parts: list[BarPart]
    words: str


def fixing(upload: Upload, buckets: Mapping[str, int], to_fix: int) -> dict[str, Any]:
    """For the pages of a sent upload. `to_fix`: its rows to fix, the fixed ones included."""
    edited = EditedRow.objects.filter(push=upload.resend_draft_id) if upload.resend_draft_id else EditedRow.objects.none()
    fixed = edited.count()
    sent = edited.filter(reason="waiting").count()
    calls = -(-sent // BATCH_SIZE)
    there, total = sum(buckets[bucket] for bucket in THERE), sum(buckets.values())
    rounds = [_round("Now", there, 0, total, "in the campaign")]
    if sent:
        requests = f"{calls:,} request{'' if calls == 1 else 's'}, into this same upload"
        rounds.append(_round("After this resend", there, sent, total, requests))
    left = to_fix - fixed
    words = f"{left:,} row{'' if left == 1 else 's'} still to fix" if left else "nothing else to fix"
    rounds.append(_round("When all are fixed", there, left + sent, total, words))
    return {
        "fixed": fixed,
        "fixed_sent": sent,
        "fixed_calls": calls,
        "fixed_seconds": pacing.seconds_for(calls, upload.campaign.lane.answer_milliseconds),
        "left_to_fix": left,
        "rounds": rounds if to_fix else [],
        "rounds_total": total,
    }


def _round(label: str, there: int, more: int, total: int, words: str) -> Round:
    lines = [
        BucketLine(Bucket.ADDED, "", "", "b-added", there, total),
        BucketLine(Bucket.ADDED, "", "", "b-ready", more, total),
    ]
    return Round(label, there + more, bar_parts(lines), words)


@shows_typed_again
@require_http_methods(["GET", "POST"])
def fix_row(request: Request, pk: int, row: int) -> HttpResponse:
    """One row to fix of a sent upload: each cell is a form, which works without a script."""
    upload = get_object_or_404(Upload.objects.visible_to(request.user).for_pages(), pk=pk, stage=Upload.Stage.SENT)
    record = record_to_fix(upload, row)
    if request.method == "POST":
        return _save(request, upload, row)
    if record is None:
        messages.info(request, "This row needs no fix any more.")
        return HttpResponseRedirect(reverse("uploads:rejected_of", args=[pk]))
    return render(request, "uploads/fix_row.html", _context(upload, record))


def _save(request: Request, upload: Upload, row: int) -> HttpResponse:
    in_list = list_address(request.POST, upload.pk)
    page = in_list or reverse("uploads:fix_row", args=[upload.pk, row])
    form = SentRowForm(request.POST)

    def act() -> FirstAnswer:
        if not form.is_valid():
            raise ActionRefused(OLD_FORM)
        fixed = edit_sent_row(upload, row=row, click=Click(by=request.user, at=timezone.now()), **form.cleaned_data)
        if fixed.is_ready:
            rows = in_list or reverse("uploads:rejected_of", args=[upload.pk])  # where the fixed ones are sent
            return FirstAnswer(url=rows, says=f"Row {row:,} is ready to resend.")
        said = " ".join(fixed.sentences)
        return FirstAnswer(url=page, says=f"Row {row:,} saved: {said}" if in_list else said, level=messages.WARNING)

    try:
        return once(request, act).redirect(request)
    except (ActionRefused, FormRefused) as refusal:
        messages.error(request, str(refusal))
        record = record_to_fix(upload, row)
        if record is None:
            return HttpResponseRedirect(page)
        context = _context(upload, record)
        show_typed(context["cells"], request.POST)
        return render(request, "uploads/fix_row.html", context, status=422)


def _context(upload: Upload, record: RejectedRecord) -> dict[str, Any]:
    edit = edits_of_rows(upload, [record.row_number]).get(record.row_number)
    cells = cells_of_row(upload, record.cells, edit.applied(record.cells) if edit is not None else record.cells)
    if not cells:
        raise Http404
    waiting = EditedRow.objects.filter(push=upload.resend_draft_id, row_number=record.row_number).first()
    return {
        **lists.head(upload, at=timezone.now()),
        "record": record,
        "sentences": [str(problem.get("sentence", "")) for problem in record.problems if isinstance(problem, dict)],
        "cells": cells,
        "hash": hash_of(record.cells),
        "edited": waiting,
        "is_in_doubt": record.bucket == Bucket.NEEDS_REVIEW,
    }
