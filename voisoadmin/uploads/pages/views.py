from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from voisoadmin.accounts.requests import Request, page_or_part, wants_part
from voisoadmin.campaigns.describing import describe
from voisoadmin.campaigns.models import Campaign, visible_campaign
from voisoadmin.contacts.fields import FIELDS
from voisoadmin.lib.numbers import whole_number
from voisoadmin.lib.paging import page_for
from voisoadmin.lib.searching import contains
from voisoadmin.phones.countries import countries
from voisoadmin.pushes.models import Push
from voisoadmin.submissions.services import FirstAnswer, FormRefused, once
from voisoadmin.uploads.intake import receiving
from voisoadmin.uploads.intake.handlers import ReceivedFile, refusal_of
from voisoadmin.uploads.intake.spool import FileRefused
from voisoadmin.uploads.models import Upload, UploadQuerySet
from voisoadmin.uploads.pages import by_stage, expected, lists, rejects, rejects_of_all, results
from voisoadmin.uploads.pages.forms import NewUploadForm
from voisoadmin.uploads.pages.states import State, state_of

PAGE = 50
PANEL = 8
TABS = (
    ("", "All"),
    ("not-sent", "Not sent yet"),
    ("running", "Sending"),
    ("finished", "Finished"),
    ("cancelled", "Cancelled"),
    ("unreadable", "Unreadable"),
)


@require_GET
def upload_list(request: Request) -> HttpResponse:
    state = tab if (tab := request.GET.get("state", "")) in dict(TABS) else ""
    uploads = _in_tab(Upload.objects.visible_to(request.user), state)
    query = request.GET.get("q", "").strip()[:200]
    if query:
        uploads = uploads.filter(contains(query, "file_name", "campaign__name", "by_label"))
    page = page_for(uploads.for_pages(), query=request.GET, size=PAGE)
    context = {
        "tabs": TABS,
        "state": state,
        "query": query,
        "page": page,
        "uploads": [lists.line(upload, at=timezone.now()) for upload in page.items],
    }
    return render(request, page_or_part(request, "uploads/list.html", "table"), context)


@require_GET
def of_campaign(request: Request, pk: int) -> HttpResponse:
    """The uploads of one campaign: a panel of its page, and a page."""
    campaign = visible_campaign(request.user, pk)
    size = PANEL if request.htmx else PAGE
    page = page_for(campaign_uploads(campaign), query=request.GET, size=size)
    here = reverse("uploads:of_campaign", args=[pk])
    context = {
        "campaign": campaign,
        "page": page,
        "uploads": [lists.line(upload, at=timezone.now()) for upload in page.items],
        "here": here,
        "all_url": here if request.htmx and page.next_url else "",
        "new_url": f"{reverse('uploads:new')}?campaign={pk}",
    }
    return render(request, "uploads/of_campaign.html#panel" if request.htmx else "uploads/of_campaign.html", context)


def campaign_uploads(campaign: Campaign) -> UploadQuerySet:
    """Uploads to the campaign, whichever connection shows it, because they share its lane."""
    return Upload.objects.filter(campaign__lane_id=campaign.lane_id).for_pages()


@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """Choose a campaign, then a file. The campaign is in the address, so that a refused form keeps it."""
    campaigns = Campaign.objects.visible_to(request.user).filter(missing_since=None)
    asked = request.GET.get("campaign", "")
    if not asked:
        query = request.GET.get("q", "").strip()[:200]
        found = campaigns.filter(contains(query, "name") | Q(voiso_id__startswith=query)) if query else campaigns
        ordered = found.select_related("connection", "lane").order_by(Lower("name"), "pk")
        page = page_for(ordered, query=request.GET, size=PAGE)
        lines = [{"campaign": one, "chip": describe(one, one.connection, timezone.now())} for one in page.items]
        return render(request, "uploads/choose.html", {"query": query, "page": page, "campaigns": lines})
    campaign = get_object_or_404(campaigns.select_related("lane", "connection"), pk=whole_number(asked))
    if request.method == "POST":
        return _receive(request, campaign)
    return _new_page(request, campaign)


def _receive(request: Request, campaign: Campaign) -> HttpResponse:
    form = NewUploadForm(request.POST)
    file = request.FILES.get("file")
    refused = refusal_of(request)
    if refused is None and not form.is_valid():
        refused = FileRefused("The form was incomplete. Choose the file again.")
    if refused is None and not isinstance(file, ReceivedFile):
        refused = FileRefused("Choose a file first.")
    if refused is not None:
        return _new_page(request, campaign, problem=str(refused), status=refused.status)
    assert isinstance(file, ReceivedFile)
    content = {"campaign": str(campaign.pk), "file": file.spooled.sha256, "name": file.raw_name}
    try:
        return once(request, lambda: _store(request, campaign, file, form), content=content).redirect(request)
    except FileRefused as refusal:
        return _new_page(request, campaign, problem=str(refusal), status=refusal.status)
    except FormRefused as refusal:
        problem = f"{refusal.why} Choose the file again to upload it."
        return _new_page(request, campaign, problem=problem, typed=form.cleaned_data, status=422)


def _store(request: Request, campaign: Campaign, file: ReceivedFile, form: NewUploadForm) -> FirstAnswer:
    upload = receiving.receive_file(
        campaign=campaign,
        file=file.spooled,
        file_name=file.raw_name,
        by=request.user,
        by_label=request.user.label,
        kind=form.cleaned_data["kind"],
        choices=expected.first_choices(region=form.cleaned_data["region"], offered=form.cleaned_data["offered_region"]),
        at=timezone.now(),
    )
    return FirstAnswer(url=reverse("uploads:detail", args=[upload.pk]))


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
        "csv_mib": settings.MAX_CSV_MIB,
        "workbook_mib": settings.MAX_WORKBOOK_MIB,
        "max_rows": settings.MAX_ROWS,
    }
    return render(request, "uploads/new.html", context, status=status)


@require_GET
def detail(request: Request, pk: int) -> HttpResponse:
    """The upload's page, by its state. A refresh from the page of an earlier state is answered with a full reload."""
    upload = get_object_or_404(Upload.objects.visible_to(request.user).for_pages(), pk=pk)
    state = state_of(upload, at=timezone.now())
    template = by_stage.TEMPLATES[state]
    if state == State.CHECKED and request.htmx.target == "verdict" and wants_part(request):
        template = f"{template}#verdict"
    elif wants_part(request):
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
    context["again"] = results.again(rejects.pushes_of(upload)) if context["sent"] else {}
    return render(request, "uploads/rejected_of.html", context)


@require_GET
def rejected(request: Request) -> HttpResponse:
    """Rejected records of all uploads, the latest first."""
    wanted = rejects.ListFilter.from_query(request.GET)
    campaign = Campaign.objects.visible_to(request.user).filter(pk=wanted.campaign).first() if wanted.campaign else None
    context = {"listing": rejects_of_all.of_everything(request.user, wanted), "listing_url": request.path, "campaign": campaign}
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
        case "unreadable":
            return uploads.filter(stage=Upload.Stage.UNREADABLE)
        case _:
            return uploads
