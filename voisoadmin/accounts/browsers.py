"""Browsers that a user has signed in from before. Passwords are guessed from other browsers."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from voisoadmin.accounts.models import User

KNOWN_FOR = timedelta(days=30)
ACCOUNTS = 10  # the latest ones of a browser that many people share; a cookie has a maximum size
SALT = "voisoadmin.accounts.browsers"


@dataclass(frozen=True, slots=True)
class Browser:
    id: str  # random; empty before the first sign-in
    seen: dict[str, float] = field(default_factory=dict)  # by user, the time of the last sign-in here

    def knows(self, user_id: int, *, at: datetime) -> bool:
        last = self.seen.get(str(user_id))
        return last is not None and at.timestamp() - last < KNOWN_FOR.total_seconds()


def browser_of(request: HttpRequest) -> Browser:
    cookie = request.COOKIES.get(settings.KNOWN_BROWSER_COOKIE_NAME, "")
    try:
        # Only we can sign it, so its format needs no check.
        stored = signing.loads(cookie, salt=SALT, max_age=KNOWN_FOR)
    except signing.BadSignature:
        return Browser("")
    return Browser(stored["id"], stored["seen"])


def remember(response: HttpResponse, request: HttpRequest, user: User, *, at: datetime) -> None:
    """The user has signed in from this browser: for 30 days guessing from elsewhere doesn't lock them out here."""
    browser = browser_of(request)
    seen = dict(sorted({**browser.seen, str(user.pk): at.timestamp()}.items(), key=lambda entry: -entry[1])[:ACCOUNTS])
    response.set_cookie(
        settings.KNOWN_BROWSER_COOKIE_NAME,
        signing.dumps({"id": browser.id or secrets.token_hex(8), "seen": seen}, salt=SALT),
        max_age=KNOWN_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
