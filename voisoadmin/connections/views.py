"""Connections: only for administrators; for other users these pages don't exist."""

import uuid

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from voisoadmin.accounts.requests import Request
from voisoadmin.connections import services
from voisoadmin.connections.forms import ConnectionForm, TokenForm
from voisoadmin.connections.models import Connection
from voisoadmin.connections.states import state_of


@require_safe
def connection_list(request: Request) -> HttpResponse:
    _administrators_only(request)
    at = timezone.now()
    rows = [(connection, state_of(connection, at=at)) for connection in Connection.objects.managed_by(request.user)]
    return render(request, "connections/list.html", {"rows": rows, "at": at, "max_rows": settings.MAX_ROWS})


@sensitive_post_parameters("key")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    _administrators_only(request)
    return _form_page(request, None)


@sensitive_post_parameters("key")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    return _form_page(request, _managed(request, pk))


@require_POST
def check(request: Request, pk: int) -> HttpResponse:
    connection = _managed(request, pk)
    _check(request, connection, _token(request))
    return redirect("connections:list")


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: Request, pk: int) -> HttpResponse:
    connection = _managed(request, pk)
    if request.method == "POST":
        services.remove_connection(connection, by=request.user, at=timezone.now(), client_token=_token(request))
        messages.success(request, f"{connection.name} is removed here, and its key is forgotten. Nothing in Voiso has changed.")
        return redirect("connections:list")
    page = "connections/remove.html#question" if request.htmx else "connections/remove.html"
    return render(request, page, {"connection": connection, "campaigns": connection.campaigns.count()})


def _form_page(request: Request, connection: Connection | None) -> HttpResponse:
    form = ConnectionForm(request.POST or None, connection=connection)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        try:
            saved = services.save_connection(
                name=wanted["name"],
                address=wanted["address"],
                generation=wanted["generation"],
                key=wanted["key"],
                connection=connection,
                by=request.user,
                client_token=wanted["client_token"],
                at=timezone.now(),
            )
        except services.KeyNeeded as problem:
            form.add_error("key", str(problem))
        except services.ConnectionRefused as problem:
            form.add_error(None, str(problem))
        else:
            messages.info(request, f"{saved.name} is saved.")
            token = wanted["client_token"]
            # A derived token, always the same one: a resent form repeats neither the change nor the test.
            _check(request, saved, uuid.uuid5(token, "check") if token else None)
            return redirect("connections:list")
    context = {"form": form, "connection": connection}
    return render(request, "connections/form.html", context, status=422 if form.is_bound else 200)


def _check(request: Request, connection: Connection, token: uuid.UUID | None) -> None:
    # In the request, not in the queue: it works before any worker runs, and ends within its deadline whatever Voiso does.
    found = services.check_for(connection, by=request.user, at=timezone.now(), client_token=token)
    (messages.success if found.ok else messages.error)(request, found.words)


def _managed(request: Request, pk: int) -> Connection:
    return get_object_or_404(Connection.objects.managed_by(request.user), pk=pk)


def _administrators_only(request: Request) -> None:
    if not request.user.is_administrator:
        raise Http404


def _token(request: Request) -> uuid.UUID | None:
    form = TokenForm(request.POST)
    return form.cleaned_data["client_token"] if form.is_valid() else None
