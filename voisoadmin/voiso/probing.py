"""A contact centre's answers as names and types, never values, because the form of most answers is undocumented.

Only documented reads are requested. A name may be a value, too: `names` decides.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import httpx

from voisoadmin.voiso.answers import parsed_or_none
from voisoadmin.voiso.auth import KEY_HERE, BearerKey, PathKey, QueryKey
from voisoadmin.voiso.errors import VoisoError
from voisoadmin.voiso.field_names import HIDDEN, MOST_NAMES, shown_name
from voisoadmin.voiso.http.wire import Query, Wire
from voisoadmin.voiso.keys import Key
from voisoadmin.voiso.payloads import Generation

MOST_SHAPES = 5  # of the items of one list
MAX_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A documented read. `first_of`: the list whose first ID replaces `{id}` in the path."""

    path: str
    auth: type[PathKey] | type[BearerKey] | type[QueryKey]
    query: tuple[tuple[str, int], ...] = ()
    first_of: str = ""


FEW = (("limit", 2),)
V4_CAMPAIGNS = "/api/v4/campaigns"
LEGACY_CAMPAIGNS = f"/api/v1/{KEY_HERE}/campaigns"
# Sources: docs/voiso-api.md, section 1.1.
ENDPOINTS: dict[Generation, tuple[Endpoint, ...]] = {
    Generation.V4: (
        Endpoint(V4_CAMPAIGNS, BearerKey, FEW),
        Endpoint(V4_CAMPAIGNS + "/{id}", BearerKey, first_of=V4_CAMPAIGNS),
        Endpoint(V4_CAMPAIGNS + "/{id}/users", BearerKey, FEW, first_of=V4_CAMPAIGNS),
        Endpoint("/api/v4/users", BearerKey, FEW),
        Endpoint("/api/v4/teams", BearerKey, FEW),
    ),
    Generation.LEGACY: (
        Endpoint(LEGACY_CAMPAIGNS, PathKey),
        Endpoint(f"/api/v1/{KEY_HERE}/agents_status", PathKey),
        Endpoint("/user_management/v1/users", BearerKey),
        Endpoint("/api/v3/cdr/users", QueryKey),
        Endpoint("/api/v2/cdr/agents", QueryKey),
        Endpoint("/api/v2/cdr/teams", QueryKey),
        Endpoint("/api/v2/cdr/campaigns", QueryKey),
        Endpoint("/api/v2/cdr/queues", QueryKey),
        Endpoint("/api/v2/cdr/wrapup_codes", QueryKey),
    ),
}


@dataclass(frozen=True, slots=True)
class EndpointAnswer:
    """The answer of one endpoint. Without an answer `status` is None, and `problem` says why."""

    path: str
    status: int | None
    shape: str
    problem: str = ""


def probe_endpoints(wire: Wire, generation: Generation, keys: dict[type[httpx.Auth], Key]) -> Iterator[EndpointAnswer]:
    """Request every known endpoint once, only with GET. `keys`: the key of each family of requests."""
    ids: dict[str, str] = {}
    secrets = [spelling for key in keys.values() for spelling in key.spellings()]
    for endpoint in ENDPOINTS[generation]:
        path = endpoint.path
        if endpoint.first_of:
            if endpoint.first_of not in ids:
                yield EndpointAnswer(path, None, "", "Not asked: no campaign is listed.")
                continue
            path = path.replace("{id}", ids[endpoint.first_of])
        query: Query = dict(endpoint.query)
        try:
            reply = wire.send("GET", path, auth=endpoint.auth(keys[endpoint.auth]), query=query)
        except VoisoError as problem:
            yield EndpointAnswer(endpoint.path, None, "", problem.message)
            continue
        data = parsed_or_none(reply.body)
        if 200 <= reply.status < 300 and (first := _first_id(data)):
            ids[endpoint.path] = first
        yield EndpointAnswer(endpoint.path, reply.status, shape_of(data, secrets) if data is not None else _no_json(reply.body))


def _no_json(body: bytes) -> str:
    return "no JSON" if body.strip() else "empty"


def _first_id(data: object) -> str:
    """The ID of the first item of the first list: digits or a UUID, nothing that could change the path."""
    if isinstance(data, dict):
        data = next((value for value in data.values() if isinstance(value, list)), None)
    first = data[0] if isinstance(data, list) and data else None
    value = first.get("id") if isinstance(first, dict) else None
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if re.fullmatch(r"[0-9a-fA-F-]{1,40}", text) else ""


def shape_of(value: object, secrets: Collection[str] = (), depth: int = 0) -> str:
    """The names and types in a JSON value, on one line: `{campaigns: [{id: integer}] x 2}`."""
    if isinstance(value, dict):
        if depth >= MAX_DEPTH:
            return "{…}"
        return _shape_of_object(value, secrets, depth)
    if isinstance(value, list):
        if depth >= MAX_DEPTH:
            return "[…]"
        return f"[{_any_of(value, secrets, depth)}] x {len(value)}" if value else "[]"
    return _type_of(value)


def _any_of(values: Iterable[object], secrets: Collection[str], depth: int) -> str:
    shapes = sorted({shape_of(value, secrets, depth + 1) for value in values})
    return " | ".join(shapes[:MOST_SHAPES]) + (" | …" if len(shapes) > MOST_SHAPES else "")


def _shape_of_object(value: dict[str, object], secrets: Collection[str], depth: int) -> str:
    names = {name: shown_name(name, secrets) for name in value}
    if len(names) > MOST_NAMES or HIDDEN in names.values():
        return f"{{{HIDDEN}: {_any_of(value.values(), secrets, depth)}}} x {len(value)}"
    return "{" + ", ".join(f"{name}: {shape_of(item, secrets, depth + 1)}" for name, item in value.items()) + "}"


def _type_of(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    return "number" if isinstance(value, float) else "string"
