"""Where the key of a family of requests goes: the legacy API uses three places, v4 one (voiso-api.md, section 2)."""

from collections.abc import Generator

import httpx

from voisoadmin.voiso.keys import Key

KEY_HERE = "{key}"  # in a path: the key is put in when the request is sent, so that none of our paths contains it
_KEY_HERE_AS_SENT = b"%7Bkey%7D"


class KeyAuth(httpx.Auth):
    """How an API key is added to a request."""

    def __init__(self, key: Key) -> None:
        self._key = key

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class BearerKey(KeyAuth):
    """In the header: all of v4, and the legacy requests below `dialer/v1` and `user_management/v1`."""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._key.reveal()}"
        # The v4 documentation asks for it beside the key, even for a request without a body.
        request.headers.setdefault("Content-Type", "application/json")
        yield request


class PathKey(KeyAuth):
    """In the path, in place of KEY_HERE: legacy campaigns, contacts and the status of agents."""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        raw_path = request.url.raw_path.replace(_KEY_HERE_AS_SENT, self._key.in_path().encode("ascii"))
        request.url = request.url.copy_with(raw_path=raw_path)
        yield request


class QueryKey(KeyAuth):
    """In the query: the legacy lookups of the call-record family."""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.url = request.url.copy_merge_params({"key": self._key.reveal()})
        yield request
