"""A session ends when its person does nothing for a while. Clicks, keys and navigation count, a page's own refresh does not."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

SEEN = "seen_at"  # in the session, in seconds; missing in one from before there was an end
WRITTEN_EVERY = 60  # seconds, by navigation; opening one page after the other should not write each time


def seconds_left(request: HttpRequest) -> int:
    seen = request.session.get(SEEN)
    return int(settings.IDLE_SECONDS if seen is None else seen + settings.IDLE_SECONDS - time.time())


def note_activity(request: HttpRequest) -> None:
    request.session[SEEN] = int(time.time())


@receiver(user_logged_in)
def begin(request: HttpRequest, **_: object) -> None:
    note_activity(request)


class IdleMiddleware:
    """Ends sessions for good: of a person who was idle for too long, and of a user who may no longer sign in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        if not getattr(view, "login_required", True):
            return
        if request.user.is_authenticated:
            if settings.IDLE_SECONDS and seconds_left(request) <= 0:
                _end(request)
            elif _is_navigation(request) and seconds_left(request) < settings.IDLE_SECONDS - WRITTEN_EVERY:
                note_activity(request)
        elif SESSION_KEY in request.session:
            # Left in the table, it would be good again as soon as the user is.
            _end(request)


def _end(request: HttpRequest) -> None:
    request.session.flush()
    request.user = AnonymousUser()


def _is_navigation(request: HttpRequest) -> bool:
    """Whether a person opened a page or sent a form. On behalf of htmx session.js reports clicks and keys."""
    return "HX-Request" not in request.headers and request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
