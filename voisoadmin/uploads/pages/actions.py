"""The buttons of an upload's page: find, one service call, back to the page."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from voisoadmin.accounts.requests import Request
from voisoadmin.accounts.roles import only_for_changes
from voisoadmin.campaigns.events import CHANGED
from voisoadmin.operations.clicks import ActionRefused, Click
from voisoadmin.submissions.services import FirstAnswer, FormRefused, once
from voisoadmin.uploads import resending, services
from voisoadmin.uploads.fixes import after_sending, dismissing
from voisoadmin.uploads.fixes.bulk import apply_fix, undo_fix
from voisoadmin.uploads.fixes.bulk_after_sending import fix_sent_rows, undo_fix_of_sent
from voisoadmin.uploads.intake import read_options
from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.pages import by_stage, file_settings, lists, rejects
from voisoadmin.uploads.pages.buckets import buckets_of
from voisoadmin.uploads.pages.forms import DismissForm, FixForm, ResendFixedForm, ResendForm, SendForm
from voisoadmin.uploads.pages.states import state_of

OLD_FORM = "This page was out of date. Check the upload below, then try again."


@require_POST
def choices(request: Request, pk: int) -> HttpResponse:
    """The page that follows shows the settings again: there may be more to change."""
    return _act(request, pk, lambda upload, click: read_options.change(upload, request.POST, click=click), query="?settings=1")


@require_POST
def answer(request: Request, pk: int) -> HttpResponse:
    code, value = request.POST.get("code", ""), request.POST.get("value", "")
    return _act(request, pk, lambda upload, click: read_options.answer(upload, code=code, value=value))


@require_POST
def fix(request: Request, pk: int) -> HttpResponse:
    """Repair all rows with a reason, or put their cells back."""
    return _act(request, pk, _repair(request, apply_fix, undo_fix))


@require_POST
def fix_sent(request: Request, pk: int) -> HttpResponse:
    """Repair all rows to fix with a reason after sending, or take that back."""
    return _act(request, pk, _repair(request, fix_sent_rows, undo_fix_of_sent), page=_list_of(request, pk))


def _repair(request: Request, repair: Callable[..., object], undo: Callable[..., object]) -> Callable[[Upload, Click], None]:
    def change(upload: Upload, click: Click) -> None:
        form = FixForm(request.POST)
        if not form.is_valid():
            raise ActionRefused(OLD_FORM)
        posted = form.cleaned_data
        act, what = (repair, posted["key"]) if posted["undo"] is None else (undo, posted["undo"])
        act(upload, what, version=posted["version"], click=click)

    return change


@require_POST
def discard(request: Request, pk: int) -> HttpResponse:
    return _act(request, pk, lambda upload, click: read_options.discard(upload, click=click))


@require_POST
def restore(request: Request, pk: int) -> HttpResponse:
    return _act(request, pk, lambda upload, click: read_options.take_back(upload, click=click))


@require_POST
def send(request: Request, pk: int) -> HttpResponse:
    def confirm(upload: Upload, click: Click) -> None:
        form = SendForm(request.POST)
        if not form.is_valid():
            raise ActionRefused(OLD_FORM)
        if not services.send(upload, version=form.cleaned_data["version"], click=click):
            messages.warning(request, services.CHECKED_AGAIN)

    return _act(request, pk, confirm)


@require_POST
def pause(request: Request, pk: int) -> HttpResponse:
    return _changed(request, _act(request, pk, lambda upload, click: services.pause(upload, click=click)))


@require_POST
def resume(request: Request, pk: int) -> HttpResponse:
    return _changed(request, _act(request, pk, lambda upload, click: services.resume(upload, click=click)))


@require_POST
def resend(request: Request, pk: int) -> HttpResponse:
    """Rows that were rejected, need review or were never sent: once more, into the same upload."""

    def send_again(upload: Upload, click: Click) -> None:
        form = ResendForm(request.POST)
        if not form.is_valid():
            raise ActionRefused(OLD_FORM)
        resending.send_again(upload, what=form.cleaned_data["what"], rows=form.cleaned_data["rows"], click=click)

    return _act(request, pk, send_again)


@require_POST
def resend_fixed(request: Request, pk: int) -> HttpResponse:
    """Rows that were fixed after sending, into the same upload."""

    def send(upload: Upload, click: Click) -> None:
        form = ResendFixedForm(request.POST)
        if not form.is_valid():
            raise ActionRefused(OLD_FORM)
        after_sending.resend_fixed(upload, click=click, **form.cleaned_data)

    return _act(request, pk, send)


@require_POST
def dismiss(request: Request, pk: int) -> HttpResponse:
    return _dismiss(request, pk, dismissing.dismiss_row, dismissing.dismiss_reason)


@require_POST
def take_back(request: Request, pk: int) -> HttpResponse:
    return _dismiss(request, pk, dismissing.take_row_back, dismissing.take_reason_back)


def _dismiss(request: Request, pk: int, one: Callable[..., None], all_of_reason: Callable[..., None]) -> HttpResponse:
    def change(upload: Upload, click: Click) -> None:
        form = DismissForm(request.POST)
        if not form.is_valid():
            raise ActionRefused(OLD_FORM)
        chosen = form.cleaned_data
        if chosen["row"] is not None:
            one(upload, row=chosen["row"], click=click)
        else:
            all_of_reason(upload, reason=chosen["reason"], rows=chosen["rows"], click=click)

    return _act(request, pk, change, page=_list_of(request, pk))


def _list_of(request: Request, pk: int) -> str:
    return rejects.list_address(request.POST, pk) or reverse("uploads:detail", args=[pk])


@require_POST
def release(request: Request, pk: int) -> HttpResponse:
    return _act(request, pk, lambda upload, click: services.release(upload, click=click))


@only_for_changes
@require_http_methods(["GET", "POST"])
def cancel(request: Request, pk: int) -> HttpResponse:
    """Asks first, on a page or in the page's dialog: unsent rows will never be sent."""
    if request.method == "POST":
        return _act(request, pk, lambda upload, click: services.cancel(upload, click=click))
    upload = _upload(request, pk)
    buckets = buckets_of(upload.counters())
    context = {
        **lists.head(upload, at=timezone.now()),
        "gone": buckets["added"] + buckets["updated"] + buckets["unattributed"],
        "waiting": buckets["pending"],
    }
    return render(request, "uploads/cancel.html#question" if request.htmx else "uploads/cancel.html", context)


