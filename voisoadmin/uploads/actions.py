"""The buttons of an upload's page: find, one service call, back to the page."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from voisoadmin.accounts.requests import Request
from voisoadmin.uploads import choosing, pages, presenting, sending
from voisoadmin.uploads.clicks import ActionRefused, Click
from voisoadmin.uploads.forms import SendForm, TokenForm
from voisoadmin.uploads.models import Upload

OLD_FORM = "This page was out of date. Check the upload below, then try again."


@require_POST
def choices(request: Request, pk: int) -> HttpResponse:
    return _act(request, pk, lambda upload, click: choosing.change(upload, request.POST))


@require_POST
def discard(request: Request, pk: int) -> HttpResponse:
    return _act(request, pk, lambda upload, click: choosing.discard(upload, click=click))


@require_POST
def send(request: Request, pk: int) -> HttpResponse:
    def confirm(upload: Upload, click: Click) -> None:
        form = SendForm(request.POST)
        if not form.is_valid():
            raise ActionRefused(OLD_FORM)
        sending.send(upload, check_no=form.cleaned_data["check_no"], click=click)

    return _act(request, pk, confirm)


@require_POST
def pause(request: Request, pk: int) -> HttpResponse:
    return _act(request, pk, lambda upload, click: sending.pause(upload, click=click))


@require_POST
def resume(request: Request, pk: int) -> HttpResponse:
    return _act(request, pk, lambda upload, click: sending.resume(upload, click=click))


@require_POST
def release(request: Request, pk: int) -> HttpResponse:
    return _act(request, pk, lambda upload, click: sending.release(upload, click=click))


@require_http_methods(["GET", "POST"])
def cancel(request: Request, pk: int) -> HttpResponse:
    """Asks first, on a page or in the page's dialog: unsent rows will never be sent."""
    if request.method == "POST":
        return _act(request, pk, lambda upload, click: sending.cancel(upload, click=click))
    upload = get_object_or_404(Upload.objects.visible_to(request.user).for_pages(), pk=pk)
    buckets = presenting.buckets_of(upload.pushes.all())
    context = {
        **pages.head(upload, at=timezone.now()),
        "gone": buckets["added"] + buckets["updated"] + buckets["unattributed"],
        "waiting": buckets["pending"],
    }
    return render(request, "uploads/cancel.html#question" if request.htmx else "uploads/cancel.html", context)


def _act(request: Request, pk: int, change: Callable[[Upload, Click], None]) -> HttpResponse:
    """Do one thing, once per click, to an upload the user may see, and show the page; a refusal is shown there."""
    upload = get_object_or_404(Upload.objects.visible_to(request.user).for_pages(), pk=pk)
    try:
        change(upload, Click(by=request.user, by_label=request.user.label, at=timezone.now(), client_token=_token(request)))
    except ActionRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("uploads:detail", pk=upload.pk)


def _token(request: Request) -> uuid.UUID:
    form = TokenForm(request.POST)
    if not form.is_valid():
        raise ActionRefused(OLD_FORM)
    token: uuid.UUID = form.cleaned_data["client_token"]
    return token
