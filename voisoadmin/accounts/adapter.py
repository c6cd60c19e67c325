"""Our answers to allauth's questions about accounts."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from voisoadmin.accounts.guarding import check_password
from voisoadmin.accounts.models import User
from voisoadmin.accounts.usernames import fold

WRONG = "Wrong username or password."


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    # One sentence for a wrong name, a wrong password and a deactivated account: nothing shows which names exist.
    error_messages = {**DefaultAccountAdapter.error_messages, "username_password_mismatch": WRONG}

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Applies our limits, not allauth's. Raises TryLater.

        allauth's own also treats a deactivated account differently, which reveals that the password is right.
        """
        name = fold(credentials["username"])

        def check() -> User | None:
            user = authenticate(request, username=name, password=credentials["password"])
            return user if isinstance(user, User) else None

        return check_password(request, name, check)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Only this host; allauth's own would accept every host that may serve the pages."""
        return url_has_allowed_host_and_scheme(url, {self.request.get_host()}, require_https=self.request.is_secure())

    def is_ajax(self, request: HttpRequest) -> bool:
        """Pages answer with pages, whatever a request asks for."""
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """No message: the next page is enough."""
