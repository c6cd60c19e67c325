from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from voisoadmin.accounts.models import User
from voisoadmin.accounts.requests import Request
from voisoadmin.operations import access
from voisoadmin.operations.forms import FilterForm
from voisoadmin.operations.models import Operation, OperationQuerySet
from voisoadmin.operations.reading import line_of

PAGE = 50
IN_FRAGMENT = 8


@require_safe
def activity(request: Request) -> HttpResponse:
    """All operations, the latest first."""
    form = FilterForm(request.GET, user=request.user)
    context = _page(request, Operation.objects.visible_to(request.user), form)
    context["people"] = User.objects.filter(is_active=True).order_by("first_name", "last_name")
    return render(request, "operations/list.html", context)


@require_safe
def of_campaign(request: Request, pk: int) -> HttpResponse:
    """The operations on one campaign: a panel of its page, or a page."""
    name = access.campaign_name(request.user, pk)
    if name is None:
        raise Http404
    found = Operation.objects.visible_to(request.user).about_campaign(pk)
    if request.htmx:
        operations = list(found[: IN_FRAGMENT + 1])
        context = {
            "lines": [line_of(operation, campaign_name=name) for operation in operations[:IN_FRAGMENT]],
            "more": len(operations) > IN_FRAGMENT,
            "moving": any(not operation.has_ended for operation in operations),
        }
        return render(request, "operations/of_campaign.html#activity", context | {"campaign_id": pk})
    context = _page(request, found, FilterForm(request.GET, user=request.user), campaign_name=name) | {
        "campaign_id": pk,
        "campaign_name": name,
    }
    return render(request, "operations/of_campaign.html", context)


def _page(request: Request, found: OperationQuerySet, form: FilterForm, *, campaign_name: str = "") -> dict[str, object]:
    """One page of operations, and the address of the next: it starts after the last one shown, so nothing is counted."""
    narrowed = form.narrow(found)
    before = form.cleaned_data.get("before")
    operations = list(narrowed.after_in_list(before)[: PAGE + 1])
    shown, query = operations[:PAGE], request.GET.copy()
    if len(operations) > PAGE:
        query["before"] = str(shown[-1].pk)
    first = request.GET.copy()
    first.pop("before", None)
    return {
        "lines": [line_of(operation, campaign_name=campaign_name) for operation in shown],
        "older": f"?{query.urlencode()}" if len(operations) > PAGE else "",
        "newest": f"?{first.urlencode()}" if before else "",
        "form": form,
        "narrowed": form.narrows,
    }
