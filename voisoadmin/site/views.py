"""Error pages without tracebacks, addresses and data."""

import logging
import secrets
import sys

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template

from voisoadmin.accounts.roles import ViewerRefused
from voisoadmin.lib import disk

logger = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    response = render(request, "errors/400.html", status=400)
    # Django's log of suspicious requests already has its line.
    response._has_been_logged = isinstance(exception, SuspiciousOperation)  # type: ignore[attr-defined]
    return response


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    why = str(exception) if isinstance(exception, ViewerRefused) else ""
    return render(request, "errors/403.html", {"why": why}, status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "errors/csrf.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Needs neither the database nor a session, because one of them may be broken."""
    incident = secrets.token_hex(4)
    # With the cause in the same record: of two simultaneous failures, each number must lead to its own.
    logger.error("Incident %s: %s %s failed", incident, request.method, request.path, exc_info=True)
    problem = sys.exception()
    full = problem is not None and disk.is_full(problem)
    page = get_template("errors/500.html").render({"incident": incident, "full": full})
    response = HttpResponse(page, status=507 if full else 500)
    response._has_been_logged = True  # type: ignore[attr-defined]  # else Django logs the cause once more
    return response
