from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from voisoadmin.accounts.models import User
from voisoadmin.accounts.requests import Request
from voisoadmin.accounts.roles import only_for_changes
from voisoadmin.assignments import services
from voisoadmin.assignments.models import Roster
from voisoadmin.assignments.picking.difference import CannotPlan, Difference, difference
from voisoadmin.assignments.picking.pick_page import agents_to_pick, pick_page
from voisoadmin.assignments.picking.picked import MOST_CAMPAIGNS, Picked
from voisoadmin.assignments.preview import why_unread
from voisoadmin.assignments.preview_page import ACTION_WORDS, as_typed
from voisoadmin.assignments.typed_names import MOST_NAMES, RosterIndex, folded, split_names
from voisoadmin.campaigns.bulk.selection import selected
from voisoadmin.campaigns.bulk.views import refusal
from voisoadmin.campaigns.models import Campaign
from voisoadmin.connections.models import Connection
from voisoadmin.operations.clicks import ActionRefused, Click
from voisoadmin.operations.models import Operation
from voisoadmin.submissions.services import FirstAnswer, FormRefused, once
from voisoadmin.submissions.typed_again import shows_typed_again


@shows_typed_again
@only_for_changes
@require_http_methods(["GET", "HEAD", "POST"])
def pick(request: Request, pk: int) -> HttpResponse:
    """Pick agents, teams and campaigns; see what would change; change it."""
    connection = get_object_or_404(Connection.objects.visible_to(request.user), pk=pk)
    sent = request.POST if request.method == "POST" else request.GET
    picked, step = Picked.of(sent).known_in(connection), sent.get("step", "")
    if step == "all":
        picked = picked.with_agents(agents_to_pick(connection, sent).values_list("pk", flat=True)[: MOST_NAMES + 1])
    if step == "none":
        picked = Picked(do=picked.do)
    if request.method == "POST" and step in {"preview", "apply"}:
        return _change(request, connection, _swapped(picked, sent.get("swap", ""), connection), is_confirmed=step == "apply")
    return _lists(request, connection, picked)


@require_POST
def selected_campaigns(request: Request) -> HttpResponse:
    """From the campaigns that are ticked on the board to the page for picking."""
    try:
        ids = [pk for pk, _ in selected(request.POST, request.user)]
        centres = _centres_of(ids, request.user)
    except ActionRefused as problem:
        return refusal(request, str(problem))
    url = f"{reverse('assignments:pick', args=centres)}?{urlencode({'on': ','.join(map(str, ids))})}"
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


def _centres_of(campaign_ids: list[int], user: User) -> list[int]:
    """The one contact centre of these campaigns. Raises ActionRefused."""
    if len(campaign_ids) > MOST_CAMPAIGNS:
        raise ActionRefused(f"Agents can be assigned to at most {MOST_CAMPAIGNS:,} campaigns at once. Select fewer.")
    found = Campaign.objects.visible_to(user).filter(pk__in=campaign_ids)
    centres = list(found.order_by().values_list("connection", flat=True).distinct())
    if not centres:
        raise ActionRefused("None of these campaigns is listed any more. Choose again.")
    if len(centres) > 1:
        raise ActionRefused(
            f"These are campaigns of {len(centres)} contact centres, which share no agents. Select one centre's."
        )
    return centres


def _lists(request: Request, connection: Connection, picked: Picked, *, problem: str = "", status: int = 200) -> HttpResponse:
    sent = request.POST if request.method == "POST" else request.GET
    context = {"shown": pick_page(connection, picked, sent, problem=problem)}
    return render(request, "assignments/pick.html", context, status=status)


def _change(request: Request, connection: Connection, picked: Picked, *, is_confirmed: bool) -> HttpResponse:
    try:
        change = difference(connection, picked)
    except CannotPlan as problem:
        return _lists(request, connection, picked, problem=str(problem), status=422)
    if not is_confirmed:
        return _preview(request, connection, picked, change)

    def act() -> FirstAnswer:
        if request.POST.get("seal") != change.seal or not change.changed:
            raise FormRefused("What would change is not what was shown.", "Check the list again.")
        click = Click(by=request.user, at=timezone.now())
        operation = services.request_people_on(change.changed, change.to_send, click)
        return FirstAnswer(about={"operation": operation.pk})

    try:
        operation = Operation.objects.get(pk=once(request, act).about["operation"])
    except (FormRefused, ActionRefused) as problem:
        return _preview(request, connection, picked, change, problem=str(problem), status=422)
    if operation.status == Operation.Status.REFUSED:
        return _preview(request, connection, picked, change, problem=operation.problem, status=409)
    messages.info(request, "Sent to Voiso. The result for each name appears here.")
    if operation.campaigns:
        return redirect("campaigns:bulk", pk=operation.pk)
    return redirect("campaigns:detail", pk=operation.subject_id)


def _preview(
    request: Request, connection: Connection, picked: Picked, change: Difference, *, problem: str = "", status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "connection": connection,
        "picked": picked,
        "picked_value": " ".join(picked.boxes),
        "change": change,
        "words": ACTION_WORDS[change.action],
        "roster": Roster.objects.filter(connection=connection).first(),
        "unread": why_unread(connection),
        "problem": problem,
    }
    return render(request, "assignments/difference.html", context, status=status)


def _swapped(picked: Picked, swap: str, connection: Connection) -> Picked:
    """`swap`: a pasted name and its replacement, apart by a tab."""
    given, _, meant = swap.partition("\t")
    if not meant:
        return picked
    names = split_names(picked.names, RosterIndex.of(connection))
    return replace(picked, names=as_typed(meant if folded(name) == folded(given) else name for name in names))
