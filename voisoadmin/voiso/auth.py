"""Where the key of a family of requests goes: the legacy API wants it in three places, v4 in one (voiso-api.md, section 2)."""

from collections.abc import Generator

import httpx

from voisoadmin.voiso.keys import Key

KEY_HERE = "{key}"  # in a path: the key is put in as the request leaves, so that no path of ours shows it
_KEY_HERE_AS_SENT = b"%7Bkey%7D"


class KeyAuth(httpx.Auth):
    """An API key on its way into a request."""

    def __init__(self, key: Key) -> None:
        self._key = key

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class BearerKey(KeyAuth):
    """In the header: all of v4, and the legacy calls below `dialer/v1` and `user_management/v1`."""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._key.reveal()}"
        # The documentation of v4 asks for it beside the key, and makes no exception for a request without a body.
        request.headers.setdefault("Content-Type", "application/json")
        yield request


class PathKey(KeyAuth):
    """In the path, where it says KEY_HERE: legacy campaigns, contacts and the status of agents."""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        raw_path = request.url.raw_path.replace(_KEY_HERE_AS_SENT, self._key.in_path().encode("ascii"))
        request.url = request.url.copy_with(raw_path=raw_path)
        yield request


class QueryKey(KeyAuth):
    """In the query: the legacy lookups of the call-record family."""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.url = request.url.copy_merge_params({"key": self._key.reveal()})
        yield request
