"""What a role may do. A viewer changes nothing: every method that could is refused, except at the views marked here."""

from collections.abc import Callable
from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from voisoadmin.accounts.models import User

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
ONLY_VIEWS = "You are signed in as a viewer: you see every page of your contact centres, but can't change anything."


class ViewerRefused(PermissionDenied):
    """Its text is shown; that of other refusals may hold anything."""


def open_to_viewers(view: View) -> View:
    """A post that changes nothing of the contact centres: the user's own session and password, or a page that is open."""
    view.is_open_to_viewers = True  # type: ignore[attr-defined]
    return view


def only_for_changes(view: View) -> View:
    """A page that is only a form: a viewer has no use for it."""
    view.is_only_for_changes = True  # type: ignore[attr-defined]
    return view


def changes_something(request: HttpRequest) -> bool:
    """Whether a request that was answered may have changed anything of the contact centres."""
    match = request.resolver_match
    return request.method not in SAFE and not getattr(match and match.func, "is_open_to_viewers", False)


class RoleMiddleware:
    """Decided before the view runs, so that a new form is refused to viewers unless it says otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> None:
        changes = request.method not in SAFE or getattr(view, "is_only_for_changes", False)
        if not changes or getattr(view, "is_open_to_viewers", False):
            return
        if isinstance(request.user, User) and not request.user.may_change:
            raise ViewerRefused(ONLY_VIEWS)
