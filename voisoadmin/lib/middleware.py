"""Protections that no view should have to think of."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, QueryDict

NUL = "\0"


class NulMiddleware:
    """Removes NULs from an address's query, and drops a cookie that contains one: PostgreSQL text can't hold a NUL, so a
    search for it, or for a session of that name, would fail. Forms already refuse NULs, field by field."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if any(NUL in value for values in request.GET.lists() for value in values[1]):
            clean = QueryDict(mutable=True)
            for name, values in request.GET.lists():
                clean.setlist(name, [value.replace(NUL, "") for value in values])
            request.GET = QueryDict(clean.urlencode())
        for name in [name for name, value in request.COOKIES.items() if NUL in value]:
            del request.COOKIES[name]
        return self.get_response(request)
