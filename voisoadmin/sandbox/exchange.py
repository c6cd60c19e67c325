"""Requests and answers between WSGI and the two generations."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from voisoadmin.sandbox.behaviour import Behaviour
from voisoadmin.sandbox.centre import Centre

Environ = dict[str, Any]
MAX_BODY = 8 * 2**20


class Request:
    """One request, completely read."""

    def __init__(self, environ: Environ) -> None:
        self.method: str = environ["REQUEST_METHOD"].upper()
        self.path: str = environ["PATH_INFO"]
        self.query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        self.bearer = _bearer(environ.get("HTTP_AUTHORIZATION", ""))
        length = int(environ.get("CONTENT_LENGTH") or 0)
        self.body: bytes = environ["wsgi.input"].read(min(length, MAX_BODY)) if length else b""

    @cached_property
    def json(self) -> Any:
        """The body; None if it isn't JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def parameter(self, name: str, default: str = "") -> str:
        values: list[str] = self.query.get(name, [default])
        return values[0]


def _bearer(header: str) -> str:
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


@dataclass(slots=True)
class Answer:
    status: int
    data: Any = None
    headers: list[tuple[str, str]] = field(default_factory=list)
    raw: bytes | None = None  # instead of `data`
    content_type: str = "application/json; charset=utf-8"

    @property
    def status_line(self) -> str:
        return f"{self.status} {HTTPStatus(self.status).phrase}"

    def body(self) -> bytes:
        if self.raw is not None:
            return self.raw
        return b"" if self.data is None else json.dumps(self.data, ensure_ascii=False).encode()

    def all_headers(self, length: int) -> list[tuple[str, str]]:
        return [("Content-Type", self.content_type), ("Content-Length", str(length)), *self.headers]

    def head(self, length: int) -> bytes:
        """Status line and headers as sent over a socket."""
        lines = [f"HTTP/1.0 {self.status_line}", *(f"{name}: {value}" for name, value in self.all_headers(length))]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


@dataclass(slots=True)
class RequestContext:
    """What a handler works on, while it holds the sandbox's lock."""

    centre: Centre
    behaviour: Behaviour
    now: float  # monotonic
    drain: float  # seconds, scaled
    number: int  # of the request
    kind: str
    campaign_id: int | None = None
    user_id: str = ""
    key: str = ""


class Declined(Exception):
    """The request ends here with this answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def numbers_of(data: Any) -> tuple[str, ...]:
    """The phone numbers in a body of either generation, as sent."""
    contacts: Iterable[Any] = data.get("contacts", []) if isinstance(data, dict) else data if isinstance(data, list) else []
    found = ((item.get("phone_number") or item.get("phoneNumber")) for item in contacts if isinstance(item, dict))
    return tuple(number for number in found if isinstance(number, str))


def first_contact(data: Any) -> dict[str, Any]:
    """The first contact in a body of either generation, as sent."""
    contacts = data.get("contacts") if isinstance(data, dict) else data
    first = contacts[0] if isinstance(contacts, list) and contacts else None
    return first if isinstance(first, dict) else {}
