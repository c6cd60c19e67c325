"""Connections: only for administrators; for other users these pages don't exist."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from voisoadmin.accounts.requests import Request
from voisoadmin.connections import connection_test, services
from voisoadmin.connections.forms import ConnectionForm
from voisoadmin.connections.list_page import lines_for
from voisoadmin.connections.models import Connection
from voisoadmin.connections.request_forms import RequestPart, forget_form, remembered
from voisoadmin.operations.models import Operation
from voisoadmin.submissions.services import FirstAnswer, FormRefused, once, once_valid
from voisoadmin.submissions.typed_again import shows_typed_again


@require_safe
def connection_list(request: Request) -> HttpResponse:
    _administrators_only(request)
    return _list_page(request)


@shows_typed_again
@sensitive_post_parameters("key", "user_key")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    _administrators_only(request)
    return _form_page(request, None)


@shows_typed_again
@sensitive_post_parameters("key", "user_key")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    return _form_page(request, _managed(request, pk))


@require_POST
def check(request: Request, pk: int) -> HttpResponse:
    connection = _managed(request, pk)
    try:
        answer = once(request, lambda: _asked_to_check(request, connection))
    except FormRefused as problem:
        messages.error(request, str(problem))
        return _list_page(request, status=422)
    return _checked(request, answer)


@require_POST
def forget(request: Request, pk: int) -> HttpResponse:
    """Send a part of requests in its documented form again."""
    connection = _managed(request, pk)
    wanted = request.POST.get("part", "")
    if wanted not in RequestPart.values:
        messages.error(request, "Invalid form. Press the button again.")
        return _list_page(request, status=422)
    part = RequestPart(wanted)

    def act() -> FirstAnswer:
        is_new = forget_form(connection, part, by=request.user, at=timezone.now())
        says = f"{part.label} of {connection.name}: forgotten. The next push starts with the documented form."
        return FirstAnswer(url=reverse("connections:list"), says=says if is_new else "It was forgotten before.")

    try:
        return once(request, act).redirect(request)
    except FormRefused as problem:
        messages.error(request, str(problem))
        return _list_page(request, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: Request, pk: int) -> HttpResponse:
    _administrators_only(request)
    if request.method != "POST":
        return _question(request, pk)

    def act() -> FirstAnswer:
        connection = _managed(request, pk)
        services.remove_connection(connection, by=request.user, at=timezone.now())
        says = f"{connection.name} removed and its key deleted here. Nothing changed in Voiso."
        return FirstAnswer(url=reverse("connections:list"), says=says)

    try:
        # Only looked up here, because the same form sent again gets its answer even if the connection is gone.
        return once(request, act).redirect(request)
    except FormRefused as problem:
        messages.error(request, str(problem))
        return _question(request, pk, status=422)


def _question(request: Request, pk: int, *, status: int = 200) -> HttpResponse:
    connection = _managed(request, pk)
    page = "connections/remove.html#question" if request.htmx else "connections/remove.html"
    context = {"connection": connection, "campaigns": connection.campaigns.count()}
    return render(request, page, context, status=status)


def _list_page(request: Request, *, status: int = 200) -> HttpResponse:
    context = {"lines": lines_for(request.user, at=timezone.now()), "max_rows": settings.MAX_ROWS}
    return render(request, "connections/list.html", context, status=status)


def _form_page(request: Request, connection: Connection | None) -> HttpResponse:
    form = ConnectionForm(request.POST or None, connection=connection)

    def save() -> FirstAnswer:
        wanted = form.cleaned_data
        saved = services.save_connection(
            name=wanted["name"],
            address=wanted["address"],
            generation=wanted["generation"],
            key=wanted["key"],
            user_key=form.wanted_user_key,
            time_zone=wanted["time_zone"],
            connection=connection,
            by=request.user,
            at=timezone.now(),
        )
        return _asked_to_check(request, saved, says=f"{saved.name} saved.")

    if request.method == "POST":
        try:
            answer = once_valid(request, form, save)
        except services.KeyNeeded as problem:
            form.add_error("key", str(problem))
        except services.ConnectionRefused as problem:
            form.add_error(None, str(problem))
        else:
            if answer is not None:
                return _checked(request, answer)
    context = {"form": form, "connection": connection, "remembered": remembered(connection) if connection else []}
    return render(request, "connections/form.html", context, status=422 if request.method == "POST" else 200)


def _asked_to_check(request: Request, connection: Connection, *, says: str = "") -> FirstAnswer:
    operation = connection_test.begin_check(connection, by=request.user, at=timezone.now())
    return FirstAnswer(url=reverse("connections:list"), says=says, level=messages.INFO, about={"check": operation.pk})


def _checked(request: Request, answer: FirstAnswer) -> HttpResponse:
    # In the request, not in the queue: it works before any worker runs, and ends within its deadline whatever Voiso does.
    response = answer.redirect(request)
    operation = Operation.objects.get(pk=answer.about["check"])
    found = (
        connection_test.carry_out_check(operation, at=timezone.now()) if answer.is_new else connection_test.found_by(operation)
    )
    (messages.success if found.ok else messages.error)(request, found.words)
    return response


def _managed(request: Request, pk: int) -> Connection:
    return get_object_or_404(Connection.objects.managed_by(request.user), pk=pk)


def _administrators_only(request: Request) -> None:
    if not request.user.is_administrator:
        raise Http404
