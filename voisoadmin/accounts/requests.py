"""The request type of our views."""

from typing import Any

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from voisoadmin.accounts.models import User


class Request(HttpRequest):
    """A request after sign-in and the htmx middleware. Only for annotations; Django creates the object."""

    user: User
    htmx: HtmxDetails
    connections: list[Any]  # those the user may see, if the view has read them: the frame of the page needs them too


def wants_part(request: Request) -> bool:
    """Whether only the part that refreshes is wanted. A link that htmx follows, and the browser's Back, want the page."""
    return bool(request.htmx) and not request.htmx.boosted and not request.htmx.history_restore_request


def page_or_part(request: Request, template: str, part: str) -> str:
    """The template of a page, or of its part."""
    return f"{template}#{part}" if wants_part(request) else template
