"""Headers of every answer; which bodies are read at all; explanations for what Django answers with an empty page."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from voisoadmin.lib import disk
from voisoadmin.runtime.server.bodies import ADMITTED, ASKED, REFUSED, SMALL, BodyRefusal
from voisoadmin.site.refused_bodies import refused_body
from voisoadmin.uploads.intake.removing import free_up
from voisoadmin.uploads.intake.spool import MIB

log = logging.getLogger(__name__)

NOT_USED = ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "microphone", "midi", "payment", "usb")
HEADERS = {
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in NOT_USED),
    "Cross-Origin-Resource-Policy": "same-origin",
}
UNKEPT = "no-store, private"
# The answer to a form is shown again after Back: without this, browsers offer to send the form a second time.
KEPT_BY_THE_TAB = "no-cache, private"


class HeadersMiddleware:
    """Everything except public files is private: no cache keeps it, and a page is never taken for a fragment at the same
    address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        # A view may have set its own.
        response.headers.setdefault("Cache-Control", KEPT_BY_THE_TAB if request.method == "POST" else UNKEPT)
        if "public" not in response["Cache-Control"]:
            patch_vary_headers(response, ["HX-Request", "HX-Target"])
        return response


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
            return render(request, "errors/body.html", {"refused": refused_body(request, refusal)}, status=refusal)
        if asked:
            request.META[ADMITTED] = True
            return HttpResponse(status=204)
        return self.get_response(request)


def why_not_read(request: HttpRequest, *, asked: bool) -> BodyRefusal | None:
    """Unless this refuses, a too large file is left to its form, which reports it at the field."""
    if "HTTP_TRANSFER_ENCODING" in request.META:
        return BodyRefusal.NO_LENGTH
    length = request.META.get("CONTENT_LENGTH") or "0"
    size = int(length[:19]) if length.isdecimal() else 0  # cut, it is still too large
    if size > SMALL and not request.user.is_authenticated:
        return BodyRefusal.TOO_LARGE
    if asked and size > max(settings.MAX_CSV_MIB, settings.MAX_WORKBOOK_MIB) * MIB + SMALL:
        return BodyRefusal.TOO_LARGE
    if asked and not has_room(size):
        return BodyRefusal.NO_ROOM
    return None


def has_room(size: int) -> bool:
    """Whether a body of that size can be received; files of discarded uploads make room for it."""
    needed = 2 * size  # the body, and the file in it
    if disk.has_room(needed, settings.TEMP_ROOT):
        return True
    free_up()
    if disk.has_room(needed, settings.TEMP_ROOT):
        return True
    log.warning("No room for a request of %d MB: VOISOADMIN_DISK_RESERVE_MIB must stay free.", size // MIB)
    return False


class WrongMethodMiddleware:
    """POST-only addresses get opened when someone reloads or bookmarks a form's result."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and not response.streaming and not response.content:
            response.content = render(request, "errors/405.html").content
        return response
