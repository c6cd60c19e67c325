"""One row of a checked file: a small page to edit its cells, and the same in place of the table's row."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from voisoadmin.accounts.requests import Request
from voisoadmin.contacts.reasons import Bucket
from voisoadmin.operations.clicks import ActionRefused, Click
from voisoadmin.pushes.models import Push, RejectedRecord
from voisoadmin.pushes.rows_of_drafts import READY, DraftRow
from voisoadmin.submissions.services import FirstAnswer, FormRefused, once
from voisoadmin.submissions.typed_again import shows_typed_again
from voisoadmin.uploads.fixes.editing import edit_cell, leave_out, take_in, undo_edit
from voisoadmin.uploads.fixes.session import CHECKING, EditResult, SeenRow
from voisoadmin.uploads.fixes.trying import try_cell
from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.pages import by_stage, lists
from voisoadmin.uploads.pages.check_rows import ShownRow, Why, edits_of_rows, row_of, shown_rows
from voisoadmin.uploads.pages.check_tabs import CheckFilter, tabs_of
from voisoadmin.uploads.pages.forms import RowForm
from voisoadmin.uploads.pages.row_cells import RowCell, cells_of_row, show_typed
from voisoadmin.uploads.pages.states import State

OLD_FORM = "This page was out of date. Look at the row again, then try again."
ROW_CHECKED_LATER = "Saved. The whole file is checked again, because this cell may concern other rows."


@shows_typed_again
@require_http_methods(["GET", "POST"])
def row(request: Request, pk: int, number: int) -> HttpResponse:
    """The page of one row; a post changes it. The address keeps the tab and page that the user came from."""
    upload = _upload(request, pk)
    draft = upload.draft
    if upload.stage != Upload.Stage.CHECKED or draft is None:
        return HttpResponseRedirect(reverse("uploads:detail", args=[pk]))
    if request.method == "POST":
        return _change(request, upload, number)
    return render(request, "uploads/row.html", _context(request, upload, draft, number))


@require_GET
def try_row(request: Request, pk: int, number: int) -> HttpResponse:
    """What would become of the row with this text in a cell."""
    upload = _upload(request, pk)
    form = RowForm(request.GET)
    found = row_of(upload, upload.draft, number) if upload.draft is not None else None
    if found is None or upload.draft is None or not form.is_valid() or form.cleaned_data["column"] is None:
        raise Http404
    tried = try_cell(
        upload,
        upload.draft,
        row=number,
        cells=found.cells,
        reason=found.reason,
        column=form.cleaned_data["column"],
        value=form.cleaned_data["value"],
    )
    tones = ["good" if tried.is_ready else "bad" if tried.is_bad else "quiet", *["warn" if tried.is_ready else "bad"] * 20]
    shown = [Why(sentence, tone) for sentence, tone in zip(tried.sentences, tones, strict=False)]
    return render(request, "uploads/tried.html", {"tried": shown})


def _change(request: Request, upload: Upload, number: int) -> HttpResponse:
    """Do one thing with the row, once per click; then the rows again, or without JavaScript the next row to fix."""
    done: list[EditResult] = []

    def act() -> FirstAnswer:
        form = RowForm(request.POST)
        if not form.is_valid():
            raise ActionRefused(OLD_FORM)
        result = _changed(upload, number, form, Click(by=request.user, at=timezone.now()))
        done.append(result)
        return FirstAnswer(url=_next_address(request, upload, number, result), says=_in_words(number, result))

    try:
        answer = once(request, act)
    except (ActionRefused, FormRefused) as refusal:
        return _refused(request, upload, number, str(refusal))
    if not request.htmx:
        return answer.redirect(request)
    if done and done[0].verdict == CHECKING:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return _rows_again(request, upload.pk, {"saved": number, "saved_words": answer.says}, 200)


def _changed(upload: Upload, number: int, form: RowForm, click: Click) -> EditResult:
    posted = form.cleaned_data
    seen = SeenRow(number, posted["seen_hash"])
    match posted["do"]:
        case "undo":
            return undo_edit(upload, row=number, seen_hash=seen.seen_hash, version=posted["version"], click=click)
        case "leave_out":
            return leave_out(upload, rows=[seen], version=posted["version"], click=click)
        case "take_in":
            return take_in(upload, rows=[seen], version=posted["version"], click=click)
    if posted["column"] is None:
        raise ActionRefused(OLD_FORM)
    return edit_cell(
        upload,
        row=number,
        column=posted["column"],
        value=posted["value"],
        seen_hash=seen.seen_hash,
        version=posted["version"],
        click=click,
    )


def _in_words(number: int, result: EditResult) -> str:
    if result.verdict == CHECKING:
        return ROW_CHECKED_LATER
    if result.reason == READY:
        return f"Row {number:,} is ready now."
    return f"Row {number:,} saved: {' '.join(result.sentences)}"


def _next_address(request: Request, upload: Upload, number: int, result: EditResult) -> str:
    """After a row that needs no more work, the next one to fix; otherwise the row again."""
    page = reverse("uploads:detail", args=[upload.pk])
    if result.verdict == CHECKING:
        return page
    if result.verdict == Bucket.INVALID:
        return _address(request, upload, number)
    following = _next_to_fix(upload, number)
    return _address(request, upload, following) if following is not None else page


def _next_to_fix(upload: Upload, number: int) -> int | None:
    records = RejectedRecord.objects.filter(push=upload.draft_id, bucket=Bucket.INVALID, row_number__gt=number)
    return records.order_by("row_number").values_list("row_number", flat=True).first()


def _address(request: Request, upload: Upload, number: int) -> str:
    query = request.GET.urlencode()
    return reverse("uploads:row", args=[upload.pk, number]) + (f"?{query}" if query else "")


def _refused(request: Request, upload: Upload, number: int, sentence: str) -> HttpResponse:
    """In words, beside what is true now; what the user typed stays on the page of the row."""
    if request.htmx:
        return _rows_again(request, upload.pk, {"not_saved": number, "refusal": sentence}, 409)
    current = _upload(request, upload.pk)
    if current.draft is None or current.stage != Upload.Stage.CHECKED:
        messages.error(request, sentence)
        return HttpResponseRedirect(reverse("uploads:detail", args=[upload.pk]))
    context = _context(request, current, current.draft, number)
    context["refusal"] = sentence
    show_typed(context["cells"], request.POST)
    return render(request, "uploads/row.html", context, status=409)


def _rows_again(request: Request, pk: int, found: dict[str, Any], status: int) -> HttpResponse:
    """The verdict, its rows and the foot of the page, as they are now."""
    upload = _upload(request, pk)
    if upload.stage != Upload.Stage.CHECKED:
        return HttpResponse(headers={"HX-Refresh": "true"})
    context = by_stage.context_of(upload, State.CHECKED, at=timezone.now(), query=request.GET)
    return render(request, "uploads/check.html#verdict", context | found, status=status)


def _context(request: Request, upload: Upload, draft: Push, number: int) -> dict[str, Any]:
    found = row_of(upload, draft, number)
    if found is None:
        raise Http404
    shown = shown_rows(upload, [found])[0]
    wanted = CheckFilter.from_query(request.GET, tabs=tabs_of(upload, draft))
    return {
        **lists.head(upload, at=timezone.now()),
        "row": shown,
        "is_to_fix": bool(found.problems),
        "is_left_out": found.reason == "left_out",
        "cells": _cells(upload, found, shown),
        "next_row": _next_to_fix(upload, number),
        "query": request.GET.urlencode(),
        "back_url": wanted.url(after=wanted.after) if wanted.after >= 0 else wanted.url(),
    }


def _cells(upload: Upload, found: DraftRow, shown: ShownRow) -> list[RowCell]:
    """Every cell of the row: those with a problem first, then those of fields."""
    edit = edits_of_rows(upload, [found.row_number]).get(found.row_number)
    now = edit.applied(found.cells) if edit is not None and shown.is_edited else found.cells
    bad = {at for problem in found.problems for at in _columns_of(upload, str(problem.get("field", "")))}
    cells = cells_of_row(upload, found.cells, now, bad=bad)
    return sorted(cells, key=lambda cell: (not cell.is_bad, not cell.field, cell.column))


def _columns_of(upload: Upload, name: str) -> tuple[int, ...]:
    mapped = upload.mapped.get(name)
    return mapped.columns if mapped is not None else ()


def _upload(request: Request, pk: int) -> Upload:
    return get_object_or_404(Upload.objects.visible_to(request.user).for_pages(), pk=pk)
