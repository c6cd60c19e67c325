from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from voisoadmin.accounts.models import User
from voisoadmin.accounts.requests import Request
from voisoadmin.lib.attachments import csv_download
from voisoadmin.operations.activity import page_of
from voisoadmin.operations.exporting import HEADER, rows_of
from voisoadmin.operations.forms import FilterForm
from voisoadmin.operations.models import Operation
from voisoadmin.sheets.out import csv_blocks


@require_safe
def activity(request: Request) -> HttpResponse:
    """All operations, the latest first."""
    form = FilterForm(request.GET, user=request.user)
    found = Operation.objects.visible_to(request.user)
    if not form.looks_into_bulks:
        found = found.at_the_top(request.user)
    context = page_of(found, form, request.GET)
    context["people"] = User.objects.filter(is_active=True).order_by("first_name", "last_name")
    return render(request, "operations/list.html", context)


@require_GET
def export(request: Request) -> HttpResponseBase:
    """The operations that the page lists with the same filters, all pages of them, and each campaign of a bulk."""
    found = FilterForm(request.GET, user=request.user).narrow(Operation.objects.visible_to(request.user))
    day = timezone.localdate().isoformat()
    return csv_download(f"activity-{day}.csv", csv_blocks(HEADER, rows_of(found)))
