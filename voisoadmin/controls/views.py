from django.core.exceptions import BadRequest
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from voisoadmin.accounts.requests import Request
from voisoadmin.accounts.roles import only_for_changes
from voisoadmin.campaigns.describing import describe
from voisoadmin.campaigns.events import CHANGED
from voisoadmin.campaigns.models import Campaign, visible_campaign
from voisoadmin.campaigns.possible import possible_changes
from voisoadmin.campaigns.statuses import Status
from voisoadmin.controls import services
from voisoadmin.controls.forms import ChangeForm
from voisoadmin.controls.panel import panel_of
from voisoadmin.lib.own_pages import own_page
from voisoadmin.operations.models import Operation
from voisoadmin.submissions.services import FirstAnswer, FormRefused, once
from voisoadmin.voiso import Change

PRESS_AGAIN = "Press the button again if you still want it."


@require_safe
def panel(request: Request, pk: int) -> HttpResponse:
    campaign = visible_campaign(request.user, pk)
    response = _panel(request, campaign)
    if request.htmx and request.GET.get("pending") and not campaign.pending_operation:
        response["HX-Trigger"] = CHANGED
    return response


@require_POST
def operate(request: Request, pk: int) -> HttpResponse:
    campaign = visible_campaign(request.user, pk)
    form = ChangeForm(_posted(request))
    if not form.is_valid():
        raise BadRequest("Invalid form.")
    wanted = form.cleaned_data

    def act() -> FirstAnswer:
        shown = wanted["shown_status"]
        operation = services.request_change(campaign, wanted["change"], by=request.user, at=timezone.now(), shown_status=shown)
        return FirstAnswer(about={"operation": operation.pk})

    try:
        answer = once(request, act, content={"shown": request.GET.get("shown", "")})
    except FormRefused as problem:
        return _changed(request, _panel(request, campaign, status=422, refused=f"{problem.why} {PRESS_AGAIN}"))
    operation = Operation.objects.get(pk=answer.about["operation"])
    status = _http_status(operation)
    if request.htmx:
        return _changed(request, _panel(request, visible_campaign(request.user, pk), status=status, clicked=operation))
    if status == 200:
        # The campaign's state there shows the request. Not redirect(), which takes a word without a slash for a view's
        # name.
        return HttpResponseRedirect(_back(request, wanted["next"], campaign))
    return _panel(request, visible_campaign(request.user, pk), status=status, clicked=operation)


@only_for_changes
@require_safe
def confirm_stop(request: Request, pk: int) -> HttpResponse:
    campaign = visible_campaign(request.user, pk)
    reason = possible_changes(campaign)[Change.STOP]
    context = {
        "campaign": campaign,
        "reason": reason,
        "way_out": "Back" if reason else "Keep paused" if campaign.status == Status.PAUSED else "Keep running",
        "sending": campaign.lane.sending_left,
        "next": _back(request, request.GET.get("next", "") or request.htmx.current_url_abs_path or "", campaign),
    }
    page = "controls/confirm_stop.html#question" if request.htmx else "controls/confirm_stop.html"
    return render(request, page, context)


def _posted(request: Request) -> QueryDict:
    """The rows of the board share a form, so what a row's button was pressed for is in its address."""
    if "shown" not in request.GET:
        return request.POST
    posted = request.POST.copy()
    posted["shown_status"] = request.GET["shown"]
    return posted


def _changed(request: Request, response: HttpResponse) -> HttpResponse:
    """Make the other parts of the page refresh, and with them the tokens of their forms."""
    if request.htmx:
        response["HX-Trigger"] = CHANGED
    return response


def _panel(
    request: Request, campaign: Campaign, *, status: int = 200, clicked: Operation | None = None, refused: str = ""
) -> HttpResponse:
    page = "controls/panel.html#panel" if request.htmx else "controls/panel.html"
    at = timezone.now()
    # On the campaign's page the buttons are in the head, and their outcome below it.
    on_page = bool(request.htmx) and request.htmx.target == "controls"
    context = {
        "panel": panel_of(campaign, at=at, reader=request.user, clicked=clicked),
        "refused": refused,
        "campaign": campaign,
        "chip": describe(campaign, campaign.connection, at),
        "on_page": on_page,
    }
    return render(request, page, context, status=status)


def _http_status(operation: Operation) -> int:
    if operation.status != Operation.Status.REFUSED:
        return 200
    return 409 if operation.result.get("refused") == "conflict" else 422


def _back(request: Request, wanted: str, campaign: Campaign) -> str:
    """The page of ours that the click came from, if any."""
    return own_page(request, wanted, otherwise=reverse("campaigns:detail", args=[campaign.pk]))
