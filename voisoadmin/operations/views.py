from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from voisoadmin.accounts.models import User
from voisoadmin.accounts.requests import Request
from voisoadmin.operations.activity import page_of
from voisoadmin.operations.forms import FilterForm
from voisoadmin.operations.models import Operation


@require_safe
def activity(request: Request) -> HttpResponse:
    """All operations, the latest first."""
    form = FilterForm(request.GET, user=request.user)
    context = page_of(Operation.objects.visible_to(request.user), form, request.GET)
    context["people"] = User.objects.filter(is_active=True).order_by("first_name", "last_name")
    return render(request, "operations/list.html", context)
