from __future__ import annotations

from dataclasses import replace

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from voisoadmin.accounts.requests import Request, page_or_part, wants_part
from voisoadmin.campaigns.models import Campaign, visible_campaign
from voisoadmin.lib.paging import page_for
from voisoadmin.lib.searching import contains
from voisoadmin.uploads.models import Upload, UploadQuerySet
from voisoadmin.uploads.pages import by_stage, fix_cards, fixed_rows, lists, rejects, rejects_of_all
from voisoadmin.uploads.pages.buckets import buckets_of
from voisoadmin.uploads.pages.campaign_uploads import SHOWN, uploads_of
from voisoadmin.uploads.pages.cells_in_list import with_cells
from voisoadmin.uploads.pages.states import State, state_of

PAGE = 50
TABS = (
    ("", "All"),
    ("not-sent", "Not sent yet"),
    ("running", "Sending"),
    ("finished", "Finished"),
    ("cancelled", "Cancelled"),
    ("unreadable", "Unreadable"),
)
OLD_DRAFTS = "old-drafts"

FOLDING = frozenset({"", "not-sent"})
"""Tabs that fold away drafts that no one has touched for long."""


@require_GET
def upload_list(request: Request) -> HttpResponse:
    state = tab if (tab := request.GET.get("state", "")) in {*dict(TABS), OLD_DRAFTS} else ""
    uploads = _in_tab(Upload.objects.visible_to(request.user), state)
    query = request.GET.get("q", "").strip()[:200]
    old = Upload.objects.visible_to(request.user).old_drafts(at=timezone.now())
    folded = old.count() if state in FOLDING and not query else 0
    if folded:
        uploads = uploads.exclude(pk__in=old.values("pk"))
    if query:
        uploads = uploads.filter(contains(query, "file_name", "campaign__name", "by_label"))
    page = page_for(uploads.for_pages(), query=request.GET, size=PAGE)
    context = {
        "tabs": TABS,
        "state": state,
        "query": query,
        "page": page,
        "folded": 0 if page.next_url else folded,
        "uploads": lists.lines(page.items, at=timezone.now(), with_campaign=True),
    }
    return render(request, page_or_part(request, "uploads/list.html", "table"), context)


@require_GET
def of_campaign(request: Request, pk: int) -> HttpResponse:
    """The uploads of one campaign: a panel of its page, and a page."""
    campaign = visible_campaign(request.user, pk)
    size = SHOWN if request.htmx else PAGE
    page = page_for(uploads_of(campaign).for_pages(), query=request.GET, size=size)
    here = reverse("uploads:of_campaign", args=[pk])
    context = {
        "campaign": campaign,
        "page": page,
        "uploads": lists.lines(page.items, at=timezone.now(), with_campaign=False),
        "here": here,
        "all_url": here if request.htmx and page.next_url else "",
        "new_url": f"{reverse('uploads:new')}?campaign={pk}",
    }
    return render(request, "uploads/of_campaign.html#panel" if request.htmx else "uploads/of_campaign.html", context)


@require_GET
def detail(request: Request, pk: int) -> HttpResponse:
    """The upload's page, by its state. A refresh from the page of an earlier state is answered with a full reload."""
    upload = get_object_or_404(Upload.objects.visible_to(request.user).for_pages(), pk=pk)
    state = state_of(upload, at=timezone.now())
    template = by_stage.template_of(upload, state)
    # The page of a day takes its parts from a whole one.
    wants_live = wants_part(request) and upload.intake_id is None
    if state == State.CHECKED and request.htmx.target == "verdict" and wants_live:
        if request.GET.get("version") == str(upload.version):
            return HttpResponse(status=204)
        template = f"{template}#verdict"
    elif wants_live:
        if request.GET.get("shown") != state or state not in by_stage.LIVE:
            return HttpResponse(headers={"HX-Refresh": "true"})
        template = f"{template}#live"
    return render(request, template, by_stage.context_of(upload, state, at=timezone.now(), query=request.GET))


@require_GET
def rejected_of(request: Request, pk: int) -> HttpResponse:
    """The rejected records of one upload; of its draft until it is sent."""
    upload = get_object_or_404(Upload.objects.visible_to(request.user).for_pages(), pk=pk)
    listing = rejects.of_upload(upload, rejects.ListFilter.from_query(request.GET))
    context = {**lists.head(upload, at=timezone.now()), "listing": listing, "listing_url": request.path}
    context["sent"] = upload.stage == Upload.Stage.SENT
    if context["sent"]:
        listing = replace(listing, records=with_cells(upload, listing.records))
        context["listing"] = listing
        context["cards"] = fix_cards.of_upload(upload, listing.wanted)
        context["fixes_made"] = fix_cards.fixes_made(upload)
        context |= fixed_rows.fixing(upload, buckets_of(upload.counters()), listing.total)
    return render(request, "uploads/rejected_of.html", context)


@require_GET
def rejected(request: Request) -> HttpResponse:
    """Rejected records of all uploads, the latest first."""
    wanted = rejects.ListFilter.from_query(request.GET)
    campaign = Campaign.objects.visible_to(request.user).filter(pk=wanted.campaign).first() if wanted.campaign else None
    pushes = rejects_of_all.pushes_with_rows_to_fix(request.user, wanted)
    context = {"listing": rejects_of_all.of_everything(pushes, wanted), "listing_url": request.path, "campaign": campaign}
    if not (wanted.query or wanted.after):
        context["groups"] = fix_cards.of_everything(pushes, wanted)
    return render(request, "uploads/rejected.html", context)


def _in_tab(uploads: UploadQuerySet, tab: str) -> UploadQuerySet:
    match tab:
        case "not-sent":
            return uploads.not_sent()
        case "running":
            return uploads.running()
        case "finished":
            return uploads.finished()
        case "cancelled":
            return uploads.cancelled()
        case "old-drafts":
            return uploads.old_drafts(at=timezone.now())
        case "unreadable":
            return uploads.filter(stage=Upload.Stage.UNREADABLE)
        case _:
            return uploads
