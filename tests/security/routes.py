"""Every address of the site, found in the URL configuration, so that a new one can't be forgotten."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver, reverse

OPEN = {"accounts:sign_in", "account_login", "accounts:theme"}
"""Addresses that need no sign-in."""
FOR_PROGRAMS = {"feeds:leads", "feeds:status"}
"""Addresses that need the token of a program, and that no session opens."""

EXAMPLES = {"what": "all", "ending": "csv", "public_id": "none"}  # of parameters that are no numbers


@dataclass(frozen=True)
class Route:
    name: str  # with its namespace
    pattern: str  # "campaigns/<int:pk>/"
    parameters: tuple[str, ...]

    def address(self, **known: object) -> str:
        """With an example for each parameter that isn't known."""
        values = dict.fromkeys(self.parameters, 1) | EXAMPLES | known
        return reverse(self.name, kwargs={name: values[name] for name in self.parameters})


def all_routes() -> list[Route]:
    return sorted(_walk(get_resolver().url_patterns, "", ""), key=lambda route: route.name)


def _walk(patterns: list[URLPattern | URLResolver], prefix: str, namespace: str) -> Iterator[Route]:
    for entry in patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry.url_patterns, path, inner)
        else:
            yield Route(f"{namespace}{entry.name}", path, tuple(entry.pattern.converters))
