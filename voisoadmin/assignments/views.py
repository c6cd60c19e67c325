from datetime import datetime
from typing import TypeVar

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from voisoadmin.accounts.requests import Request, page_or_part
from voisoadmin.accounts.roles import open_to_viewers
from voisoadmin.assignments import roster as rosters
from voisoadmin.assignments import services
from voisoadmin.assignments.forms import PeopleForm
from voisoadmin.assignments.member_page import agent_page, team_page
from voisoadmin.assignments.models import Agent, Team
from voisoadmin.assignments.preview import Action, NameChange, fingerprint, mark_assigned, plan
from voisoadmin.assignments.preview_page import preview_page
from voisoadmin.assignments.roster_page import roster_page
from voisoadmin.assignments.showing import people_of
from voisoadmin.assignments.typed_names import MOST_NAMES, RosterIndex, folded, split_names
from voisoadmin.campaigns.events import CHANGED
from voisoadmin.campaigns.models import Campaign, visible_campaign
from voisoadmin.campaigns.presence import needs
from voisoadmin.connections.families import why_not
from voisoadmin.connections.models import Connection, Family
from voisoadmin.operations.models import Operation
from voisoadmin.submissions.services import FirstAnswer, FormRefused, once
from voisoadmin.submissions.typed_again import shows_typed_again

Member = TypeVar("Member", Agent, Team)


@require_safe
def panel(request: Request, pk: int) -> HttpResponse:
    """Who is on the campaign: a panel of its page, or a page with search."""
    campaign = visible_campaign(request.user, pk)
    people = people_of(campaign, query=request.GET, is_rail=bool(request.htmx))
    page = "assignments/panel.html#people" if request.htmx else "assignments/panel.html"
    response = render(request, page, {"people": people, "campaign": campaign})
    if request.htmx and request.GET.get("moving") and not people.is_moving:
        response["HX-Trigger"] = CHANGED
    return response


@open_to_viewers
@require_POST
def look(request: Request, pk: int) -> HttpResponse:
    """A page that shows the people of this campaign is open: ask Voiso if the last answer isn't fresh."""
    campaign = visible_campaign(request.user, pk)
    at = timezone.now()
    if not why_not(campaign.connection, Family.PEOPLE, at):
        rosters.ask_for_people(campaign, at=at)
        rosters.ask_for_roster(campaign.connection, at=at)
    _show_statuses(campaign.connection, at)
    if request.htmx:
        return HttpResponse(status=204)
    return redirect("assignments:panel", pk=pk)


@shows_typed_again
@require_POST
def change(request: Request, pk: int) -> HttpResponse:
    """Show what a list would change; change it once confirmed."""
    campaign = visible_campaign(request.user, pk)
    form = PeopleForm(request.POST)
    if not form.is_valid():
        raise BadRequest("Invalid form.")
    names, do = _names(campaign, form), form.cleaned_data["do"]
    if not names or len(names) > MOST_NAMES:
        why = f"Too many names (limit {MOST_NAMES:,}). Paste fewer." if names else "Enter at least one name."
        context = {"people": people_of(campaign), "campaign": campaign, "wrong": why}
        return render(request, "assignments/panel.html", context, status=422)
    entries = plan(campaign, **{do: names})
    if form.cleaned_data["step"] != "apply":
        return _preview(request, campaign, mark_assigned(campaign, entries), do)

    def act() -> FirstAnswer:
        if form.cleaned_data["members"] not in ("", fingerprint(entries)):
            raise FormRefused("The agents of a team have changed.", "Check the list again.")
        operation = services.request_people(campaign, entries, by=request.user, at=timezone.now())
        return FirstAnswer(about={"operation": operation.pk})

    shown = mark_assigned(campaign, entries)
    try:
        operation = Operation.objects.get(pk=once(request, act).about["operation"])
    except FormRefused as problem:
        return _preview(request, campaign, shown, do, problem=str(problem), status=422)
    if operation.status == Operation.Status.REFUSED:
        return _preview(request, campaign, shown, do, problem=operation.problem, status=409)
    messages.info(request, "Sent to Voiso. See the result for each name under Last change.")
    return redirect("campaigns:detail", pk=pk)


@require_safe
def roster(request: Request) -> HttpResponse:
    """All agents and teams of a contact centre. For htmx only the lists; the browser's Back gets the whole page."""
    shown = roster_page(Connection.objects.visible_to(request.user).select_related("presence", "roster"), request.GET)
    request.connections = shown.connections
    return render(request, page_or_part(request, "assignments/roster.html", "lists"), {"shown": shown})


@require_safe
def agent(request: Request, pk: int) -> HttpResponse:
    """One agent: the campaigns, the teams, the status."""
    found = get_object_or_404(_visible(Agent, request).prefetch_related("teams"), pk=pk)
    return render(request, "assignments/member.html", {"shown": agent_page(found)})


@require_safe
def team(request: Request, pk: int) -> HttpResponse:
    """One team: its campaigns and its agents."""
    found = get_object_or_404(_visible(Team, request), pk=pk)
    return render(request, "assignments/member.html", {"shown": team_page(found, request.GET)})


@open_to_viewers
@require_POST
def look_at_roster(request: Request, pk: int) -> HttpResponse:
    """A page that shows the agents of this contact centre is open: have their status and their campaigns read."""
    connection = get_object_or_404(Connection.objects.visible_to(request.user), pk=pk)
    at = timezone.now()
    _show_statuses(connection, at)
    if not why_not(connection, Family.PEOPLE, at):
        rosters.ask_for_lists(connection, at=at)
    return HttpResponse(status=204)


@open_to_viewers
@require_POST
def refresh_roster(request: Request, pk: int) -> HttpResponse:
    """Read the agents and teams of a contact centre again."""
    connection = get_object_or_404(Connection.objects.visible_to(request.user), pk=pk)
    at = timezone.now()
    _show_statuses(connection, at)
    if why := why_not(connection, Family.LOOKUPS, at):
        messages.warning(request, f"{connection.name} is unavailable: {why}")
    elif rosters.ask_for_roster(connection, at=at):
        messages.info(request, f"Loading the agents of {connection.name}. They appear here when Voiso answers.")
    else:
        messages.info(request, f"The agents of {connection.name} were just updated, or are loading now.")
    response = redirect("assignments:roster")
    response["Location"] += f"?connection={connection.pk}"
    return response


def _visible(model: type[Member], request: Request) -> QuerySet[Member]:
    return model.objects.filter(connection__in=Connection.objects.visible_to(request.user)).select_related("connection")


def _show_statuses(connection: Connection, at: datetime) -> None:
    """An open page shows the status of this contact centre's agents."""
    needs.need(connection, at=at)
    needs.ask_where_due(at=at, connection=connection)


def _names(campaign: Campaign, form: PeopleForm) -> list[str]:
    names = split_names(form.cleaned_data["names"], RosterIndex.of(campaign.connection))
    given, _, meant = form.cleaned_data["swap"].partition("\t")
    if meant:
        unknown = folded(given)
        names = [meant if folded(name) == unknown else name for name in names]
    return names


def _preview(
    request: Request, campaign: Campaign, entries: list[NameChange], do: Action, *, problem: str = "", status: int = 200
) -> HttpResponse:
    context = preview_page(campaign, entries, do, problem=problem)
    return render(request, "assignments/preview.html", context, status=status)
