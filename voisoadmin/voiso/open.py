"""Opens a client for one contact centre."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.module_loading import import_string

from voisoadmin.lib.later import Later
from voisoadmin.lib.secrets import Secret
from voisoadmin.voiso.client import TOTAL_SECONDS, VoisoClient
from voisoadmin.voiso.http.addresses import without_quotes
from voisoadmin.voiso.keys import Key
from voisoadmin.voiso.payloads import Generation

if TYPE_CHECKING:
    import httpx

    from voisoadmin.voiso import auth, legacy, probing, v4
    from voisoadmin.voiso.http import wire
else:  # most processes never call Voiso, and httpx is a tenth of what they would load
    auth, legacy, probing, v4, wire = (
        Later(f"voisoadmin.voiso.{module}") for module in ("auth", "legacy", "probing", "v4", "http.wire")
    )

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


def probe(*, generation: Generation | str, base_url: str, key: str, user_key: str = "") -> list[probing.EndpointAnswer]:
    """Request every documented read of a contact centre once; return the answers as names and types. Safe to repeat."""
    transport: httpx.BaseTransport = import_string(settings.VOISO_TRANSPORT)(base_url)
    secret = Key(key)
    line = wire.Wire(transport, base_url, total=PROBE_SECONDS)
    try:
        keys: dict[type[httpx.Auth], Key] = {
            auth.PathKey: secret,
            auth.BearerKey: secret,
            auth.QueryKey: Key(user_key) if user_key else secret,
        }
        return list(probing.probe_endpoints(line, Generation(generation), keys))
    finally:
        line.close()


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
    line = wire.Wire(transport, base_url, total=total)
    if Generation(generation) is Generation.LEGACY:
        second = Key(user_key) if user_key else None
        return legacy.LegacyClient(line, Key(key, beside=second), user_key=second, users_path=users_path)
    return v4.V4Client(line, Key(key))
