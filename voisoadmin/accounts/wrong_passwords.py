"""How many wrong passwords are too many, counted in the database because several processes serve pages.

allauth's own limits use the cache, which here is separate for each process, and sleep while another request holds the
lock of a counter; they also lock out a person whose account others guess.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Max
from django.utils.crypto import salted_hmac

from voisoadmin.accounts.models import SignInFailure, User


@dataclass(frozen=True, slots=True)
class Limit:
    failures: int
    within: timedelta


OF_A_PAIR = Limit(10, timedelta(minutes=15))  # one user from one address, or from one known browser
OF_AN_ADDRESS = Limit(20, timedelta(minutes=10))  # different users: an office shares an address, a guesser tries names
OF_AN_ACCOUNT = Limit(100, timedelta(hours=1))  # from everywhere together
LONGEST = max(limit.within for limit in (OF_A_PAIR, OF_AN_ADDRESS, OF_AN_ACCOUNT))


@dataclass(frozen=True, kw_only=True, slots=True)
class Try:
    """One attempt: a password for a name."""

    account: str
    address: str  # as counted (`network_of`); empty if unknown, and then not counted
    browser: str = ""  # the ID of a known browser
    is_known: bool = False

    def wait(self, at: datetime) -> int:
        """Seconds until it may be made; 0: now."""
        until = max(filter(None, self._ends(at)), default=at)
        return max(0, math.ceil((until - at).total_seconds()))

    def _ends(self, at: datetime) -> list[datetime | None]:
        of_account = SignInFailure.objects.filter(account=self.account)
        if self.is_known:
            return [_end(OF_A_PAIR, of_account.filter(browser=self.browser), at)]
        if not self.address:
            return [_end(OF_AN_ACCOUNT, of_account, at)]
        return [
            _end(OF_A_PAIR, of_account.filter(address=self.address), at),
            _end(OF_AN_ACCOUNT, of_account, at),
            _end_for_names(OF_AN_ADDRESS, self.address, at),
        ]

    def count(self, at: datetime) -> None:
        SignInFailure.objects.create(account=self.account, address=self.address, browser=self.browser, at=at)


def _end(limit: Limit, failures: models.QuerySet[SignInFailure], at: datetime) -> datetime | None:
    """When there will be room for one more; None if there is now."""
    recent = failures.filter(at__gt=at - limit.within).order_by("-at").values_list("at", flat=True)
    return _after(limit, list(recent[limit.failures - 1 : limit.failures]))


def _end_for_names(limit: Limit, address: str, at: datetime) -> datetime | None:
    """The same, counting each user once."""
    recent = SignInFailure.objects.filter(address=address, at__gt=at - limit.within)
    latest = recent.values("account").annotate(latest=Max("at")).order_by("-latest").values_list("latest", flat=True)
    return _after(limit, list(latest[limit.failures - 1 : limit.failures]))


def _after(limit: Limit, oldest_that_counts: list[datetime]) -> datetime | None:
    return oldest_that_counts[0] + limit.within if oldest_that_counts else None


def account_key(user: User | None, name: str) -> str:
    """The key for counting attempts on a name.

    People sometimes type their password in the name field. For a name without a user we keep only 16 bits of a keyed
    hash: enough to distinguish names for an hour, too little to find the word.
    """
    if user is not None:
        return f"user {user.pk}"
    return f"name {salted_hmac('voisoadmin.accounts.wrong_passwords', name, algorithm='sha256').hexdigest()[:4]}"
