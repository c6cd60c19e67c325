"""The site, and an address for each way to fail."""

import asyncio
from collections.abc import Callable
from typing import NoReturn

from django.core.exceptions import BadRequest, DisallowedRedirect, ImproperlyConfigured, PermissionDenied, SuspiciousOperation
from django.db import DataError, InterfaceError, OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, UnreadablePostError
from django.template import engines
from django.urls import path

from voisoadmin.urls import handler400, handler403, handler404, handler500, urlpatterns
from voisoadmin.voiso import KeyRefused, NoReply

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

SECRET = "canary-5c0e8812d9aa4e"
WORDS = f"https://cc-test01.voiso.com/api/v1/{SECRET}/campaigns Bearer {SECRET}\nforged line"


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


def _raises(problem: BaseException) -> Callable[[], NoReturn]:
    def fail() -> NoReturn:
        raise problem

    return fail


def _recursion() -> object:
    return _recursion()


def _sql() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nothing FROM nowhere WHERE name = %s", [WORDS])


def _chain() -> NoReturn:
    try:
        raise KeyError(WORDS)
    except KeyError as cause:
        raise ValueError(WORDS) from cause


def _template(text: str) -> Callable[[], HttpResponse]:
    return lambda: HttpResponse(engines["django"].from_string(text).render({"words": WORDS}))


FAILURES: dict[str, Callable[[], object]] = {
    "division": lambda: 1 / 0,
    "key": _raises(KeyError(WORDS)),
    "value": _raises(ValueError(WORDS)),
    "type": lambda: len(5),  # type: ignore[arg-type]
    "attribute": lambda: None.words,  # type: ignore[attr-defined]
    "unicode": lambda: b"\xff".decode(),
    "surrogate": lambda: HttpResponse("\udcff".encode()),
    "recursion": _recursion,
    "memory": _raises(MemoryError(WORDS)),
    "assertion": _raises(AssertionError(WORDS)),
    "not implemented": _raises(NotImplementedError(WORDS)),
    "disk": _raises(OSError(28, "No space left on device", f"/var/{SECRET}")),
    "file": _raises(FileNotFoundError(2, WORDS)),
    "right": _raises(PermissionError(13, WORDS)),
    "timeout": _raises(TimeoutError(WORDS)),
    "database": _raises(OperationalError(WORDS)),
    "interface": _raises(InterfaceError(WORDS)),
    "data": _raises(DataError(WORDS)),
    "sql": _sql,
    "configuration": _raises(ImproperlyConfigured(WORDS)),
    "voiso": _raises(NoReply("Voiso did not answer.", words=WORDS)),
    "voiso's key": _raises(KeyRefused(WORDS)),
    "mute": _raises(Mute()),
    "group": _raises(ExceptionGroup(WORDS, [ValueError(WORDS)])),
    "chain": _chain,
    "stop": _raises(StopIteration(WORDS)),
    "cancelled": _raises(asyncio.InvalidStateError(WORDS)),
    "template": _template("{% nonsense %}"),
    "missing template": _template('{% include "nowhere.html" %}'),
    "filter": _template('{{ words|date:"Y"|add:5|divisibleby:0 }}'),
    "nothing": lambda: None,
    "header": lambda: HttpResponse(headers={"X": "a\nb"}),
    "broken post": _raises(UnreadablePostError(WORDS)),
}
REFUSALS: dict[str, tuple[Callable[[], object], int]] = {
    "bad": (_raises(BadRequest(WORDS)), 400),
    "suspicious": (_raises(SuspiciousOperation(WORDS)), 400),
    "redirect": (lambda: HttpResponseRedirect("javascript:alert(1)"), 400),
    "disallowed redirect": (_raises(DisallowedRedirect(WORDS)), 400),
    "denied": (_raises(PermissionDenied(WORDS)), 403),
    "not there": (_raises(Http404(WORDS)), 404),
}


def fail(request: HttpRequest, how: str) -> object:
    act = FAILURES.get(how) or REFUSALS[how][0]
    return act()


urlpatterns = [*urlpatterns, path("fail/<str:how>/", fail)]
