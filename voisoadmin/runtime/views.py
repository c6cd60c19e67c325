"""Health and readiness, and error pages without tracebacks, addresses and data."""

import logging
import secrets

from django.contrib.auth.decorators import login_not_required
from django.db import Error as DatabaseProblem
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from voisoadmin.lib.database import missing_migrations
from voisoadmin.runtime.readiness import queue_problem

logger = logging.getLogger(__name__)


@login_not_required
@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """This process answers. It checks nothing else, so that a slow database doesn't get it restarted."""
    return JsonResponse({"alive": True})


@login_not_required
@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """The database answers and is up to date, and queued work gets done. Otherwise 503, naming the part that fails."""
    try:
        database = "behind" if missing_migrations() else "ok"
        queue = "stuck" if database == "ok" and queue_problem() else "ok"
    except DatabaseProblem:
        logger.exception("Not ready: the database isn't answering.")
        database, queue = "away", "unknown"
    is_ready = database == queue == "ok"
    return JsonResponse({"ready": is_ready, "database": database, "queue": queue}, status=200 if is_ready else 503)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "errors/csrf.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Needs neither the database nor a session, because one of them may be broken."""
    incident = secrets.token_hex(4)
    # With the cause in the same record: of two simultaneous failures, each number must lead to its own.
    logger.error("Incident %s: %s %s failed", incident, request.method, request.path, exc_info=True)
    response = HttpResponse(get_template("errors/500.html").render({"incident": incident}), status=500)
    response._has_been_logged = True  # type: ignore[attr-defined]  # else Django logs the cause once more
    return response
