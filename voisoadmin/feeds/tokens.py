"""Tokens of feeds: 256 random bits, shown once. A hash suffices to recognise one, and no hash can be turned back."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from voisoadmin.feeds.feed_statements import OPEN_FEED
from voisoadmin.lib.secrets import Secret
from voisoadmin.lib.zones import zone_of
from voisoadmin.phones.writing import Writing
from voisoadmin.voiso import CAPABILITIES, Generation

BYTES = 32
PREFIX = "vaf_"  # by which a search for leaked secrets recognises one
MOST_VALID = 2  # at the same time, so that a source can change from one to the other
NO_DIGEST = "0" * 64
SCHEME = "bearer"


class OpenFeed(NamedTuple):
    """A feed as a valid token opens it: what a request needs. Its connection has keys, which take time to decrypt."""

    pk: int
    public_id: str
    token_id: int
    inbox_id: int
    writing: Writing
    country: str
    is_paused: bool
    is_closed: bool  # the contact centre was removed
    lowest_priority: int
    zone: ZoneInfo


def new_token() -> Secret:
    return Secret(PREFIX + secrets.token_urlsafe(BYTES))


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def token_of_header(header: str) -> Secret | None:
    """The token of an Authorization header, if that has one."""
    scheme, _, token = header.strip().partition(" ")
    token = token.strip()
    return Secret(token) if scheme.lower() == SCHEME and token.isascii() and token else None


def feed_of(public_id: str, token: Secret | None) -> OpenFeed | None:
    """The feed with this address, if the token is valid for it. An unknown feed takes as long as a wrong token."""
    found = _same(OPEN_FEED.rows(public_id), digest_of(token or ""))
    if found is None or token is None:
        return None
    token_id, _, pk, inbox_id, writing, country, is_paused, is_closed, generation, time_zone = found
    return OpenFeed(
        pk=pk,
        public_id=public_id,
        token_id=token_id,
        inbox_id=inbox_id,
        writing=Writing(writing),
        country=country,
        is_paused=bool(is_paused),
        is_closed=bool(is_closed),
        lowest_priority=CAPABILITIES[Generation(generation)].priority_min,
        zone=zone_of(time_zone),
    )


def _same(tokens: Sequence[tuple[Any, ...]], digest: str) -> tuple[Any, ...] | None:
    found = None
    is_dummy = hmac.compare_digest(NO_DIGEST, digest)
    for token in tokens:
        if hmac.compare_digest(token[1], digest) and not is_dummy:
            found = token
    return found
