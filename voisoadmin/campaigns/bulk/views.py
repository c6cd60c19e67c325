from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from voisoadmin.accounts.requests import Request, page_or_part, wants_part
from voisoadmin.accounts.roles import only_for_changes
from voisoadmin.campaigns.bulk.asking import Chosen, ask_bulk, cancel_waiting
from voisoadmin.campaigns.bulk.bulk_kinds import job_of
from voisoadmin.campaigns.bulk.bulk_page import LINES, LINES_ON_BOARD, children_of, failed_of, result_of, version_of
from voisoadmin.campaigns.bulk.selection import all_of, freeze, selected
from voisoadmin.campaigns.events import CHANGED
from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.pages.board_filter import BoardFilter, matching
from voisoadmin.campaigns.statuses import impossible_in
from voisoadmin.lib.paging import page_number
from voisoadmin.operations.clicks import ActionRefused, Click
from voisoadmin.operations.models import Operation
from voisoadmin.submissions.services import FirstAnswer, FormRefused, once
from voisoadmin.voiso import Change


def visible_bulk(request: Request, pk: int) -> Operation:
    """Raises Http404 if there is none that the user may see."""
    return get_object_or_404(Operation.objects.visible_to(request.user).bulks(), pk=pk)


@require_safe
def result(request: Request, pk: int) -> HttpResponse:
    """A page with its own address; for htmx its part, or nothing new. On the board (`few`) only the first lines."""
    bulk = visible_bulk(request, pk)
    if wants_part(request) and request.GET.get("version") == version_of(bulk, request.user):
        return HttpResponse(status=204)
    response = render(request, page_or_part(request, "campaigns/bulk.html", "panel"), _context(request, bulk))
    if wants_part(request):
        response["HX-Trigger"] = CHANGED  # the rows of the board around it
    return response


@require_POST
def cancel(request: Request, pk: int) -> HttpResponse:
    bulk = visible_bulk(request, pk)

    def act() -> FirstAnswer:
        left_out = cancel_waiting(bulk, Click(by=request.user, at=timezone.now()))
        says = f"{left_out:,} cancelled. What was sent before stays." if left_out else "None was left to cancel."
        return FirstAnswer(url=reverse("campaigns:bulk", args=[pk]), says=says)

    try:
        return once(request, act).redirect(request)
    except FormRefused as problem:
        return _refused(request, bulk, str(problem))


@require_POST
def retry(request: Request, pk: int) -> HttpResponse:
    """Another bulk with the campaigns that failed, in the state in which the page showed them."""
    bulk = visible_bulk(request, pk)

    def act() -> FirstAnswer:
        shown = dict(selected(request.POST, request.user))
        failed = {child.subject_id: child for child in children_of(bulk, request.user).filter(subject_id__in=shown)}
        again = [
            Chosen(campaign_id=key, shown_status=shown[key], **job_of(bulk.kind).again(failed[key]))
            for key in shown
            if key in failed
        ]
        made = ask_bulk(Operation.Kind(bulk.kind), again, Click(by=request.user, at=timezone.now()))
        return FirstAnswer(url=reverse("campaigns:bulk", args=[made.pk]), about={"operation": made.pk})

    try:
        return once(request, act).redirect(request)
    except (ActionRefused, FormRefused) as problem:
        return _refused(request, bulk, str(problem))


@only_for_changes
@require_safe
def select_all(request: Request) -> HttpResponse:
    """All campaigns that the board's filter finds, frozen with the state shown now."""
    choice = BoardFilter.from_query(request.GET.dict())
    context: dict[str, object] = {"choice": choice}
    try:
        shown = all_of(matching(request.user, choice))
    except ActionRefused as problem:
        return refusal(request, str(problem))
    context |= {
        "frozen": freeze(shown, request.user),
        "count": len(shown),
        "can": {change.value: sum(not impossible_in(status)[change] for _, status in shown) for change in Change},
        "some": Campaign.objects.filter(pk__in=[key for key, _ in shown[:10]]).select_related("connection"),
        "more": max(0, len(shown) - 10),
    }
    return render(request, "campaigns/bulk_all.html", context)


def refusal(request: Request, problem: str) -> HttpResponse:
    """Nothing was done, and why: above the board's rows, or as a page."""
    page = page_or_part(request, "campaigns/bulk_refused.html", "note")
    answer = render(request, page, {"problem": problem}, status=422)
    answer["HX-Retarget"], answer["HX-Reswap"] = "#bulk-result", "innerHTML"
    return answer


def _refused(request: Request, bulk: Operation, problem: str) -> HttpResponse:
    return render(request, "campaigns/bulk.html", _context(request, bulk) | {"refused": problem}, status=422)


def _context(request: Request, bulk: Operation) -> dict[str, object]:
    few = bool(request.GET.get("few"))
    number, size = (1, LINES_ON_BOARD) if few else (page_number(request.GET.get("page", "")), LINES)
    found = result_of(bulk, request.user, shown=request.GET.get("show", ""), number=number, size=size)
    frozen = freeze(failed_of(bulk, request.user), request.user) if found.failed and bulk.has_ended else ""
    return {"bulk": found, "few": few, "frozen": frozen}
