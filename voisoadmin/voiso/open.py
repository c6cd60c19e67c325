"""Opens a client for one contact centre."""

import re

import httpx
from django.conf import settings
from django.utils.module_loading import import_string

from voisoadmin.lib.secrets import Secret
from voisoadmin.voiso.auth import BearerKey, PathKey, QueryKey
from voisoadmin.voiso.client import VoisoClient
from voisoadmin.voiso.http.addresses import without_quotes
from voisoadmin.voiso.http.transport import TOTAL_SECONDS
from voisoadmin.voiso.http.wire import Wire
from voisoadmin.voiso.keys import Key
from voisoadmin.voiso.legacy import LegacyClient
from voisoadmin.voiso.payloads import Generation
from voisoadmin.voiso.probing import EndpointAnswer, probe_endpoints
from voisoadmin.voiso.v4 import V4Client

HEADER = re.compile(r"\A(?:Authorization[ \t]{0,5}:[ \t]{0,5})?Bearer(?=[ \t]|\Z)", re.IGNORECASE)
PROBE_SECONDS = 20.0  # for one endpoint: a user waits for all of them
USABLE_KEY = re.compile(r"[!-~]{4,500}")


class UnusableKey(ValueError):
    """The text typed can't be an API key; the message says why, for a person, without repeating the key."""


def check_key(text: str) -> str:
    """The key without what people paste around it: blanks, quotes, `Bearer`. Raises UnusableKey."""
    text = without_quotes(text.strip())
    text = Secret(without_quotes(HEADER.sub("", text, count=1).strip()))
    if not text:
        raise UnusableKey("Enter the API key.")
    if not USABLE_KEY.fullmatch(text):
        raise UnusableKey("This isn't an API key. A key is one word of letters, digits and signs, without spaces.")
    return text


def probe(*, generation: Generation | str, base_url: str, key: str, user_key: str = "") -> list[EndpointAnswer]:
    """Request every documented read of a contact centre once; return the answers as names and types. Safe to repeat."""
    transport: httpx.BaseTransport = import_string(settings.VOISO_TRANSPORT)(base_url)
    secret = Key(key)
    wire = Wire(transport, base_url, total=PROBE_SECONDS)
    try:
        keys: dict[type[httpx.Auth], Key] = {
            PathKey: secret,
            BearerKey: secret,
            QueryKey: Key(user_key) if user_key else secret,
        }
        return list(probe_endpoints(wire, Generation(generation), keys))
    finally:
        wire.close()


def open_client(
    *,
    generation: Generation | str,
    base_url: str,
    key: str,
    user_key: str = "",
    users_path: str = "",
    total: float = TOTAL_SECONDS,
) -> VoisoClient:
    """A client for the calling thread only; close it, or use it in a `with` block.

    `user_key`: of the legacy API, for the lookups of the call-record family; without it they get the one key, too.
    `users_path`: of the legacy API, the path that gave the users before.
    `total`: seconds within which each request ends. A bad address or key raises on the first request.
    """
    transport: httpx.BaseTransport = import_string(settings.VOISO_TRANSPORT)(base_url)
    wire = Wire(transport, base_url, total=total)
    if Generation(generation) is Generation.LEGACY:
        second = Key(user_key) if user_key else None
        return LegacyClient(wire, Key(key, beside=second), user_key=second, users_path=users_path)
    return V4Client(wire, Key(key))
