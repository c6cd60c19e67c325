"""`/health` and `/ready`, for load balancers and containers: answered before any other code sees the request."""

import logging
import threading
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse

from voisoadmin.lib import clock
from voisoadmin.runtime.readiness import Readiness, readiness

logger = logging.getLogger(__name__)

REPEAT = 60.0  # seconds until the same problem is logged again
METHODS = ["GET", "HEAD"]


class ProbeMiddleware:
    """The first middleware: a probe comes by IP address, over HTTP, without a session, and must not depend on any
    setting.

    The answers reveal nothing; what is missing is in the log and in `manage.py health`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.log = ChangeLog()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        match request.path_info:
            case "/health":
                # Checks nothing else, so that a slow database doesn't get this process restarted.
                return _answer(request, "alive", lambda: True)
            case "/ready":
                return _answer(request, "ready", self._is_ready)
            case _:
                return self.get_response(request)

    def _is_ready(self) -> bool:
        found = readiness()
        self.log.note(found)
        return found.is_ready


class ChangeLog:
    """Logs each change of readiness once, and a lasting problem once a minute, however often it is checked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: tuple[str, ...] = ()
        self._logged_at = 0.0

    def note(self, found: Readiness) -> None:
        with self._lock:
            now = clock.monotonic()
            if found.problems == self._last and (found.is_ready or now - self._logged_at < REPEAT):
                return
            self._last, self._logged_at = found.problems, now
        if found.is_ready:
            logger.info("Ready again.")
        else:
            logger.warning("Not ready: %s", " ".join(found.problems))


def _answer(request: HttpRequest, name: str, is_so: Callable[[], bool]) -> HttpResponse:
    if request.method not in METHODS:
        return HttpResponseNotAllowed(METHODS)
    so = is_so()
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    response = JsonResponse({name: so}, status=200 if so else 503, headers=headers)
    response._has_been_logged = True  # type: ignore[attr-defined]  # we log changes; Django would log an error for each probe
    return response
