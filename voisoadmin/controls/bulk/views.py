from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from voisoadmin.accounts.requests import Request
from voisoadmin.campaigns.bulk.bulk_page import LINES_ON_BOARD, result_of
from voisoadmin.campaigns.bulk.selection import Shown, selected
from voisoadmin.campaigns.bulk.views import refusal
from voisoadmin.campaigns.statuses import impossible_in
from voisoadmin.controls.bulk.begin import begin_bulk
from voisoadmin.controls.bulk.stop_question import is_typed, stop_question
from voisoadmin.controls.forms import ManyForm
from voisoadmin.operations.clicks import ActionRefused, Click
from voisoadmin.operations.models import Operation
from voisoadmin.submissions.services import FirstAnswer, FormRefused, once
from voisoadmin.voiso import Change

PRESS_AGAIN = "Press the button again if you still want it."


@require_POST
def change_many(request: Request) -> HttpResponse:
    """Start, pause or stop the ticked campaigns. A stop is asked about first; the answer posts the frozen ones here."""
    form = ManyForm(request.POST)
    if not form.is_valid():
        raise BadRequest("Invalid form.")
    change: Change = form.cleaned_data["change"]
    try:
        shown, left_out = _possible(selected(request.POST, request.user), change)
        if change == Change.STOP:
            question = stop_question(shown, request.user, left_out=left_out)
            answered = form.cleaned_data["sure"]
            if not answered or not is_typed(form.cleaned_data["typed"], question):
                return _ask(request, question, wrong=answered)
        answer = once(request, lambda: _begin(request, change, shown, left_out))
    except FormRefused as problem:
        return refusal(request, f"{problem.why} {PRESS_AGAIN}")
    except ActionRefused as problem:
        return refusal(request, str(problem))
    if not request.htmx:
        return answer.redirect(request)
    bulk = Operation.objects.get(pk=answer.about["operation"])
    context = {"bulk": result_of(bulk, request.user, size=LINES_ON_BOARD), "few": True, "fresh": True}
    return render(request, "campaigns/bulk.html#panel", context)


def _begin(request: Request, change: Change, shown: Shown, left_out: int) -> FirstAnswer:
    bulk = begin_bulk(change, shown, Click(by=request.user, at=timezone.now()), left_out=left_out)
    return FirstAnswer(url=reverse("campaigns:bulk", args=[bulk.pk]), about={"operation": bulk.pk})


def _possible(shown: Shown, change: Change) -> tuple[Shown, int]:
    """Those for which it was possible in the status shown, as the number in the button said, and how many others."""
    possible = [(key, status) for key, status in shown if not impossible_in(status)[change]]
    if not possible:
        reason = impossible_in(shown[0][1])[change]
        why = f"{reason}." if len(shown) == 1 else f"None of these {len(shown):,} campaigns can {VERBS[change]} now."
        raise ActionRefused(f"Nothing was sent. {why}")
    return possible, len(shown) - len(possible)


VERBS = {Change.START: "start", Change.PAUSE: "be paused", Change.STOP: "be stopped"}


def _ask(request: Request, question: object, *, wrong: bool) -> HttpResponse:
    page = "controls/confirm_stop_many.html#question" if request.htmx else "controls/confirm_stop_many.html"
    return render(request, page, {"question": question, "wrong": wrong}, status=422 if wrong else 200)
