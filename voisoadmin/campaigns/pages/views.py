from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from voisoadmin.accounts.requests import Request, page_or_part
from voisoadmin.accounts.roles import open_to_viewers
from voisoadmin.campaigns import services
from voisoadmin.campaigns.buttons import buttons_of
from voisoadmin.campaigns.describing import CAUSE_UNKNOWN, describe, probable_cause, proven_cause
from voisoadmin.campaigns.models import visible_campaign
from voisoadmin.campaigns.pages import timeline
from voisoadmin.campaigns.pages.board import BoardFilter, show_board
from voisoadmin.campaigns.pages.sections import Column, sections_in
from voisoadmin.campaigns.pages.sending import bar_of
from voisoadmin.campaigns.statuses import Status
from voisoadmin.connections.health import health_of
from voisoadmin.connections.models import Connection
from voisoadmin.lib.numbers import whole_number
from voisoadmin.operations.activity import page_of
from voisoadmin.operations.forms import FilterForm
from voisoadmin.operations.models import Operation
from voisoadmin.operations.presenting import line_of

IN_PANEL = 8  # operations; the page has all


@require_safe
def board(request: Request) -> HttpResponse:
    """All campaigns. For htmx only the table, its tabs and the last answers; the browser's Back gets the whole page."""
    shown = show_board(request.user, BoardFilter.from_query(request.GET.dict()), at=timezone.now())
    response = render(request, page_or_part(request, "campaigns/board.html", "fragment"), {"board": shown})
    if request.htmx and request.htmx.trigger == "search":
        # So that Back, a reload and a copied address show the same campaigns.
        response["HX-Push-Url"] = request.path + shown.choice.here.removesuffix("?")
    return response


@open_to_viewers
@require_POST
def looking(request: Request) -> HttpResponse:
    """A page that shows these campaigns is open: keep them fresh. It changes nothing a user would call a change."""
    ids = [key for text in request.POST.getlist("campaign") if (key := whole_number(text)) is not None]
    services.keep_fresh(ids, by=request.user, at=timezone.now())
    return HttpResponse(status=204)


@require_POST
def try_now(request: Request, pk: int) -> HttpResponse:
    """Try a silent contact centre now, before its hold ends."""
    connection = get_object_or_404(Connection.objects.visible_to(request.user), pk=pk)
    services.ask_for_sync([connection.pk], at=timezone.now(), job="try_connection")
    return redirect("campaigns:board")


@require_safe
def detail(request: Request, pk: int) -> HttpResponse:
    campaign = visible_campaign(request.user, pk)
    at = timezone.now()
    health = health_of(campaign.connection, at=at)
    chip = describe(campaign, campaign.connection, at, health)
    why = probable_cause(campaign, at) if campaign.status == Status.AUTO_PAUSED else ""
    context = {
        "campaign": campaign,
        "lane": campaign.lane,
        "chip": chip,
        "health": health,
        "buttons": buttons_of(campaign, at=at, health=health),
        "why": why,
        "cause_is_proven": bool(why and proven_cause(campaign, at)),
        "cause_is_unknown": why == CAUSE_UNKNOWN,
        "bar": bar_of(campaign.lane),
        "waiting": campaign.lane.sending_left,
        "day": timeline.today(campaign, at=at),
        "main_sections": sections_in(Column.MAIN),
        "rail_sections": sections_in(Column.RAIL),
    }
    return render(request, page_or_part(request, "campaigns/detail.html", "fragment"), context)


@require_safe
def states(request: Request, pk: int) -> HttpResponse:
    """The states of today, or of the day in `day`."""
    campaign = visible_campaign(request.user, pk)
    at = timezone.now()
    try:
        day = timeline.of_day(campaign, request.GET.get("day", ""), at=at)
    except ValueError:
        raise Http404 from None
    template = "campaigns/timeline.html#states" if request.htmx else "campaigns/timeline.html"
    return render(request, template, {"campaign": campaign, "day": day})


@require_safe
def activity(request: Request, pk: int) -> HttpResponse:
    """The operations on one campaign: a panel of its page, or a page."""
    campaign = visible_campaign(request.user, pk)
    found = Operation.objects.visible_to(request.user).about_campaign(pk)
    here = reverse("campaigns:activity", args=[pk])
    context: dict[str, object] = {"campaign": campaign, "here": here}
    if request.htmx:
        operations = list(found[: IN_PANEL + 1])
        context["lines"] = [line_of(operation, campaign_name=str(campaign)) for operation in operations[:IN_PANEL]]
        context["all_url"] = here if len(operations) > IN_PANEL else ""
        context["every"] = 15 if all(operation.has_ended for operation in operations) else 2
        return render(request, "campaigns/activity.html#activity", context)
    form = FilterForm(request.GET, user=request.user)
    context |= page_of(found, form, request.GET, campaign_name=str(campaign))
    return render(request, "campaigns/activity.html", context)
