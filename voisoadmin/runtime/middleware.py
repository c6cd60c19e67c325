"""Explains what Django answers with an empty page; decides which bodies are read at all."""

from collections.abc import Callable
from enum import IntEnum

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from voisoadmin.runtime.bodies import SMALL
from voisoadmin.uploads.spool import MIB

# What the server reports about a request whose body it hasn't read. Not HTTP_...: no client can set them.
ASKED = "voisoadmin.asked"  # should it be read?
ADMITTED = "voisoadmin.admitted"  # it should
REFUSED = "voisoadmin.refused"  # why it wasn't


class Refusal(IntEnum):
    """Why a body was refused, by its status."""

    TOO_SLOW = 408
    NO_LENGTH = 411
    TOO_LARGE = 413
    NO_ROOM = 507


class BodyMiddleware:
    """Decides about large bodies, and answers for those that weren't read.

    The checks of host, HTTPS and session come before it; code that reads a form comes after it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = request.META.get(ASKED, False)
        refusal = request.META.get(REFUSED) or why_not_read(request, asked=asked)
        if refusal:
            context = {"refusal": refusal.name, "csv_mib": settings.MAX_CSV_MIB, "workbook_mib": settings.MAX_WORKBOOK_MIB}
            return render(request, "errors/body.html", context, status=refusal)
        if asked:
            request.META[ADMITTED] = True
            return HttpResponse(status=204)
        return self.get_response(request)


def why_not_read(request: HttpRequest, *, asked: bool) -> Refusal | None:
    """Unless this refuses, a too large file is left to its form, which reports it at the field."""
    if "HTTP_TRANSFER_ENCODING" in request.META:
        return Refusal.NO_LENGTH
    length = request.META.get("CONTENT_LENGTH") or "0"
    size = int(length) if length.isdecimal() else 0
    if size > SMALL and not request.user.is_authenticated:
        return Refusal.TOO_LARGE
    if asked and size > max(settings.MAX_CSV_MIB, settings.MAX_WORKBOOK_MIB) * MIB + SMALL:
        return Refusal.TOO_LARGE
    return None


class WrongMethodMiddleware:
    """POST-only addresses get opened when someone reloads or bookmarks a form's result."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and not response.streaming and not response.content:
            response.content = render(request, "errors/405.html").content
        return response
