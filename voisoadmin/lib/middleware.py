"""Protections that no view should have to think of."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict, UnreadablePostError

NUL = "\0"


class NulMiddleware:
    """Reads a NUL as nothing in an address's query and in a form, and drops a cookie that contains one: PostgreSQL text can't
    hold a NUL, so a search for it, or saving it, would fail."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _has_nul(request.GET):
            request.GET = _without_nul(request.GET)
        for name in [name for name, value in request.COOKIES.items() if NUL in value]:
            del request.COOKIES[name]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """The form is read here, after it was decided whether the body is read at all."""
        if request.method != "POST":
            return
        try:
            if _has_nul(request.POST):
                request.POST = _without_nul(request.POST)
        except UnreadablePostError:
            return  # the line broke; what looks at the form next finds an empty one


def _has_nul(query: QueryDict) -> bool:
    return any(NUL in name or any(NUL in value for value in values) for name, values in query.lists())


def _without_nul(query: QueryDict) -> Any:
    clean = QueryDict(mutable=True)
    for name, values in query.lists():
        clean.setlist(name.replace(NUL, ""), [value.replace(NUL, "") for value in values])
    return QueryDict(clean.urlencode())