def _changed(request: Request, answer: HttpResponse) -> HttpResponse:
    """The board's poll shows it; the upload's own page is loaded again."""
    if not request.htmx or answer.status_code != 302:
        return answer
    return HttpResponse(status=204, headers={"HX-Trigger": CHANGED})


def _act(
    request: Request, pk: int, change: Callable[[Upload, Click], None], *, query: str = "", page: str = ""
) -> HttpResponse:
    """Do one thing, once per click, to an upload the user may see, and show the page, by default the upload's; a refusal is
    shown there."""
    upload = _upload(request, pk)
    page = page or reverse("uploads:detail", args=[upload.pk]) + query

    def act() -> FirstAnswer:
        change(upload, Click(by=request.user, at=timezone.now()))
        return FirstAnswer(url=page)

    try:
        return once(request, act).redirect(request)
    except ActionRefused as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(page)
    except FormRefused as refusal:
        return _shown_again(request, _upload(request, pk), refusal)


def _shown_again(request: Request, upload: Upload, refusal: FormRefused) -> HttpResponse:
    """The upload's page as it is now; if it still has the submitted form, with that form's choices."""
    state = state_of(upload, at=timezone.now())
    context = by_stage.context_of(upload, state, at=timezone.now())
    if "reading_fields" in context and "kind" in request.POST:
        context |= file_settings.as_chosen(context, request.POST)
        messages.error(request, str(refusal))
    else:
        messages.error(request, f"{refusal.why} The upload's current state is shown below.")
    return render(request, by_stage.template_of(upload, state), context, status=422)


def _upload(request: Request, pk: int) -> Upload:
    return get_object_or_404(Upload.objects.visible_to(request.user).for_pages(), pk=pk)
