"""Tokens of feeds: 256 random bits, shown once. A hash suffices to recognise one, and no hash can be turned back."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable

from voisoadmin.feeds.models import Feed, FeedToken
from voisoadmin.lib.secrets import Secret

BYTES = 32
PREFIX = "vaf_"  # by which a search for leaked secrets recognises one
MOST_VALID = 2  # at the same time, so that a source can change from one to the other
NO_DIGEST = "0" * 64
SCHEME = "bearer"
NEEDED = (
    "digest",
    *("feed__writing", "feed__country", "feed__inbox__paused_at"),
    *(f"feed__campaign__connection__{name}" for name in ("generation", "removed_at", "time_zone")),
)
"""What a request needs: its connection has keys, which take time to decrypt."""


def new_token() -> Secret:
    return Secret(PREFIX + secrets.token_urlsafe(BYTES))


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def token_of_header(header: str) -> Secret | None:
    """The token of an Authorization header, if that has one."""
    scheme, _, token = header.strip().partition(" ")
    token = token.strip()
    return Secret(token) if scheme.lower() == SCHEME and token.isascii() and token else None


def feed_of(public_id: str, token: Secret | None) -> tuple[Feed, FeedToken] | None:
    """The feed with this address, if the token is valid for it. An unknown feed takes as long as a wrong token."""
    valid = FeedToken.objects.filter(feed__public_id=public_id, revoked_at=None)
    valid = valid.select_related("feed__inbox", "feed__campaign__connection").only(*NEEDED)
    digest = digest_of(token or "")
    found = _same(valid, digest)
    return (found.feed, found) if found is not None and token is not None else None


def _same(tokens: Iterable[FeedToken], digest: str) -> FeedToken | None:
    found = None
    is_dummy = hmac.compare_digest(NO_DIGEST, digest)
    for token in tokens:
        if hmac.compare_digest(token.digest, digest) and not is_dummy:
            found = token
    return found
