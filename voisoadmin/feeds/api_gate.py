"""Serves the addresses for programs before anything that is for people: no session, no cookie, no CSRF token, no sign-in.

They prove themselves by a token in a header, which no browser sends without being asked to. Nothing here allows other origins.
"""

import logging
from collections.abc import Callable

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from voisoadmin.feeds.api import ApiRefusal, refused

logger = logging.getLogger(__name__)

PREFIX = "/api/"


class ApiMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        try:
            request.get_host()
            found = resolve(request.path_info)
        except DisallowedHost:
            return refused(ApiRefusal(400, "unknown_host", "The address of this server is another one."))
        except Resolver404:
            return refused(ApiRefusal(404, "unknown_address", "There is nothing at this address."))
        try:
            answer: HttpResponse = found.func(request, *found.args, **found.kwargs)
        except Exception:
            logger.exception("A request of a program failed: %s %s", request.method, request.path_info)
            return refused(ApiRefusal(500, "internal_error", "VoisoAdmin had an internal error. Send the same request again."))
        return answer
