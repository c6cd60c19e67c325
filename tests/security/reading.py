"""Learns which parameters and fields a view reads while it answers: a new one is found without being listed."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict

asked: set[str] = set()


class Watched(QueryDict):
    """A query that records the names looked up in it."""

    def __getitem__(self, name: str) -> Any:
        asked.add(name)
        return super().__getitem__(name)

    def getlist(self, name: str, default: Any = None) -> Any:
        asked.add(name)
        return super().getlist(name, default)


def watched(query: QueryDict) -> Watched:
    copy = Watched("", mutable=True, encoding=query.encoding)
    for name, values in query.lists():
        copy.setlist(name, values)
    copy._mutable = False
    return copy


class WatchingMiddleware:
    """The last middleware, so that it wraps what the view gets."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.GET = watched(request.GET)
        if request.method == "POST":
            request.POST = watched(request.POST)
        return self.get_response(request)
