"""A new upload: a file, or cells that were pasted, for a campaign that is chosen before or after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db.models import Max, Q
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from voisoadmin.accounts.requests import Request
from voisoadmin.accounts.roles import only_for_changes
from voisoadmin.campaigns.describing import describe
from voisoadmin.campaigns.models import Campaign, CampaignQuerySet
from voisoadmin.contacts.fields import FIELDS
from voisoadmin.lib.numbers import whole_number
from voisoadmin.lib.paging import page_for
from voisoadmin.lib.searching import contains
from voisoadmin.phones.countries import countries
from voisoadmin.pushes.models import Push
from voisoadmin.submissions.services import FirstAnswer, FormRefused, once
from voisoadmin.submissions.typed_again import shows_typed_again
from voisoadmin.uploads.intake import pasted, receiving
from voisoadmin.uploads.intake.handlers import ReceivedFile, refusal_of
from voisoadmin.uploads.intake.spool import FileRefused
from voisoadmin.uploads.pages import expected
from voisoadmin.uploads.pages.forms import NewUploadForm

PAGE = 50
RECENT = 5
OFFERED = 300  # campaigns in the list of a form; more are found by a search
CHOOSE_FILE = "Choose a file first. You can also paste cells."
CHOOSE_CAMPAIGN = "Choose a campaign first, then the file again."


@shows_typed_again
@only_for_changes
@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """With a campaign in the address: its form. Otherwise a list of campaigns, beside a form that begins with the file."""
    campaigns = Campaign.objects.visible_to(request.user).filter(missing_since=None)
    asked = request.GET.get("campaign", "")
    if request.method == "POST" and not asked and not request.POST.get("campaign"):
        refused = refusal_of(request) or FileRefused(CHOOSE_CAMPAIGN)
        return _choose(request, campaigns, problem=str(refused), status=refused.status)
    if not asked and request.method == "GET":
        return _choose(request, campaigns)
    wanted = whole_number(asked or request.POST.get("campaign", ""))
    campaign = get_object_or_404(campaigns.select_related("lane", "connection__presence"), pk=wanted)
    if request.method == "POST":
        return _receive(request, campaign)
    return _new_page(request, campaign)


def _choose(request: Request, campaigns: CampaignQuerySet, *, problem: str = "", status: int = 200) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:200]
    found = campaigns.filter(contains(query, "name") | Q(voiso_id__startswith=query)) if query else campaigns
    ordered = found.order_by(Lower("name"), "pk")
    page = page_for(_with_facts(ordered), query=request.GET, size=PAGE)
    is_first = not query and page.number == 1
    recent = _recent(request, campaigns) if is_first else []
    context: dict[str, Any] = {
        "query": query,
        "page": page,
        "campaigns": [_line(one) for one in page.items],
        "recent": [_line(one) for one in recent],
        "problem": problem,
        "begins_with_file": is_first and bool(page.items),
        "offered": ordered.only("name", "voiso_id")[:OFFERED] if is_first else [],
        **_limits(),
    }
    return render(request, "uploads/choose.html", context, status=status)


def _line(campaign: Campaign) -> dict[str, Any]:
    return {"campaign": campaign, "chip": describe(campaign, campaign.connection, timezone.now())}


def _recent(request: Request, campaigns: CampaignQuerySet) -> list[Campaign]:
    """The campaigns of this user's last uploads."""
    used = campaigns.filter(uploads__by=request.user).annotate(last=Max("uploads__received_at"))
    return list(_with_facts(used.order_by("-last", "pk"))[:RECENT])


def _with_facts(campaigns: CampaignQuerySet) -> CampaignQuerySet:
    """With what a line shows."""
    return campaigns.select_related("connection__presence", "lane").defer("connection__key", "connection__user_key")


def _receive(request: Request, campaign: Campaign) -> HttpResponse:
    form = NewUploadForm(request.POST)
    file = request.FILES.get("file")
    cells = request.POST.get("cells", "")
    refused = refusal_of(request)
    if refused is None and not form.is_valid():
        refused = FileRefused("The form was incomplete. Choose the file again.")
    if refused is None and not isinstance(file, ReceivedFile) and not cells.strip():
        refused = FileRefused(CHOOSE_FILE)
    try:
        if refused is not None:
            raise refused
        if not isinstance(file, ReceivedFile):
            file = ReceivedFile(pasted.spooled(cells), pasted.FILE_NAME)
            request.FILES["file"] = file  # removed with the request, unless it is kept
        return _received_once(request, campaign, file, form)
    except FileRefused as refusal:
        return _new_page(request, campaign, problem=str(refusal), typed=_typed(form, cells), status=refusal.status)
    except FormRefused as refusal:
        problem = f"{refusal.why} Choose the file again to upload it."
        return _new_page(request, campaign, problem=problem, typed=_typed(form, cells), status=422)


def _received_once(request: Request, campaign: Campaign, file: ReceivedFile, form: NewUploadForm) -> HttpResponse:
    content = {"campaign": str(campaign.pk), "file": file.spooled.sha256, "name": file.raw_name}
    return once(request, lambda: _store(request, campaign, file, form), content=content).redirect(request)


def _typed(form: NewUploadForm, cells: str) -> dict[str, str]:
    return {**(form.cleaned_data if form.is_valid() else {}), "cells": cells}


def _store(request: Request, campaign: Campaign, file: ReceivedFile, form: NewUploadForm) -> FirstAnswer:
    region, offered = form.cleaned_data["region"], form.cleaned_data["offered_region"]
    if "region" not in form.data:
        # The form that begins with the file asks for no country: the campaign's suggestion holds, and the check may ask.
        region = offered = expected.region_for(campaign, request.user)
    upload = receiving.receive_file(
        campaign=campaign,
        file=file.spooled,
        file_name=file.raw_name,
        by=request.user,
        by_label=request.user.label,
        kind=form.cleaned_data["kind"],
        choices=expected.first_choices(region=region, offered=offered),
        at=timezone.now(),
    )
    return FirstAnswer(url=reverse("uploads:detail", args=[upload.pk]))


def _limits() -> dict[str, Any]:
    return {
        "csv_mib": settings.MAX_CSV_MIB,
        "workbook_mib": settings.MAX_WORKBOOK_MIB,
        "max_rows": settings.MAX_ROWS,
        "most_cells": pasted.MOST_CHARACTERS,
    }


def _new_page(
    request: Request, campaign: Campaign, *, problem: str = "", typed: Mapping[str, str] = {}, status: int = 200
) -> HttpResponse:
    offered = expected.region_for(campaign, request.user)
    context = {
        "campaign": campaign,
        "problem": problem,
        "fields": FIELDS,
        "example": expected.EXAMPLE,
        "regions": countries(),
        "region": typed.get("region", offered),
        "offered_region": offered,
        "kind": typed.get("kind", Push.Kind.ADD),
        "cells": typed.get("cells", ""),
        **_limits(),
    }
    return render(request, "uploads/new.html", context, status=status)
