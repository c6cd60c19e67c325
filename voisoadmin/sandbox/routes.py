"""Which request goes to which handler."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from voisoadmin.sandbox import legacy, v4
from voisoadmin.sandbox.exchange import Answer, Request, RequestContext
from voisoadmin.sandbox.voiso_rules import Refusal

Handler = Callable[[RequestContext, Request], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    generation: str
    methods: frozenset[str]
    path: str  # with <id>, <key> and <user>
    pattern: re.Pattern[str]
    kind: str
    handler: Handler


def _route(generation: str, methods: str, path: str, kind: str, handler: Handler) -> Route:
    pattern = path.replace("<id>", r"(?P<id>\d{1,15})").replace("<key>", "(?P<key>[^/]+)").replace("<user>", "(?P<user>[^/]+)")
    return Route(generation, frozenset(methods.split()), path, re.compile(pattern), kind, handler)


ROUTES = (
    _route("v4", "GET", "/api/v4/campaigns", "read", v4.list_campaigns),
    _route("v4", "GET", "/api/v4/campaigns/<id>", "read", v4.get_campaign),
    _route("v4", "POST", "/api/v4/campaigns/<id>/start", "start", v4.operate),
    _route("v4", "POST", "/api/v4/campaigns/<id>/pause", "pause", v4.operate),
    _route("v4", "POST", "/api/v4/campaigns/<id>/stop", "stop", v4.operate),
    _route("v4", "POST", "/api/v4/campaigns/<id>/leads", "add", v4.leads),
    _route("v4", "PUT PATCH", "/api/v4/campaigns/<id>/leads", "update", v4.leads),
    _route("v4", "GET", "/api/v4/campaigns/<id>/users", "read", v4.list_campaign_users),
    _route("v4", "POST", "/api/v4/campaigns/<id>/users", "people", v4.add_users),
    _route("v4", "DELETE", "/api/v4/campaigns/<id>/users/<user>", "people", v4.remove_user),
    _route("v4", "GET", "/api/v4/users", "lookup", v4.list_users),
    _route("v4", "GET", "/api/v4/teams", "lookup", v4.list_teams),
    _route("legacy", "GET", "/api/v1/<key>/campaigns", "read", legacy.list_campaigns),
    _route("legacy", "POST", "/api/v1/<key>/campaigns/<id>/contacts", "add", legacy.contacts),
    _route("legacy", "PUT", "/api/v1/<key>/campaigns/<id>/contacts", "update", legacy.contacts),
    _route("legacy", "POST", "/api/dialer/v1/campaigns/<id>/operation", "operation", legacy.operate),
    _route("legacy", "PATCH", "/api/dialer/v1/campaigns/<id>/agents", "people", legacy.change_people),
    _route("legacy", "GET", "/api/v2/cdr/teams", "lookup", legacy.list_teams),
    _route("legacy", "GET", "/user_management/v1/users", "lookup", legacy.list_users),
    _route("legacy", "GET", "/api/v3/cdr/users", "lookup", legacy.list_users),
    _route("legacy", "GET", "/api/v2/cdr/campaigns", "lookup", legacy.list_campaign_ids),
    _route("legacy", "GET", "/api/v1/<key>/agents_status", "lookup", legacy.list_statuses),
)
PRESENCE = frozenset({"/api/v1/<key>/agents_status", "/api/v4/users"})


@dataclass(frozen=True, slots=True)
class Found:
    route: Route
    kind: str  # of the request: add, update, start, pause, stop, people, read
    campaign_id: int | None
    user_id: str
    key: str

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset({self.kind, "presence"} if self.route.path in PRESENCE else {self.kind})

    @property
    def is_contacts(self) -> bool:
        return self.kind in {"add", "update"}

    def refuse(self, refusal: Refusal, context: RequestContext) -> Answer:
        return v4.refuse(refusal, context) if self.route.generation == "v4" else legacy.refuse(refusal, context)

    def busy(self, shape: str) -> Answer:
        return v4.busy(shape) if self.route.generation == "v4" else legacy.busy(shape)

    def check(self, context: RequestContext, request: Request) -> None:
        """Refuse what Voiso refuses before it looks at the contacts."""
        if self.route.generation == "v4":
            v4.check_leads(context, request)
        else:
            legacy.check_contacts(context, request)


def find(request: Request) -> Found | Answer:
    """The handler of a request, or 404, or 405 with the methods that path takes."""
    allowed: set[str] = set()
    for route in ROUTES:
        match = route.pattern.fullmatch(request.path)
        if match is None:
            continue
        if request.method in route.methods:
            parts: dict[str, Any] = match.groupdict()
            number = int(parts["id"]) if parts.get("id") else None
            return Found(route, _kind(route, request), number, parts.get("user") or "", parts.get("key") or "")
        allowed |= route.methods
    if allowed:
        return Answer(405, {"error": "Method not allowed"}, headers=[("Allow", ", ".join(sorted(allowed)))])
    return Answer(404, {"error": "Not found"})


def _kind(route: Route, request: Request) -> str:
    """Legacy names the operation in the body."""
    if route.kind != "operation":
        return route.kind
    wanted = request.json.get("operation") if isinstance(request.json, dict) else None
    return wanted if wanted in {"start", "pause", "stop"} else "start"
