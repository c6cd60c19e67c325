"""The buttons of an upload's page: find, one call, back to the page."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from voisoadmin.accounts.requests import Request
from voisoadmin.uploads import choosing
from voisoadmin.uploads.clicks import ActionRefused, Click
from voisoadmin.uploads.forms import TokenForm
from voisoadmin.uploads.models import Upload

OLD_FORM = "The page was too old. Look at the upload as it is now, then try again."


@require_POST
def choices(request: Request, pk: int) -> HttpResponse:
    return _act(request, pk, lambda upload, click: choosing.change(upload, request.POST))


@require_POST
def discard(request: Request, pk: int) -> HttpResponse:
    return _act(request, pk, lambda upload, click: choosing.discard(upload, click=click))


def _act(request: Request, pk: int, change: Callable[[Upload, Click], None]) -> HttpResponse:
    """Do one thing to an upload the person may see, once for each click, and show the page; a refusal is said there."""
    upload = get_object_or_404(Upload.objects.visible_to(request.user).select_related("campaign__lane", "draft"), pk=pk)
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
