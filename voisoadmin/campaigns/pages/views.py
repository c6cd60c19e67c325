from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from voisoadmin.accounts.requests import Request, page_or_part
from voisoadmin.accounts.roles import open_to_viewers
from voisoadmin.campaigns import services
from voisoadmin.campaigns.counted import by_hour
from voisoadmin.campaigns.models import visible_campaign
from voisoadmin.campaigns.pages import campaign_page
from voisoadmin.campaigns.pages.board import leave_changes
from voisoadmin.campaigns.pages.board_filter import BoardFilter
from voisoadmin.campaigns.pages.campaign_history import history_of, moment_named, name_of_moment
from voisoadmin.campaigns.pages.campaign_page import CampaignPage
from voisoadmin.campaigns.pages.day_states import day_named, of_day
from voisoadmin.campaigns.pages.hour_columns import columns_of
from voisoadmin.campaigns.pages.sections import sections
from voisoadmin.campaigns.pages.shared_boards import boards
from voisoadmin.connections.health import health_of
from voisoadmin.connections.models import Connection
from voisoadmin.lib.numbers import whole_number
from voisoadmin.operations.activity import page_of
from voisoadmin.operations.forms import FilterForm
from voisoadmin.operations.models import Operation

ON_PAGE = 50  # lines of the timeline


@require_safe
def board(request: Request) -> HttpResponse:
    """All campaigns. For htmx, which searches, only the list and its tabs; the browser's Back gets the whole page."""
    shown = boards.now(request.user, BoardFilter.from_query(request.GET.dict()), at=timezone.now())
    request.connections = shown.connections
    response = render(request, page_or_part(request, "campaigns/board.html", "fragment"), {"board": shown})
    if request.htmx and request.htmx.trigger == "search":
        # So that Back, a reload and a copied address show the same campaigns.
        response["HX-Push-Url"] = request.path + shown.choice.here.removesuffix("?")
    return response


@require_safe
def board_parts(request: Request) -> HttpResponse:
    """The one poll of an open board. `v` names the versions of what it shows; only what has changed is sent.

    `kept`: the campaigns of its rows, while some are ticked: no other row comes, and none moves.
    """
    shown, kept = set(request.GET.get("v", "").split()), request.GET.get("kept")
    keys = None if kept is None else [key for text in kept.split() if (key := whole_number(text)) is not None]
    board = boards.lately(request.user, BoardFilter.from_query(request.GET.dict()), at=timezone.now())
    leave_changes(board, shown, kept=keys)
    if not board.changed:
        return HttpResponse(status=204)
    return render(request, "campaigns/board.html#changes", {"board": board})


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
    page = CampaignPage(campaign, request.user, at=timezone.now())
    context = {"campaign": campaign, "lane": campaign.lane, "page": page, "versions": page.first_versions}
    return render(request, "campaigns/detail.html", context)


@require_safe
def parts(request: Request, pk: int) -> HttpResponse:
    """The one poll of an open campaign's page. `v` names the versions of its parts; only those that have changed are sent."""
    campaign = visible_campaign(request.user, pk)
    page = CampaignPage(campaign, request.user, at=timezone.now())
    shown, versions = set(request.GET.get("v", "").split()), page.versions()
    changed = {name: version for name, version in versions.items() if version not in shown}
    if not changed:
        return HttpResponse(status=204)
    page.drawn = changed.keys()
    changed_sections = [(one.id, changed[one.id]) for one in sections() if one.id in changed]
    context = {
        "campaign": campaign,
        "lane": campaign.lane,
        "page": page,
        "versions": versions,
        "changed": changed,
        "changed_sections": changed_sections,
    }
    response = render(request, "campaigns/detail.html#parts", context)
    # The buttons and the other apps' sections load themselves.
    events = [f"changed-{name}" for name, _ in changed_sections]
    if {campaign_page.SAYS, campaign_page.TIMELINE} & changed.keys():
        events.append("changed-controls")
    response["HX-Trigger"] = ", ".join(events)
    return response


@require_safe
def day(request: Request, pk: int) -> HttpResponse:
    """The states and the contacts of the day in `day`, or of today."""
    campaign = visible_campaign(request.user, pk)
    at, zone = timezone.now(), campaign.connection.zone
    try:
        wanted = day_named(request.GET.get("day", ""), zone, at=at)
    except ValueError:
        raise Http404 from None
    days_ago = (at.astimezone(zone).date() - wanted).days
    hours = by_hour([campaign.lane_id], zone, at=at, days_ago=days_ago)
    health = health_of(campaign.connection, at=at)
    shown = of_day(campaign, hours, at=at, known_until=health.since if health.out else None)
    columns = columns_of(hours, shown.begins, shown.ends)
    return render(request, "campaigns/day.html", {"campaign": campaign, "day": shown, "columns": columns})


@require_safe
def timeline(request: Request, pk: int) -> HttpResponse:
    """Everything that happened to a campaign, the latest first."""
    campaign = visible_campaign(request.user, pk)
    before = moment_named(request.GET.get("before", ""))
    entries, has_more = history_of(campaign, request.user, most=ON_PAGE, before=before)
    context = {
        "campaign": campaign,
        "entries": entries,
        "older": f"?before={name_of_moment(entries[-1].at)}" if has_more else "",
        "is_older": before is not None,
    }
    return render(request, "campaigns/timeline.html", context)


@require_safe
def activity(request: Request, pk: int) -> HttpResponse:
    """The operations on one campaign, with filters."""
    campaign = visible_campaign(request.user, pk)
    found = Operation.objects.visible_to(request.user).about_campaign(pk)
    form = FilterForm(request.GET, user=request.user)
    context = {"campaign": campaign, **page_of(found, form, request.GET, campaign_name=str(campaign))}
    return render(request, "campaigns/activity.html", context)
